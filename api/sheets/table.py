"""A table as a file for a spreadsheet: CSV in UTF-8 with the mark that Excel wants, or a workbook."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from flask import Response
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

Cell = str | int | date | datetime | None
CSV_TYPE: Final = "text/csv"
_XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BOM: Final = "\ufeff"
# A spreadsheet takes a cell that begins so for a formula (OWASP, CSV injection); a quote makes it text.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_NAME: Final = re.compile(r"[^A-Za-z0-9._-]+")
# What XML cannot hold; names are kept without them, words of long ago may not be.
_NOT_IN_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_NOT_IN_TITLE: Final = re.compile(r"[\[\]:*?/\\]")
_LONGEST_TITLE: Final = 31
_WIDEST: Final = 48
_NARROWEST: Final = 9
_DAY: Final = "dd/mm/yyyy"
_MOMENT: Final = "dd/mm/yyyy hh:mm"


class FileKind(StrEnum):
    """The files that a list is sent as."""

    CSV = "csv"
    XLSX = "xlsx"


@dataclass(frozen=True, slots=True)
class SheetTable:
    """A list as a table; `name` is what its file is called. Instants are local ones, without a zone."""

    name: str
    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def table_response(table: SheetTable, kind: FileKind) -> Response:
    """Return a table as a file to save."""
    if kind is FileKind.CSV:
        return _file(table, kind, csv_bytes(table.head, table.rows), f"{CSV_TYPE}; charset=utf-8")
    return _file(table, kind, xlsx_bytes(table), _XLSX_TYPE)


def _file(table: SheetTable, kind: FileKind, content: bytes, content_type: str) -> Response:
    response = Response(content, content_type=content_type)
    name = _NAME.sub("_", table.name)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    return response


def csv_bytes(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Write a table as text in which no cell is a formula; days are written as ISO 8601 does."""
    written = io.StringIO()
    out = csv.writer(written)
    out.writerow(head)
    out.writerows([_as_text(cell) for cell in row] for row in rows)
    return (_BOM + written.getvalue()).encode()


def _as_text(cell: object) -> object:
    """Return a cell that no spreadsheet runs; a number stays a number."""
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M}"
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    return cell


def xlsx_bytes(table: SheetTable) -> bytes:
    """Write a table as a workbook of one sheet: text is text, days are days, the head stays in sight."""
    book = Workbook(write_only=True)
    book.properties.creator = "Commendo"
    sheet = book.create_sheet(_NOT_IN_TITLE.sub(" ", table.title)[:_LONGEST_TITLE])
    sheet.freeze_panes = "A2"
    columns = len(table.head)
    sheet.auto_filter.ref = f"A1:{get_column_letter(columns)}{len(table.rows) + 1}"
    for place in range(columns):
        longest = max(len(str(row[place] or "")) for row in (table.head, *table.rows))
        width = min(max(longest + 2, _NARROWEST), _WIDEST)
        sheet.column_dimensions[get_column_letter(place + 1)].width = width
    sheet.append([_in_sheet(sheet, word, is_head=True) for word in table.head])
    for row in table.rows:
        sheet.append([_in_sheet(sheet, cell) for cell in row])
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def _in_sheet(sheet: object, value: Cell, *, is_head: bool = False) -> object:
    text = isinstance(value, str)
    cell = WriteOnlyCell(sheet, _NOT_IN_XML.sub("", value) if isinstance(value, str) else value)
    if text:
        # Said, not guessed: what begins with an equals sign is a name all the same.
        cell.data_type = "s"
    elif isinstance(value, date):
        cell.number_format = _MOMENT if isinstance(value, datetime) else _DAY
    if is_head:
        cell.font, cell.alignment = Font(bold=True), Alignment(wrap_text=True, vertical="top")
    return cell
