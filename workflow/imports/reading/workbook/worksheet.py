"""One sheet of a workbook as it is seen: merged cells hold their value in each row, hidden ones are known."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from workflow.imports.reading.workbook.package import NoWorkbookError, Package
from workflow.imports.reading.workbook.strings import MOST_CELLS, Collector, RichText, unescaped
from workflow.imports.reading.workbook.styles import Styles
from workflow.imports.reading.workbook.values import (
    error_cell,
    formula_cell,
    iso_cell,
    logical_cell,
    number_cell,
    words_cell,
)
from workflow.imports.rows import Cell, Row, Table

MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 60
_PLACE: Final = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_COUNTED: Final = frozenset({"c", "row", "mergeCell", "r", "rPh"})
_TRUE: Final = frozenset({"1", "true", "on"})


@dataclass(frozen=True, slots=True)
class Book:
    """What the sheets of a workbook have in common."""

    strings: list[RichText]
    styles: Styles
    is_1904: bool


@dataclass(frozen=True, slots=True)
class _Area:
    """A merged range, from the first to the last line and column."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(slots=True)
class _Reader:
    """Takes the elements of a sheet; `rows` are the cells that hold something, by line and place from 0."""

    book: Book
    rows: dict[int, dict[int, Cell]] = field(default_factory=dict)
    areas: list[_Area] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    line: int = 0
    place: int = -1
    kind: str = ""
    style: int = 0
    inside: str = ""
    value: list[str] | None = None
    formula: list[str] | None = None
    inline: Collector | None = None

    def begin(self, tag: str, given: Mapping[str, str]) -> None:
        """Note the beginning of an element."""
        if tag == "c":
            self._begin_cell(given)
        elif self.inline is not None:
            self.inline.begin(tag, given)
        elif tag == "v":
            self.inside, self.value = tag, []
        elif tag == "f":
            self.inside, self.formula = tag, []
        elif tag == "is":
            self.inline = Collector()
        elif tag == "row":
            self._begin_row(given)
        elif tag == "col":
            self._note_column(given)
        elif tag == "mergeCell" and (area := _area(given.get("ref", ""))) is not None:
            self.areas.append(area)

    def end(self, tag: str) -> None:
        """Note the end of an element."""
        self.inside = ""
        if tag == "c":
            self._end_cell()
        elif self.inline is not None:
            self.inline.end(tag)

    def characters(self, text: str) -> None:
        """Note characters of a value, a formula or a text of its own."""
        if self.inline is not None:
            self.inline.characters(text)
        elif self.inside == "v" and self.value is not None:
            self.value.append(text)
        elif self.inside == "f" and self.formula is not None:
            self.formula.append(text)

    def _begin_row(self, given: Mapping[str, str]) -> None:
        number = given.get("r", "")
        self.line = int(number) if number.isascii() and number.isdigit() else self.line + 1
        self.place = -1
        if given.get("hidden") in _TRUE or _is_zero(given.get("ht")):
            self.hidden_rows.add(self.line)

    def _begin_cell(self, given: Mapping[str, str]) -> None:
        found = _PLACE.fullmatch(given.get("r", ""))
        self.place = _column(found[1]) if found else self.place + 1
        style = given.get("s", "0")
        self.kind, self.style = given.get("t", "n"), int(style) if style.isascii() and style.isdigit() else 0
        self.value = self.formula = self.inline = None

    def _end_cell(self) -> None:
        cell = self._cell()
        self.value = self.formula = self.inline = None
        if not (cell.text or cell.trouble):
            return
        if self.place >= MOST_COLUMNS:
            raise NoWorkbookError(
                f"it has more than {MOST_COLUMNS} columns, in line {self.line}; keep those that are meant"
            )
        if self.line > MOST_ROWS + 1:
            raise NoWorkbookError(f"it has more than {MOST_ROWS} rows; split it")
        self.rows.setdefault(self.line, {})[self.place] = cell

    def _cell(self) -> Cell:
        code, font = self.book.styles.format_of(self.style), self.book.styles.font_of(self.style)
        if self.inline is not None:
            return words_cell(self.inline.words(), code, font)
        stored = None if self.value is None else "".join(self.value)
        if self.formula is not None and (stored is None or (not stored and self.kind != "str")):
            return formula_cell("".join(self.formula))
        if not stored:
            return Cell("")
        kinds: dict[str, Callable[[], Cell]] = {
            "s": lambda: words_cell(self._shared(stored), code, font),
            "str": lambda: words_cell(RichText(unescaped(stored)), code, font),
            "b": lambda: logical_cell(stored),
            "e": lambda: error_cell(stored),
            "d": lambda: iso_cell(stored, code),
        }
        read = kinds.get(self.kind)
        return read() if read else number_cell(stored, code, is_1904=self.book.is_1904)

    def _shared(self, stored: str) -> RichText:
        place = int(stored) if stored.isascii() and stored.isdigit() else -1
        if not 0 <= place < len(self.book.strings):
            raise NoWorkbookError(
                "it is no workbook that can be read: a cell's text is missing; save it again as XLSX"
            )
        return self.book.strings[place]

    def _note_column(self, given: Mapping[str, str]) -> None:
        if given.get("hidden") in _TRUE or _is_zero(given.get("width")):
            least, most = given.get("min", ""), given.get("max", "")
            if least.isdigit() and most.isdigit():
                self.hidden_columns.append((int(least) - 1, int(most) - 1))


