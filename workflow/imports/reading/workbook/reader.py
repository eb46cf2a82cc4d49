"""A workbook read whole: all of its sheets, in their order."""

from collections.abc import Mapping
from typing import Final

from workflow.imports.reading.workbook.package import Package
from workflow.imports.reading.workbook.strings import read_strings
from workflow.imports.reading.workbook.styles import read_styles
from workflow.imports.reading.workbook.worksheet import Book, read_worksheet
from workflow.imports.rows import Table

_SHEET: Final = "worksheet"
_RELATION: Final = "id"
_TRUE: Final = frozenset({"1", "true", "on"})


def read_tables(content: bytes) -> list[Table]:
    """Read every sheet of cells. Raises `NoWorkbookError` for what is no workbook or goes beyond a limit."""
    package = Package(content)
    main = package.main_part()
    related = package.relations(main)
    places = dict(related.values())
    sheets: list[tuple[str, str, bool]] = []
    is_1904 = False

    def begin(tag: str, given: Mapping[str, str]) -> None:
        nonlocal is_1904
        if tag == "workbookPr":
            is_1904 = given.get("date1904") in _TRUE
        elif tag == "sheet":
            sheets.append(
                (given.get("name", ""), _relation(given), given.get("state", "visible") != "visible")
            )

    package.walk(main, begin)
    book = Book(
        read_strings(package, places.get("sharedStrings", "")),
        read_styles(package, places.get("styles", "")),
        is_1904,
    )
    return [
        read_worksheet(package, related[relation][1], title, book, is_hidden=is_hidden)
        for title, relation, is_hidden in sheets
        if related.get(relation, ("", ""))[0] == _SHEET
    ]


def _relation(given: Mapping[str, str]) -> str:
    """Return the id by which a sheet names its part; its prefix is whatever the writer chose."""
    return next((value for name, value in given.items() if name.rpartition(" ")[2] == _RELATION), "")
