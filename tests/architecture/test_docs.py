"""The documentation leads somewhere: no dead link, no forgotten decision, no command that is not there."""

import re
from fnmatch import fnmatch

import pytest

from api import cli
from tests.architecture.source import ROOT, project_files, short

TOP = ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")
PAGES = [*(ROOT / name for name in TOP), *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)")
COMMAND = re.compile(r"(?:^|[`/ ])commendo ([a-z]+(?:-[a-z]+)*)", re.MULTILINE)
CODE = re.compile(r"`[^`\n]+`|^```.*?^```", re.MULTILINE | re.DOTALL)
# A Python file, or something with folders before it that begins with one of ours.
PATH = re.compile(r"`((?:[\w.-]+/)+[\w.*-]*|\w+\.py)`")
ROOMS = ("", "workflow/", "api/", "docs/")
FILES = [short(path) for path in project_files()]
DECISIONS = sorted((ROOT / "docs/adr").glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_every_link_leads_to_a_file(page):
    targets = LINK.findall(page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=short)
def test_every_command_that_a_page_names_exists(page):
    code = "\n".join(CODE.findall(page.read_text(encoding="utf-8")))
    known = set(cli.commendo.list_commands(None))
    assert set(COMMAND.findall(code)) - known == set()


def absent(text: str) -> list[str]:
    """Return the paths of ours in a page's text that lead nowhere; a file may be named without its folder."""
    ours = {file.removeprefix(room).split("/")[0] for room in ROOMS for file in FILES}
    named = [path for path in PATH.findall(text) if "/" not in path or path.split("/")[0] in ours]
    return [path for path in named if not any(_leads(path, file) for file in FILES)]


def _leads(path: str, file: str) -> bool:
    if "/" not in path:
        return file.endswith(f"/{path}")
    whole = f"{path}*" if path.endswith("/") else path
    return any(fnmatch(file, f"{room}{whole}") or fnmatch(file, f"{room}{path}/*") for room in ROOMS)


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "CHANGELOG.md"], ids=short)
def test_every_file_that_a_page_names_is_there(page):
    assert absent(page.read_text(encoding="utf-8")) == []


def test_a_file_that_is_gone_would_be_found():
    assert absent("`operations/nowhere.py`, `gone.py`, `domain/rights/`, `decide.py`, `1/2`") == [
        "operations/nowhere.py",
        "gone.py",
    ]


@pytest.mark.parametrize("decision", DECISIONS, ids=short)
def test_every_decision_is_in_the_index_and_says_what_follows(decision):
    text = decision.read_text(encoding="utf-8")
    number = int(decision.name[:4])
    assert f"](adr/{decision.name})" in (ROOT / "docs/index.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {number}. ")
    assert "## What follows" in text


def test_the_decisions_are_numbered_without_a_gap():
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))


def test_every_target_that_the_readme_names_is_in_the_makefile():
    named = set(re.findall(r"\bmake ([a-z-]+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    made = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert named
    assert named - made == set()


def test_nine_files_at_most_tell_how_an_approval_travels():
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    [section] = re.findall(r"^## How an approval travels\n(.*?)^## ", text, re.MULTILINE | re.DOTALL)
    named = set(re.findall(r"`([\w/]+\.py)`", section))
    assert 0 < len(named) <= 9, named
    assert [path for path in named if not (ROOT / path).is_file()] == []
