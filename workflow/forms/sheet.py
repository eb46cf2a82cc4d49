"""A workbook filled: each field takes its value, and the row that speaks of a row of the list is repeated.

Text stays text whatever it begins with. A form holds no formula: those below the list would speak of other
cells once it has grown, and one made of a field would be somebody's name run.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from typing import Any, Final

from openpyxl import load_workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.worksheet import Worksheet

from workflow.forms.refused import NOT_IN_XML, Fields, FormRefusedError, both_names, twice_named
from workflow.forms.sandbox import unknown_field

_FIELD: Final = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_NAME: Final = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)?")
_UNCLEAN: Final = re.compile(NOT_IN_XML)
_MOST_ROWS: Final = 500
_MOST_COLUMNS: Final = 200
_BROKEN: Final = (
    InvalidFileException,
    zipfile.BadZipFile,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
)


def fill_sheet(content: bytes, fields: list[list[Any]], data: Mapping[str, Any]) -> bytes:
    """Return a workbook with its fields filled. Raises `FormRefusedError` for a form that cannot be."""
    written = io.BytesIO()
    try:
        book = load_workbook(io.BytesIO(content))
        fillings = [_Filling(sheet, fields, data).fill() for sheet in book.worksheets]
        book.save(written)
    except _BROKEN as error:
        raise FormRefusedError("unreadable") from error
    if not any(fillings):
        raise FormRefusedError("empty")
    return written.getvalue()


class _Filling:
    """One sheet of a form, and what its fields may name."""

    def __init__(self, sheet: Worksheet, fields: list[list[Any]], data: Mapping[str, Any]) -> None:
        self._sheet = sheet
        named = twice_named(data, fields)
        # What is outside every list, and each list with the fields of its rows by what a row of it is called.
        self._words: Fields = {name: None for name, inside in both_names(fields).items() if inside is None}
        self._data: Mapping[str, Any] = named
        self._lists = {
            row: (name, tuple(each), both_names(inside)) for name, _, each, inside in fields for row in each
        }

    def fill(self) -> bool:
        """Fill the sheet; tell whether it had a field."""
        if self._sheet.max_row > _MOST_ROWS or self._sheet.max_column > _MOST_COLUMNS:
            raise FormRefusedError("wide", rows=str(_MOST_ROWS), columns=str(_MOST_COLUMNS))
        is_filled = False
        listed: dict[int, str] = {}
        for cell in self._cells(1, self._sheet.max_row):
            for name in self._names(cell):
                is_filled = True
                row = self._row_of(cell, name)
                if row and listed.setdefault(cell.row, row) != row:
                    raise FormRefusedError("two_lists", cell=cell.coordinate)
        if len(listed) > 1:
            raise FormRefusedError("two_lists", cell=f"A{max(listed)}")
        for cell in self._cells(1, self._sheet.max_row):
            if cell.row not in listed:
                _put(cell, self._data)
        for at, row in listed.items():
            self._repeat(
                at, self._data[row], next(each for name, each, _ in self._lists.values() if name == row)
            )
        return is_filled

    def _cells(self, first: int, last: int) -> Iterator[Cell]:
        for row in self._sheet.iter_rows(min_row=first, max_row=last):
            yield from (cell for cell in row if not isinstance(cell, MergedCell))

    def _names(self, cell: Cell) -> Sequence[str]:
        if cell.data_type == "f" or not isinstance(cell.value, str | int | float | None):
            if cell.data_type == "f" or "formula" in type(cell.value).__name__.lower():
                raise FormRefusedError("formula", cell=cell.coordinate)
            return ()
        if not isinstance(cell.value, str):
            return ()
        names = _FIELD.findall(cell.value)
        left = _FIELD.sub("", cell.value)
        wrong = next((name for name in names if not _NAME.fullmatch(name)), None)
        if wrong is not None or "{{" in left or "{%" in left:
            what = wrong if wrong is not None else left.strip()[:60]
            raise FormRefusedError("not_allowed", what=f"{what} ({cell.coordinate})")
        return names

    def _row_of(self, cell: Cell, said: str) -> str:
        """Return which list a field belongs to, blank for a word; raise where there is no such field."""
        row, _, name = said.rpartition(".")
        known = self._lists[row][2] if row in self._lists else ({} if row else self._words)
        if row and row not in self._lists:
            raise unknown_field(row, f"{said} ({cell.coordinate})", dict.fromkeys(self._lists))
        if known.get(name, "") is not None:
            plain = {one: None for one, inside in known.items() if inside is None}
            raise unknown_field(name, f"{said} ({cell.coordinate})", plain)
        return self._lists[row][0] if row else ""

    def _repeat(self, at: int, rows: Sequence[Mapping[str, Any]], called: Sequence[str]) -> None:
        sheet, more = self._sheet, max(len(rows) - 1, 0)
        columns = [cell for cell in sheet[at] if not isinstance(cell, MergedCell)]
        words = [cell.value for cell in columns]
        across = self._make_room(at, more)
        height = sheet.row_dimensions[at].height
        for place in range(more + 1):
            inside = {**self._data, **dict.fromkeys(called, rows[place] if rows else None)}
            for model, value in zip(columns, words, strict=True):
                cell = model if place == 0 else sheet.cell(at + place, model.column)
                if place:
                    cell._style = copy(model._style)  # noqa: SLF001 - how the library itself copies a look
                cell.value = value
                _put(cell, inside)
            if place:
                sheet.row_dimensions[at + place].height = height
                for first, last in across:
                    sheet.merge_cells(
                        start_row=at + place, end_row=at + place, start_column=first, end_column=last
                    )

    def _make_room(self, at: int, more: int) -> list[tuple[int, int]]:
        """Move what stands below a row down; return which columns of the row itself are one cell."""
        sheet = self._sheet
        across = []
        for span in list(sheet.merged_cells.ranges):
            if span.min_row <= at <= span.max_row:
                if span.min_row != span.max_row:
                    raise FormRefusedError("merged", cell=span.coord)
                across.append((span.min_col, span.max_col))
        if not more:
            return across
        below = [span for span in list(sheet.merged_cells.ranges) if span.min_row > at]
        for span in below:
            sheet.merged_cells.remove(span)
        if sheet.max_row > at:
            last = sheet.cell(sheet.max_row, sheet.max_column).coordinate
            sheet.move_range(f"A{at + 1}:{last}", rows=more)
        for span in below:
            span.shift(row_shift=more)
            sheet.merged_cells.add(span)
        heights = {row: one.height for row, one in sheet.row_dimensions.items() if row > at}
        for row in heights:
            sheet.row_dimensions[row].height = None
        for row, height in heights.items():
            sheet.row_dimensions[row + more].height = height
        return across


def _put(cell: Cell, data: Mapping[str, Any]) -> None:
    """Write what the fields of a cell say: a number where it is one alone, else text, never a formula."""
    if not isinstance(cell.value, str) or "{{" not in cell.value:
        return
    whole = _FIELD.fullmatch(cell.value)
    if whole and isinstance(value := _value(whole.group(1), data), int):
        cell.value = value
        return
    text = _FIELD.sub(lambda found: str(_value(found.group(1), data)), cell.value)
    cell.value = _UNCLEAN.sub("", text)
    if cell.value is not None:
        # Said, not guessed: what begins with an equals sign is a name all the same.
        cell.data_type = "s"


def _value(said: str, data: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a word or a number
    row, _, name = said.rpartition(".")
    if not row:
        return data[name]
    return "" if data[row] is None else data[row][name]
