"""Every command is done in the browser too, or says why not: `docs/operations.md` has the one table."""

import re
from collections.abc import Iterator

import click
import pytest

from api.cli import commendo
from tests.architecture.source import ROOT
from tests.architecture.test_edge import APP

HEAD = "### What the command line does, and where the browser does it"
WITHOUT = "none: "


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[str]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        elif command is not None and not command.hidden:
            yield " ".join((*path, name))


def table() -> list[tuple[list[str], str]]:
    """Return the rows: which commands, and what is said of their pages."""
    text = (
        (ROOT / "docs" / "operations.md").read_text(encoding="utf-8").split(HEAD, 1)[1].split("\n## ", 1)[0]
    )
    rows = [line.strip("| ").split(" | ") for line in text.splitlines() if line.startswith("| `")]
    return [(re.findall(r"`([^`]+)`", names), pages) for names, pages in rows]


def pages() -> list[re.Pattern[str]]:
    rules = [rule.rule for rule in APP.url_map.iter_rules() if "GET" in (rule.methods or ())]
    return [re.compile("[^/]+".join(map(re.escape, re.split(r"<[^>]+>", rule)))) for rule in rules]


def test_every_command_stands_in_the_table_once_and_no_other() -> None:
    listed = [name for names, _ in table() for name in names]
    assert sorted(listed) == sorted(commands(commendo))


@pytest.mark.parametrize(("names", "said"), table(), ids=lambda value: str(value)[:40])
def test_each_names_a_page_that_there_is_or_why_there_is_none(names: list[str], said: str) -> None:
    if said.startswith(WITHOUT):
        assert len(said) > len(WITHOUT) + 20
        return
    found = re.findall(r"`(/[^`]+)`", said)
    assert found
    known = pages()
    for page in found:
        assert any(one.fullmatch(page) for one in known), page
