"""Reading a file of rows: comma-separated text as every program writes it, or the first sheet of a workbook.

What comes out is text in cells with the line each row begins on; what the cells mean is told elsewhere.
"""

import codecs
import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workflow.operations.imports.bad_cells import BadCell, unreadable
from workflow.operations.imports.workbook import MOST_BYTES, MOST_COLUMNS, MOST_ROWS, read_workbook

_WORKBOOK: Final = b"PK\x03\x04"
# Excel writes "Unicode text" as UTF-16 with tabs, and CSV with semicolons where a comma marks decimals.
_DELIMITERS: Final = {",": "commas", ";": "semicolons", "\t": "tabs"}
_ENCODINGS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8 with a byte-order mark"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one row and the line of the file it begins on."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file as read: its header, its rows without the empty ones, and how it was written.

    `broken` are cells of a workbook that hold no value (an error, a formula that was never computed), by
    line and place in the row.
    """

    filename: str
    sha256: bytes
    form: str
    header: Row
    rows: tuple[Row, ...]
    broken: tuple[tuple[BadCell, int], ...] = ()


def read_file(path: Path) -> Sheet:
    """Read a CSV or XLSX file. Raises `InvalidImport` for one that is too large or cannot be read."""
    if path.stat().st_size > MOST_BYTES:
        raise unreadable(f"it is larger than {MOST_BYTES // 2**20} MB; split it")
    return read_sheet(path.read_bytes(), path.name)


def read_sheet(content: bytes, filename: str) -> Sheet:
    """Read the bytes of a CSV or XLSX file; which of the two they are, they say themselves."""
    if len(content) > MOST_BYTES:
        raise unreadable(f"it is larger than {MOST_BYTES // 2**20} MB; split it")
    if content.startswith(_WORKBOOK):
        workbook = read_workbook(content)
        rows = [Row(line, _trimmed(cells)) for line, cells in workbook.rows]
        form, broken = f"a workbook, sheet '{workbook.title}'", workbook.broken
    else:
        text, encoding = _decode(content)
        rows, delimiter = _records(text)
        form, broken = f"{encoding}, separated by {_DELIMITERS[delimiter]}", ()
    filled = [row for row in rows if any(cell.strip() for cell in row.cells)]
    if not filled:
        raise unreadable("it is empty; its first line names the columns")
    header, *rest = filled
    if len(rest) > MOST_ROWS:
        raise unreadable(f"it has more than {MOST_ROWS} rows; split it")
    return Sheet(filename, hashlib.sha256(content).digest(), form, header, tuple(rest), broken)


def _decode(content: bytes) -> tuple[str, str]:
    codec, told = "utf-8", "UTF-8"
    for mark, name, words in _ENCODINGS:
        if content.startswith(mark):
            codec, told = name, words
            break
    try:
        return content.decode(codec), told
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise unreadable(
            f"line {line} is not {told}: byte {error.start} cannot be read; save it as 'CSV UTF-8'"
        ) from error


def _records(text: str) -> tuple[list[Row], str]:
    """Split the text by whichever separator gives the first record the most columns."""
    best = max(_DELIMITERS, key=lambda delimiter: _width(text, delimiter))
    try:
        return list(_split(text, best)), best
    except csv.Error as error:
        raise unreadable(f"its quotation marks do not fit together: {error}") from error


def _width(text: str, delimiter: str) -> int:
    try:
        return max(len(row.cells) for row in _first(_split(text, delimiter)))
    except csv.Error:
        return 0


def _first(rows: Iterator[Row]) -> list[Row]:
    return [next((row for row in rows if any(row.cells)), Row(1, ("",)))]


def _split(text: str, delimiter: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    for number, cells in enumerate(reader):
        # One more than may be: the header.
        if number > MOST_ROWS + 1 or len(cells) > MOST_COLUMNS:
            raise unreadable(f"it has more than {MOST_ROWS} rows or {MOST_COLUMNS} columns; split it")
        yield Row(begins, _trimmed(cells))
        begins = reader.line_num + 1


def _trimmed(cells: list[str] | tuple[str, ...]) -> tuple[str, ...]:
    """Return the cells without the empty ones at the end, which spreadsheets leave behind."""
    kept = [cell.strip(" ") for cell in cells]
    while kept and not kept[-1].strip():
        kept.pop()
    return tuple(kept)
