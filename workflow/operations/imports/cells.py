"""What the cells of a row mean: words, days, numbers, choices. What cannot be taken is noted."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar

from workflow.domain.errors import InvalidField
from workflow.domain.names import name_search
from workflow.domain.text import normalise
from workflow.operations.imports.bad_cells import BadCells
from workflow.operations.imports.columns import Header, ImportKind, column_of, read_header
from workflow.operations.imports.sheet import Row, Sheet

Choice = TypeVar("Choice")
_ISO: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_VIETNAMESE: Final = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_YEARS: Final = range(1900, 2201)


@dataclass(frozen=True, slots=True)
class Cells:
    """One row with the names of its columns; every question about a cell that fails notes a bad cell."""

    kind: ImportKind
    header: Header
    row: Row
    problems: BadCells

    @property
    def line(self) -> int:
        """Give the line the row begins on."""
        return self.row.line

    def has(self, name: str) -> bool:
        """Tell whether the file has that column: an empty cell says something, no column nothing."""
        return name in self.header.places

    def raw(self, name: str) -> str:
        """Give a cell as it stands, empty where the file has no such column."""
        place = self.header.places.get(name)
        return self.row.cells[place].strip() if place is not None and place < len(self.row.cells) else ""

    def bad(self, name: str, reason: str, value: str | None = None) -> None:
        """Note that this cell cannot be taken."""
        place = self.header.places.get(name)
        word = self.header.words[place] if place is not None else name
        value = self.raw(name) if value is None else value
        self.problems.add(self.line, word, value, reason, order=place or 0)

    def text(self, name: str) -> str:
        """Give the words of a cell in the one spelling that is stored; empty where they cannot be taken."""
        column, raw = column_of(self.kind, name), self.raw(name)
        if not raw:
            if column.is_required:
                self.bad(name, "is required")
            return ""
        if len(raw) > column.longest:
            self.bad(name, f"has {len(raw)} characters; at most {column.longest} are taken")
            return ""
        if not column.has_lines and ("\n" in raw or "\r" in raw):
            self.bad(name, "has a line break; write it on one line")
            return ""
        try:
            return normalise(raw, field=name, single_line=not column.has_lines)
        except InvalidField as problem:
            self.bad(name, problem.errors[0].message)
            return ""

    def day(self, name: str) -> date | None:
        """Give a day written as 2026-12-31 or 31/12/2026, None where there is none or it does not exist."""
        raw = self.text(name)
        if not raw:
            return None
        if found := _ISO.fullmatch(raw):
            year, month, day = map(int, found.groups())
        elif found := _VIETNAMESE.fullmatch(raw):
            day, month, year = map(int, found.groups())
        else:
            self.bad(name, "is no day; write 2026-12-31 or 31/12/2026")
            return None
        try:
            if year not in _YEARS:
                self.bad(name, f"the year must lie between {_YEARS.start} and {_YEARS.stop - 1}")
                return None
            return date(year, month, day)
        except ValueError:
            self.bad(name, "there is no such day")
            return None

    def whole(self, name: str, *, least: int, most: int) -> int | None:
        """Give a whole number, None where there is none or it does not fit."""
        raw = self.text(name)
        if not raw:
            return None
        if not (raw.isascii() and raw.isdigit() and least <= int(raw) <= most):
            self.bad(name, f"must be a whole number from {least} to {most}")
            return None
        return int(raw)

    def choice(self, name: str, choices: Mapping[str, Choice]) -> Choice | None:
        """Give what a word of a cell stands for; case and marks do not count."""
        raw = self.text(name)
        if not raw:
            return None
        found = {name_search(word): meaning for word, meaning in choices.items()}.get(name_search(raw))
        if found is None:
            self.bad(name, f"must be one of {', '.join(choices)}")
        return found

    def words(self, name: str) -> tuple[str, ...]:
        """Give the parts of a cell that are set apart by semicolons or lines, without the empty ones."""
        parts = (part.strip() for part in re.split(r"[;\n]", self.text(name)))
        return tuple(dict.fromkeys(part for part in parts if part))


def rows_of(kind: ImportKind, sheet: Sheet, problems: BadCells) -> tuple[Header, tuple[Cells, ...]]:
    """Give the rows of a file with their columns named. Raises `InvalidImport` for a wrong header."""
    header = read_header(kind, sheet.header, problems)
    problems.demand_none()
    for cell, place in sheet.broken:
        word = header.words[place] if place < len(header.words) else cell.column
        problems.add(cell.line, word, cell.value, cell.reason, order=place)
    return header, tuple(_rows(kind, header, sheet, problems))


def _rows(kind: ImportKind, header: Header, sheet: Sheet, problems: BadCells) -> Iterator[Cells]:
    width = len(header.words)
    broken = {cell.line for cell, _ in sheet.broken}
    for row in sheet.rows:
        for place, value in enumerate(row.cells[width:], start=width + 1):
            if value:
                problems.add(
                    row.line, f"column {place}", value, "no column of the header stands above it", order=place
                )
        # What else is wrong with a row that the spreadsheet could not compute is not worth naming.
        if row.line not in broken:
            yield Cells(kind, header, row, problems)
