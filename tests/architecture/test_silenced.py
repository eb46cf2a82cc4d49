"""Whoever silences a gate says why beside it, so that the next reader can tell when it may go."""

import io
import re
import tokenize

import pytest

from tests.architecture.source import found_in, python_files

SILENCED = re.compile(r"#\s*(?:noqa|type:\s*ignore|(?:ruff|flake8|mypy):\s)", re.IGNORECASE)
# The codes, then a reason. What silences a gate for a whole file stands in pyproject.toml, with its reason.
WITH_REASON = re.compile(
    r"# noqa: [A-Z]+[0-9]+(?:, [A-Z]+[0-9]+)* - \w.{4,}"
    r"|# type: ignore\[[a-z-]+(?:, ?[a-z-]+)*\] {1,2}# (?!noqa|type:).{5,}"
)


def bare(text: str) -> list[str]:
    """Return what silences a gate in a file and does not say why."""
    comments = [
        token
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type == tokenize.COMMENT
    ]
    return [
        f"line {token.start[0]}: {token.string}"
        for token in comments
        if len(SILENCED.findall(token.string)) > len(WITH_REASON.findall(token.string))
    ]


def test_whoever_silences_a_gate_says_why():
    files = python_files("workflow", "tasks", "api", "tests", "docs")
    assert found_in(files, lambda path: bare(path.read_text(encoding="utf-8"))) == {}


@pytest.mark.parametrize(
    "line",
    [
        "import os  # noqa",
        "import os  # noqa: F401",
        "import os  # noqa: F401 -",
        "x = 1  # type: ignore",
        "x = 1  # type: ignore[misc]",
        "x = 1  # type: ignore[misc]  # noqa: F401 - a reason for the second alone",
        "# ruff: noqa: F401",
        "# mypy: ignore-errors",
    ],
)
def test_one_without_a_reason_would_be_found(line):
    assert bare(f"{line}\n") == [f"line 1: {line[line.index('#') :]}"]


def test_a_reason_is_enough_and_a_text_is_no_comment():
    lines = (
        "import os  # noqa: F401, E402 - the fixture is found by its name",
        "x = 1  # type: ignore[misc]  # the library ships no types",
        "x = '# noqa'",
    )
    assert bare("\n".join(lines)) == []
