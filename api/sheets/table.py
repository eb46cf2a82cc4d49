"""A table as a file for a spreadsheet: CSV in UTF-8 with the mark that Excel wants, or a workbook."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from flask import Response

from api.sheets.workbook import Cell, workbook_bytes

CSV_TYPE: Final = "text/csv"
_XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BOM: Final = "\ufeff"
# A spreadsheet takes a cell that begins so for a formula (OWASP, CSV injection); a quote makes it text.
_FORMULA: Final = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
_NAME: Final = re.compile(r"[^A-Za-z0-9._-]+")


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
    return _file(table, kind, workbook_bytes(table.title, table.head, table.rows), _XLSX_TYPE)


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
    if isinstance(cell, str):
        return f"'{cell}" if cell[:1] in _FORMULA else cell
    return f"{cell:%Y-%m-%d %H:%M}" if isinstance(cell, datetime) else cell
