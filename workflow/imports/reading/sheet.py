"""Reading a file of rows: comma-separated text, or the sheet of a workbook that names the columns.

What comes out is text in cells with the line each row begins on; what the cells mean is told elsewhere.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workflow.imports.reading.bad_cells import unreadable
from workflow.imports.reading.columns import ImportKind, only_numbered
from workflow.imports.reading.foreign import what_it_is
from workflow.imports.reading.header import find_header
from workflow.imports.reading.text import decoded, read_text
from workflow.imports.reading.workbook.process import read_workbook
from workflow.imports.reading.workbook.worksheet import MOST_ROWS
from workflow.imports.rows import Row, Table

MOST_BYTES: Final = 8 * 2**20
_WORKBOOK: Final = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file as read: its header, its rows below without the empty ones, and how it was written.

    `title` is the sheet's of a workbook, empty for text; `hidden_columns` are the places of columns that hold
    values and are not shown.
    """

    filename: str
    sha256: bytes
    form: str
    header: Row
    rows: tuple[Row, ...]
    title: str = ""
    hidden_columns: frozenset[int] = frozenset()


def read_file(path: Path, kind: ImportKind, title: str | None = None) -> Sheet:
    """Read a CSV or XLSX file. Raises `InvalidImport` for one that is too large or cannot be read."""
    if path.stat().st_size > MOST_BYTES:
        raise unreadable(f"it is larger than {MOST_BYTES // 2**20} MB; split it")
    return read_sheet(path.read_bytes(), path.name, kind, title)


def read_sheet(content: bytes, filename: str, kind: ImportKind, title: str | None = None) -> Sheet:
    """Read the bytes of a CSV or XLSX file; which of the two they are, they say themselves.

    Of a workbook it is the sheet with this title, or the one whose header names the columns of `kind`.
    """
    if len(content) > MOST_BYTES:
        raise unreadable(f"it is larger than {MOST_BYTES // 2**20} MB; split it")
    if content.startswith(_WORKBOOK):
        table, form = _sheet_of(read_workbook(content), kind, title)
    elif told := what_it_is(content, filename):
        raise unreadable(told)
    else:
        text, encoding = decoded(content)
        table, words = read_text(text, lambda rows: find_header(kind, rows).known_count)
        form = f"{encoding}, separated by {words}"
    if not table.rows:
        raise unreadable("it is empty; its first line names the columns")
    place = find_header(kind, table.rows)
    below = table.rows[place.after :]
    numbered = only_numbered(kind, place.header, below)
    rest = tuple(row for row in below if row.line not in numbered)
    if len(rest) > MOST_ROWS:
        raise unreadable(f"it has more than {MOST_ROWS} rows; split it")
    if place.header.line > table.rows[0].line:
        form += f", header in line {place.header.line}"
    digest = hashlib.sha256(content).digest()
    return Sheet(filename, digest, form, place.header, rest, table.title, table.hidden_columns)


def _sheet_of(tables: Sequence[Table], kind: ImportKind, title: str | None) -> tuple[Table, str]:
    """Choose the sheet that is meant. Raises `InvalidImport` where that is not certain."""
    filled = [table for table in tables if table.rows]
    if title is not None:
        chosen = [table for table in tables if table.title.casefold() == title.strip().casefold()]
        if not chosen:
            raise unreadable(f"it has no sheet '{title}'; its sheets are {_titles(tables)}")
        return chosen[0], f"a workbook, sheet '{chosen[0].title}'"
    visible = [table for table in filled if not table.is_hidden]
    named = [table for table in filled if find_header(kind, table.rows).is_whole]
    seen = [table for table in named if not table.is_hidden]
    if len(seen) > 1:
        raise unreadable(
            f"the sheets {_titles(seen)} all hold such rows; say with --sheet which one is meant"
        )
    if (named and not seen) or (filled and not visible):
        hidden = _titles((named or filled)[:1])
        raise unreadable(
            f"the sheet {hidden}, which holds the rows, is hidden; show it, or name it with --sheet"
        )
    if not filled:
        raise unreadable("it is empty; its first line names the columns")
    table = seen[0] if seen else max(visible, key=lambda each: find_header(kind, each.rows).known_count)
    others = [each for each in visible if each is not table]
    form = f"a workbook, sheet '{table.title}'"
    return table, f"{form}; not read: {_titles(others)}" if others else form


def _titles(tables: Sequence[Table]) -> str:
    return ", ".join(f"'{table.title}'" for table in tables)
