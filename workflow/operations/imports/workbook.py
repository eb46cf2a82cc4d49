"""Reading a workbook (XLSX) within limits: a small file can unpack to hours of work and all of the memory.

Sizes are looked at before anything is unpacked, and the cells are counted before the library that knows the
format sees them. A formula counts by the value that was saved with it; one without is a bad cell.
"""

import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from xml.parsers import expat

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from workflow.operations.imports.bad_cells import BadCell, unreadable

MOST_BYTES: Final = 8 * 2**20
MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 60
_MOST_MEMBERS: Final = 500
_MOST_UNPACKED: Final = 48 * 2**20
_MOST_CELLS: Final = 300_000
_READ_AT_ONCE: Final = 2**16
_MOST_OTHERS: Final = 50_000
_COUNTED: Final = frozenset({"c", "row", "si"})
_CONTENT: Final = frozenset({"v", "f", "is"})
_OF_CELLS: Final = ("xl/worksheets/", "xl/sharedStrings")
_BROKEN: Final = (
    zipfile.BadZipFile, InvalidFileException, expat.ExpatError, LookupError, ValueError, TypeError,
    AttributeError, OverflowError, SyntaxError, EOFError, NotImplementedError, zlib.error,
)  # fmt: skip
_ERROR, _FORMULA = "e", "f"


@dataclass(frozen=True, slots=True)
class Workbook:
    """The first sheet of a workbook: its title, its rows by line, and the cells that hold no value."""

    title: str
    rows: list[tuple[int, tuple[str, ...]]]
    broken: tuple[tuple[BadCell, int], ...]


def read_workbook(content: bytes) -> Workbook:
    """Read the first sheet. Raises `InvalidImport` for what is no workbook or goes beyond a limit."""
    try:
        _demand_small(content)
        values = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        # Read beside each other: only the second knows that an empty cell is a formula nobody computed.
        formulas = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheet, written = values.worksheets[0], formulas.worksheets[0]
        pairs = zip(_rows(sheet), _rows(written), strict=True)
        rows: list[tuple[int, tuple[str, ...]]] = []
        broken: list[tuple[BadCell, int]] = []
        for line, (cells, originals) in enumerate(pairs, start=1):
            broken += _broken(line, cells, originals)
            rows.append((line, tuple(_text(cell.value) for cell in cells)))
        return Workbook(sheet.title, rows, tuple(broken))
    except _BROKEN as error:
        # What the library raises for a file that is broken inside; it promises no type of its own.
        raise unreadable(f"it is no workbook that can be read ({type(error).__name__})") from error


def _rows(sheet: Any) -> Iterator[Sequence[Any]]:  # noqa: ANN401 - openpyxl ships no types
    for number, cells in enumerate(sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS), start=1):
        if number > MOST_ROWS + 1:
            raise unreadable(f"it has more than {MOST_ROWS} rows; split it")
        yield cells


def _broken(line: int, cells: Sequence[Any], originals: Sequence[Any]) -> Iterator[tuple[BadCell, int]]:
    for place, (cell, original) in enumerate(zip(cells, originals, strict=True)):
        reason = None
        if cell.value is not None and cell.data_type == _ERROR:
            reason = "the spreadsheet computed an error here"
        elif cell.value is None and original.value is not None and original.data_type == _FORMULA:
            reason = "a formula without a saved value; open and save the file, or paste values"
        if reason is not None:
            value = str(original.value if cell.value is None else cell.value)
            yield BadCell(line, get_column_letter(place + 1), value, reason), place


def _text(value: object) -> str:
    """Return what a cell shows: dates as ISO, whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        is_day = not (value.hour or value.minute or value.second or value.microsecond)
        return (value.date() if is_day else value).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _demand_small(content: bytes) -> None:
    """Refuse what unpacks too far; the sizes that a member states are all that is ever unpacked of it."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        if len(members) > _MOST_MEMBERS or sum(member.file_size for member in members) > _MOST_UNPACKED:
            raise unreadable(f"it unpacks to more than {_MOST_UNPACKED // 2**20} MB; keep the one sheet only")
        for member in members:
            if member.filename.endswith((".xml", ".rels")):
                _demand_few(archive, member)


def _demand_few(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Count the cells of a part, or the entries of one about styles and names, without building anything."""
    has_cells = member.filename.startswith(_OF_CELLS)
    most, count, place = _MOST_CELLS if has_cells else _MOST_OTHERS, 0, ""

    def begins(name: str, attributes: dict[str, str]) -> None:
        nonlocal count, place
        tag = name.rpartition(":")[2]
        count += not has_cells or tag in _COUNTED
        if tag == "c":
            place = attributes.get("r", "")
        # A cell that only has a colour may lie anywhere.
        if tag in _CONTENT and has_cells and _column(place) > MOST_COLUMNS:
            raise unreadable(f"it has more than {MOST_COLUMNS} columns: {place} in {member.filename}")
        if count > most:
            raise unreadable(f"{member.filename} has more than {most} entries; keep the rows that are meant")

    def declares(*_declaration: object) -> None:
        raise unreadable("it declares a document type, which no spreadsheet program writes")

    parser = expat.ParserCreate()
    parser.StartElementHandler = begins
    parser.StartDoctypeDeclHandler = declares
    with archive.open(member) as part:
        while chunk := part.read(_READ_AT_ONCE):
            parser.Parse(chunk, False)  # noqa: FBT003 - expat's own signature
        parser.Parse(b"", True)  # noqa: FBT003 - as above


def _column(place: str) -> int:
    """Return the number of the column of a place such as AB12; 0 where it names none."""
    number = 0
    for letter in place:
        if not "A" <= letter <= "Z":
            break
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
