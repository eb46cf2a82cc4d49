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

from workflow.forms.refused import (
    ESCAPES,
    NOT_IN_XML,
    Fields,
    FormRefusedError,
    both_names,
    twice_named,
    unknown_field,
)
from workflow.forms.room import make_room_below, make_room_right

_FIELD: Final = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_NAME: Final = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)?")
_UNCLEAN: Final = re.compile(NOT_IN_XML)
_ESCAPING: Final = re.compile(ESCAPES)
ACROSS: Final = "awards"
"""The list that lies across a sheet, a column for each; inside a row too."""
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
        # By what a row is called: which list it is a row of, and what may be named of it.
        self._lists = {row: (name, both_names(inside)) for name, _, each, inside, _ in fields for row in each}
        self._called = {name: tuple(each) for name, _, each, _, _ in fields}
        self._across = _across_of(fields)

    def fill(self) -> bool:
        """Fill the sheet; tell whether it had a field."""
        listed, wide, is_filled = self._look()
        for column in wide:
            self._widen(column)
        for cell in self._cells():
            if cell.row not in listed:
                _put(cell, self._data)
        for at, row in listed.items():
            self._repeat(at, self._data[row], self._called[row])
        return is_filled

    def _look(self) -> tuple[dict[int, str], set[int], bool]:
        """Return which row speaks of which list, which column of what lies across, and whether any does."""
        if self._sheet.max_row > _MOST_ROWS or self._sheet.max_column > _MOST_COLUMNS:
            raise FormRefusedError("wide", rows=str(_MOST_ROWS), columns=str(_MOST_COLUMNS))
        is_filled = False
        listed: dict[int, str] = {}
        wide: set[int] = set()
        for cell in self._cells():
            for name in self._names(cell):
                is_filled = True
                row = self._row_of(cell, name)
                if name.rpartition(".")[0] in self._across:
                    wide.add(cell.column)
                if row and listed.setdefault(cell.row, row) != row:
                    raise FormRefusedError("two_lists", cell=cell.coordinate)
        if len(listed) > 1 or len(wide) > 1:
            raise FormRefusedError("two_lists", cell=cell.coordinate)
        return listed, wide, is_filled

    def _cells(self) -> Iterator[Cell]:
        for row in self._sheet.iter_rows():
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
        lists = {**self._lists, **self._across}
        if row and row not in lists:
            raise unknown_field(row, f"{said} ({cell.coordinate})", dict.fromkeys(lists))
        belongs, known = lists[row] if row else ("", self._words)
        if known.get(name, "") is not None:
            plain = {one: None for one, inside in known.items() if inside is None}
            raise unknown_field(name, f"{said} ({cell.coordinate})", plain)
        return belongs

    def _widen(self, column: int) -> None:
        """Repeat a column for each thing that lies across; its cells speak of the first, the second, ..."""
        count = len(self._data[ACROSS])
        make_room_right(self._sheet, column, max(count - 1, 0))
        for (cell,) in self._sheet.iter_rows(min_col=column, max_col=column):
            if isinstance(cell, MergedCell):
                continue
            words = cell.value
            for place in range(max(count, 1)):
                new = self._sheet.cell(cell.row, column + place)
                if not isinstance(new, MergedCell):
                    new.value = _of_place(words, place, self._across)
        self._data = {**self._data, **_by_place(self._data[ACROSS], self._across, "")}

    def _repeat(self, at: int, rows: Sequence[Mapping[str, Any]], called: Sequence[str]) -> None:
        sheet, more = self._sheet, max(len(rows) - 1, 0)
        columns = [cell for cell in sheet[at] if not isinstance(cell, MergedCell)]
        words = [cell.value for cell in columns]
        joined = make_room_below(sheet, at, more)
        height = sheet.row_dimensions[at].height
        for place in range(more + 1):
            here = rows[place] if rows else None
            inside = {**self._data, **dict.fromkeys(called, here)}
            if here is not None and ACROSS in here:
                inside |= _by_place(here[ACROSS], self._across, "rows")
            for model, value in zip(columns, words, strict=True):
                cell = model if place == 0 else sheet.cell(at + place, model.column)
                if place:
                    cell._style = copy(model._style)  # noqa: SLF001 - how the library itself copies a look
                cell.value = value
                _put(cell, inside)
            if place:
                sheet.row_dimensions[at + place].height = height
                for first, last in joined:
                    sheet.merge_cells(
                        start_row=at + place, end_row=at + place, start_column=first, end_column=last
                    )


def _across_of(fields: list[list[Any]]) -> dict[str, tuple[str, Fields]]:
    """Return what lies across, by what one of it is called: blank outside the list, or the list inside it."""
    found: dict[str, tuple[str, Fields]] = {}
    for name, _, each, inside, is_across in fields:
        if is_across:
            found |= dict.fromkeys(each, ("", both_names(inside)))
        for _, _, called, deeper, is_inner in inside:
            if is_inner:
                found |= dict.fromkeys(called, (name, both_names(deeper)))
    return found


def _of_place(words: Any, place: int, across: Mapping[str, Any]) -> Any:  # noqa: ANN401 - what a cell holds
    """Return what a repeated cell says, its fields with the number of its column."""
    if not isinstance(words, str):
        return words

    def numbered(found: re.Match[str]) -> str:
        row, _, name = found.group(1).rpartition(".")
        return f"{{{{ {row}~{place}.{name} }}}}" if row in across else found.group()

    return _FIELD.sub(numbered, words)


def _by_place(things: Sequence[Any], across: Mapping[str, Any], belongs: str) -> dict[str, Any]:
    """Return each of what lies across by what it is called and its number; nothing where there is none."""
    called = [name for name, (inside, _) in across.items() if inside == belongs]
    some = list(things) or [None]
    return {f"{name}~{place}": one for name in called for place, one in enumerate(some)}


def _put(cell: Cell, data: Mapping[str, Any]) -> None:
    """Write what the fields of a cell say: a number where it is one alone, else text, never a formula."""
    if not isinstance(cell.value, str) or "{{" not in cell.value:
        return
    whole = _FIELD.fullmatch(cell.value)
    if whole and isinstance(value := _value(whole.group(1), data), int):
        cell.value = value
        return
    text = _FIELD.sub(lambda found: _ESCAPING.sub("_x005F_", str(_value(found.group(1), data))), cell.value)
    cell.value = _UNCLEAN.sub("", text)
    if cell.value is not None:
        # Said, not guessed: what begins with an equals sign is a name all the same.
        cell.data_type = "s"


def _value(said: str, data: Mapping[str, Any]) -> Any:  # noqa: ANN401 - a word or a number
    row, _, name = said.rpartition(".")
    if not row:
        return data[name]
    # Of an empty list there is a row too, which says nothing.
    return "" if data.get(row) is None else data[row][name]
