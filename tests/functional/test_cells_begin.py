"""A cell of a table and a line in it begin with a capital: beside others that do, one without looks cut."""

import fnmatch
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import pytest

from api.catalogue import catalogue
from api.pages.routes import pages

TEMPLATES = Path(pages.root_path) / "templates"
_CELL = re.compile(r"<(td|dd|th)\b(?:[^>{]|\{\{.*?\}\}|\{%.*?%\})*>(.*?)</\1>", re.DOTALL)
_PIECE = re.compile(
    r"\{%-?\s*(\w+).*?%\}|\{\{-?\s*(.*?)\s*-?\}\}|(<(?:[^>{]|\{\{.*?\}\}|\{%.*?%\})*>)", re.DOTALL
)
# What begins a line of its own inside a cell.
_BREAKS = re.compile(r"</?(?:br|p|li|ul|div|dt|dd|details|summary)\b")
# Words by a whole key, or by one whose end is told while the page is written (`"board.status_" ~ ...`).
_WORD = re.compile(r'(?<![\w=])t\("([a-z_.]+)"(\s*~)?')


def first_words(cell: str) -> Iterator[str]:
    """Give the keys of the words with which a cell, or a line in it, begins on some way through it."""
    has_begun, forks = False, list[bool]()
    place = 0
    for piece in _PIECE.finditer(cell):
        has_begun = has_begun or bool(cell[place : piece.start()].strip())
        place = piece.end()
        control, shown, tag = piece.groups()
        if control == "if":
            forks.append(has_begun)
        elif control in {"elif", "else"} and forks:
            has_begun = forks[-1]
        elif control == "endif" and forks:
            forks.pop()
        elif shown is not None:
            if not has_begun and not shown.startswith("opening("):
                # What is a parameter of other words (`day=t(...)`) begins nothing.
                found = _WORD.findall(shown)
                yield from (key + "*" if end and key.endswith("_") else key for key, end in found)
            has_begun = True
        elif tag and _BREAKS.match(tag):
            has_begun = False


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_a_cell_begins_with_a_capital(locale: str) -> None:
    words, found = catalogue(locale), []
    for path in sorted(TEMPLATES.rglob("*.html")):
        for cell in _CELL.finditer(path.read_text("utf-8")):
            begins = [fnmatch.filter(words, pattern) for pattern in first_words(cell[2])]
            found += [
                f"{path.name}: {key}: {words[key]}" for key in chain(*begins) if words[key][:1].islower()
            ]
    assert found == []


def test_what_begins_a_cell_is_found_on_every_way_through_it() -> None:
    cell = (
        '{% if a %}{{ t("x.one", at=moment(b)) }}{% elif c %}{{ d }}, {{ t("x.two") }}{% else %}'
        '<span class="{{ e }}">{{ f or t("x.three") }}</span>{% endif %}<br>'
        '{{ t("x.four_" ~ g) }} {{ t("x.five") }}'
    )
    assert list(first_words(cell)) == ["x.one", "x.three", "x.four_*"]
