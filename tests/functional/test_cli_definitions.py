"""Definitions on the command line: looked at, refused by line, published once, shown and drawn."""

import json
from pathlib import Path

import pytest

from tests.functional.test_cli import ROOT, Run, answer, problems, run

__all__ = ["run"]
SHIPPED = ROOT / "workflow" / "definitions"


def test_shipped_definitions_are_fine_and_a_broken_one_is_named_by_line(run: Run, tmp_path: Path) -> None:
    files = sorted(map(str, SHIPPED.glob("s*.yaml")))
    assert answer(run("workflow", "check", *files, "--json")) == {"problems": []}
    broken = tmp_path / "broken.yaml"
    text = (SHIPPED / "simplified.yaml").read_text(encoding="utf-8").replace("unit_reviewer@", "reviewer@")
    broken.write_text(text, encoding="utf-8")
    lines = problems(run("workflow", "check", str(broken)))
    assert len(lines) >= 2
    assert all(line.startswith(f"{broken}:") and line.split(":")[1].isdecimal() for line in lines)
    assert problems(run("workflow", "publish", str(broken))) == lines


def test_a_version_with_other_content_is_found_before_it_is_published(run: Run, tmp_path: Path) -> None:
    text = (SHIPPED / "simplified.yaml").read_text(encoding="utf-8")
    changed, first, second = (tmp_path / f"{name}.yaml" for name in ("changed", "first", "second"))
    changed.write_text(text.replace("3 working_days", "4 working_days"), encoding="utf-8")
    first.write_text(text.replace("version: 3", "version: 4"), encoding="utf-8")
    second.write_text(first.read_text("utf-8").replace("3 working_days", "4 working_days"), encoding="utf-8")
    assert run("workflow", "check", str(first), str(first)).exit_code == 0
    result = run("workflow", "check", *map(str, (changed, first, second)), "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["problems"] == [
        {
            "file": str(file),
            "line": 1,
            "message": f"version {version} of 'simplified' has other content in {where}; raise the version",
        }
        for file, version, where in ((changed, 3, "what ships"), (second, 4, first))
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"key: \xff\xfe", ":1: is not UTF-8: the byte 0xFF"), (b"#" * 1_100_000, "is larger than 1024 KB")],
)
def test_a_file_that_is_no_definition_at_all_is_a_problem_too(
    run: Run, tmp_path: Path, content: bytes, says: str
) -> None:
    path = tmp_path / "strange.yaml"
    path.write_bytes(content)
    [line] = problems(run("workflow", "check", str(path)))
    assert says in line


def test_a_definition_is_published_once_shown_and_drawn(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "short.yaml"
    text = (SHIPPED / "simplified.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace("version: 3", "version: 4"), encoding="utf-8")
    assert answer(run("workflow", "publish", str(path), "--json"))["is_new"] is True
    assert answer(run("workflow", "publish", str(path), "--json"))["is_new"] is False
    assert answer(run("workflow", "show", "simplified", "--json"))["version"] == 4
    shown = run("workflow", "show", "simplified", "--version", "3", "--locale", "vi").stdout
    assert "Quy trình rút gọn" in shown
    assert "approve -> decision: Nhất trí đề nghị, by unit_reviewer@subject.unit [not_own_subject]" in shown
    assert run("workflow", "diagram", "standard").stdout.startswith("stateDiagram-v2")
    path.write_text(path.read_text(encoding="utf-8").replace("3 working_days", "4 working_days"), "utf-8")
    [line, *_] = problems(run("workflow", "publish", str(path)))
    assert "version" in line
    [line] = problems(run("workflow", "show", "nothing"))
    assert line.startswith("No version of the definition 'nothing' is published; known are annual, ")
    assert problems(run("workflow", "show", "simplifed")) == [
        "No version of the definition 'simplifed' is published; did you mean 'simplified'?"
    ]
