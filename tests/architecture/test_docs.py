"""The documentation leads somewhere: no dead link, no forgotten decision, no command that is not there."""

import re

import pytest

from api import cli
from tests.architecture.source import ROOT, short

PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)")
COMMAND = re.compile(r"(?:^|[`/ ])commendo ([a-z]+(?:-[a-z]+)*)", re.MULTILINE)
CODE = re.compile(r"`[^`\n]+`|^```.*?^```", re.MULTILINE | re.DOTALL)
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
