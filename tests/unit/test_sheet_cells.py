"""On a telephone a row of a printed table becomes a card: without labels nobody knows what a cell says."""

import re

from tests.architecture.source import ROOT

PAGES = ROOT / "api" / "pages" / "templates" / "pages"


def test_each_cell_of_a_printed_table_says_what_it_is() -> None:
    for name in ("agenda", "ballot", "minutes"):
        text = (PAGES / f"{name}.html").read_text(encoding="utf-8")
        assert re.findall(r"<td(?![^>]*data-label)[^>]*>", text) == [], name
