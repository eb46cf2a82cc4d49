"""A board as a table for a spreadsheet: CSV in UTF-8 with a byte-order mark, as Excel wants it."""

import csv
import io
import re
from collections.abc import Iterable
from typing import Final

from flask import Response

from api.board_text import reason
from api.catalogue import say
from workflow.queries.board.board import Board
from workflow.queries.board.units import BoardRow
from workflow.queries.progress import Progress

TYPE: Final = "text/csv"
_BOM: Final = "\ufeff"
# A spreadsheet takes a cell that begins so for a formula (OWASP, CSV injection); a quote makes it text.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_NAME: Final = re.compile(r"[^A-Za-z0-9._-]+")
_UNIT: Final = (
    "board_csv.unit_code",
    "board_csv.unit",
    "board_csv.status",
    "board_csv.due_on",
    "board_csv.admitted_until",
    "board_csv.days_late",
    "board_csv.sent_on",
)
_WORK: Final = (
    "board_csv.step",
    "board_csv.place",
    "board_csv.holder",
    "board_csv.waiting",
    "board_csv.waiting_calendar",
    "board_csv.accountable",
)
_CONTACT: Final = ("board_csv.officer", "board_csv.telephone", "board_csv.through_on", "board_csv.risk")


def csv_response(board: Board, rows: Iterable[BoardRow], locale: str) -> Response:
    """Return the rows of a board as a file to save, in the reader's language."""
    response = Response(board_csv(rows, locale), content_type=f"{TYPE}; charset=utf-8")
    name = _NAME.sub("_", board.code)
    response.headers["Content-Disposition"] = f'attachment; filename="board-{name}-{board.today}.csv"'
    return response


def board_csv(rows: Iterable[BoardRow], locale: str) -> bytes:
    """Write a line for each unit; every count is followed by how many of it the reader may open."""
    written = io.StringIO()
    out = csv.writer(written)
    names = [say(locale, f"board_csv.count_{progress}") for progress in Progress]
    counts = [part for name in names for part in (name, say(locale, "board_csv.open", name=name))]
    unit, work, contact = ([say(locale, key) for key in keys] for keys in (_UNIT, _WORK, _CONTACT))
    out.writerow([*unit, *counts, *work, *contact])
    for row in rows:
        out.writerow([_safe(cell) for cell in _cells(row, locale)])
    return (_BOM + written.getvalue()).encode()


def _cells(row: BoardRow, locale: str) -> list[object]:
    counts = [row.counts[progress] for progress in Progress]
    holder = row.holder.assignee.name if row.holder and row.holder.assignee else ""
    return [
        row.unit.code,
        row.unit.name,
        say(locale, f"board.status_{row.status}"),
        row.due_on or "",
        row.admitted_until or "",
        row.days_late,
        row.sent_on or "",
        *(number for count in counts for number in (count.total, count.named)),
        row.step.text(locale) if row.step else "",
        row.place,
        holder,
        row.waiting_days,
        row.waiting_calendar_days,
        row.accountable or "",
        row.officer.name if row.officer else "",
        row.officer.telephone if row.officer else "",
        row.through_on or "",
        reason(row, locale),
    ]


def _safe(cell: object) -> object:
    """Return a cell that no spreadsheet runs; a number stays a number."""
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    return cell
