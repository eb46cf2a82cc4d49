"""What the cells of a row mean: words, days, numbers, choices. What cannot be taken is noted."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, TypeVar

from workflow.domain.errors import InvalidField
from workflow.domain.names import name_search
from workflow.domain.text import normalise
from workflow.imports.reading.bad_cells import BadCells
from workflow.imports.reading.columns import HeaderRow, ImportKind, column_of, columns_named, read_header
from workflow.imports.reading.sheet import Sheet
from workflow.imports.rows import Cell, Row

Choice = TypeVar("Choice")
# Year first or day first; a time of midnight is how programs write a day.
_MIDNIGHT: Final = r"(?:[T ]0{1,2}:00(?::00(?:\.0+)?)?)?"
_YEAR_FIRST: Final = re.compile(rf"([0-9]{{4}})[-/.]([0-9]{{1,2}})[-/.]([0-9]{{1,2}}){_MIDNIGHT}")
_DAY_FIRST: Final = re.compile(rf"([0-9]{{1,2}})[/.-]([0-9]{{1,2}})[/.-]([0-9]{{4}}){_MIDNIGHT}")
_WITH_TIME: Final = re.compile(r"[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}[T ][0-9]{1,2}:.*")
# How spreadsheets count the days of 1960 to 2119, from 1900; those that count from 1904 mean another day.
_SERIAL: Final = re.compile(r"[2-7][0-9]{4}(?:\.0+)?")
_COUNTED_FROM: Final = date(1899, 12, 30)
_YEARS: Final = range(1900, 2201)
_LONGEST_NUMBER: Final = 18


@dataclass(frozen=True, slots=True)
class Cells:
    """One row with the names of its columns; every question about a cell that fails notes a bad cell."""

    kind: ImportKind
    header: HeaderRow
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

    def special(self, name: str) -> Cell | None:
        """Give what is known of a cell beyond its text, None where that says all."""
        place = self.header.places.get(name)
        return self.row.special.get(place) if place is not None else None

    def bad(self, name: str, reason: str, value: str | None = None) -> None:
        """Note that this cell cannot be taken."""
        place = self.header.places.get(name)
        word = self.header.words[place] if place is not None else name
        value = self.raw(name) if value is None else value
        self.problems.add(self.line, word, value, reason, order=place or 0)

    def text(self, name: str) -> str:
        """Give the words of a cell in the one spelling that is stored; empty where they cannot be taken."""
        column, raw, special = column_of(self.kind, name), self.raw(name), self.special(name)
        if special is not None and special.trouble:
            self.bad(name, special.trouble)
            return ""
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
        special = self.special(name)
        if special is not None and special.no_day:
            self.bad(name, special.no_day)
            return None
        if special is not None and special.day is not None:
            return self._within_years(name, special.day)
        raw = self.text(name)
        if not raw:
            return None
        if found := _YEAR_FIRST.fullmatch(raw):
            year, month, day = map(int, found.groups())
        elif found := _DAY_FIRST.fullmatch(raw):
            day, month, year = map(int, found.groups())
        else:
            self.bad(name, _no_day(raw))
            return None
        try:
            return self._within_years(name, date(year, month, day))
        except ValueError:
            self.bad(name, "there is no such day; days are written 31/12/2026 or 2026-12-31")
            return None

    def _within_years(self, name: str, day: date) -> date | None:
        if day.year in _YEARS:
            return day
        self.bad(name, f"the year must lie between {_YEARS.start} and {_YEARS.stop - 1}")
        return None

    def whole(self, name: str, *, least: int, most: int, sign: str = "") -> int | None:
        """Give a whole number, perhaps with a sign behind it; None where there is none or it does not fit."""
        special, seen = self.special(name), self.raw(name)
        if sign and seen.endswith(sign):
            raw = seen.removesuffix(sign).rstrip()
        else:
            raw = special.number if special is not None and special.number else self.text(name)
        if not raw:
            return None
        is_whole = raw.isascii() and raw.isdigit() and len(raw) <= _LONGEST_NUMBER
        if not (is_whole and least <= int(raw) <= most):
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
            known = [word for word in choices if word.isascii() or self.problems.locale != "en"]
            self.bad(name, f"must be one of {', '.join(known)}")
        return found

    def words(self, name: str) -> tuple[str, ...]:
        """Give the parts of a cell that are set apart by semicolons or lines, without the empty ones."""
        parts = (part.strip() for part in re.split(r"[;\n]", self.text(name)))
        return tuple(dict.fromkeys(part for part in parts if part))


def rows_of(kind: ImportKind, sheet: Sheet, problems: BadCells) -> tuple[HeaderRow, tuple[Cells, ...]]:
    """Give the rows of a file with their columns named. Raises `InvalidImport` for a wrong header."""
    used = {place for row in sheet.rows for place, value in enumerate(row.cells) if value}
    header = read_header(kind, sheet.header, used, problems)
    if sheet.title and not columns_named(kind, sheet.header.cells)[1]:
        reason = "no sheet names every column that is needed, this one neither"
        problems.add(0, f"sheet '{sheet.title}'", "", reason)
    problems.demand_none()
    _name_hidden(header, sheet, problems)
    return header, tuple(_rows(kind, header, sheet, problems))


def _rows(kind: ImportKind, header: HeaderRow, sheet: Sheet, problems: BadCells) -> Iterator[Cells]:
    for row in sheet.rows:
        if told := _no_data(row, header):
            problems.add(row.line, "", "", told)
            continue
        _name_strays(row, header, problems)
        yield Cells(kind, header, row, problems)


def _no_data(row: Row, header: HeaderRow) -> str:
    """Tell what a row is that belongs to the form and not to what it lists, nothing where it is data."""
    filled = [cell for cell in row.cells if cell]
    if len(filled) > 1 and filled == [word for word in header.words if word]:
        return "is the header again; remove the row"
    numbers = [str(number) for number in range(1, len(filled) + 1)]
    if len(filled) > 1 and [cell.strip("() ") for cell in filled] == numbers:
        return "numbers the columns and lists nothing; remove the row"
    return ""


def _name_strays(row: Row, header: HeaderRow, problems: BadCells) -> None:
    """Name the cells under no column, and those that are merged over two columns and can mean only one."""
    width = len(header.words)
    for place, value in enumerate(row.cells[width:], start=width):
        if value:
            problems.add(
                row.line, f"column {place + 1}", value, "no column of the header stands above it", order=place
            )
    for place, cell in row.special.items():
        words = [word for word in header.words[place : place + cell.width] if word]
        if cell.width > 1 and len(words) > 1:
            reason = f"is merged over the columns {' and '.join(words)}; give each its own cell"
            problems.add(row.line, words[0], cell.text, reason, order=place)


def _name_hidden(header: HeaderRow, sheet: Sheet, problems: BadCells) -> None:
    """Name columns and rows that hold values nobody sees: to take them or to leave them may both be wrong."""
    for place in sorted(sheet.hidden_columns):
        word = next(iter(header.words[place : place + 1]), "") or f"column {place + 1}"
        problems.add(sheet.header.line, word, "", "the column is hidden; show it, or delete it", order=place)
    for row in sheet.rows:
        if row.is_hidden:
            reason = "the row is hidden, perhaps by a filter; show it, or delete it"
            problems.add(row.line, "", "", reason)


def _no_day(raw: str) -> str:
    """Say why a text is no day, and what to write instead."""
    if _WITH_TIME.fullmatch(raw):
        return "has a time of day; write the day alone, as 2026-12-31 or 31/12/2026"
    if _SERIAL.fullmatch(raw):
        day = _COUNTED_FROM + timedelta(days=int(raw.partition(".")[0]))
        return f"is how a spreadsheet counts days, {day:%d/%m/%Y} if from 1900; write the day itself"
    return "is no day; write 2026-12-31 or 31/12/2026"