def read_worksheet(package: Package, name: str, title: str, book: Book, *, is_hidden: bool) -> Table:
    """Read one sheet. Raises `NoWorkbookError` beyond the limits of rows, columns and cells."""
    reader = _Reader(book)
    package.walk(name, reader.begin, reader.end, reader.characters, most=MOST_CELLS, counted=_COUNTED)
    hidden = {
        place
        for cells in reader.rows.values()
        for place in cells
        if any(least <= place <= most for least, most in reader.hidden_columns)
    }
    lines, reaches = _merge(reader.rows, reader.areas)
    rows = [_row(line, reader.rows[line], reaches, reader.hidden_rows) for line in lines]
    return Table(title, tuple(rows), is_hidden=is_hidden, hidden_columns=frozenset(hidden))


def _merge(rows: dict[int, dict[int, Cell]], areas: list[_Area]) -> tuple[list[int], dict[int, int]]:
    """Put the value of each merged range into its rows; return the lines that hold something of their own.

    What lies under a merged cell is not seen and goes; a line with nothing but the end of one is empty.
    """
    lines = sorted(rows)
    own = {line: len(rows[line]) for line in lines}
    reaches: dict[int, int] = {}
    for area in areas:
        anchor = rows.get(area.top, {}).get(area.left)
        width = area.right - area.left + 1
        for line in lines[bisect_left(lines, area.top) : bisect_right(lines, area.bottom)]:
            cells = rows[line]
            for place in [place for place in cells if area.left <= place <= area.right]:
                if (line, place) != (area.top, area.left):
                    del cells[place]
                    own[line] -= 1
            if anchor is not None:
                cells[area.left] = replace(anchor, width=width) if width > 1 else anchor
        if anchor is not None and area.bottom > area.top:
            reaches[area.top] = max(area.bottom, reaches.get(area.top, 0))
    return [line for line in lines if own[line] > 0], reaches


def _row(line: int, cells: Mapping[int, Cell], reaches: Mapping[int, int], hidden: Container[int]) -> Row:
    texts = tuple(cells[place].text if place in cells else "" for place in range(max(cells) + 1))
    special = {place: cell for place, cell in cells.items() if cell.is_special}
    return Row(line, texts, special, reaches.get(line, 0), line in hidden)


def _area(reference: str) -> _Area | None:
    first, _, last = reference.partition(":")
    one, other = _PLACE.fullmatch(first), _PLACE.fullmatch(last or first)
    if one is None or other is None:
        return None
    return _Area(int(one[2]), _column(one[1]), int(other[2]), _column(other[1]))


def _column(letters: str) -> int:
    """Return the place of a column, 0 for A."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _is_zero(size: str | None) -> bool:
    try:
        return size is not None and float(size) == 0
    except ValueError:
        return False
