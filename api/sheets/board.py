"""A board as a table for a spreadsheet."""

from collections.abc import Iterable
from typing import Final

from flask import Response

from api.board_text import reason
from api.catalogue import say
from api.sheets.table import FileKind, SheetTable, table_response
from api.sheets.workbook import Cell
from workflow.queries.board.board import Board
from workflow.queries.board.units import BoardRow
from workflow.queries.progress import Progress

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
    """Return the rows of a board as a file to save, in the reader's language.

    A line for each unit; every count is followed by how many of it the reader may open.
    """
    names = [say(locale, f"board_csv.count_{progress}") for progress in Progress]
    counts = [part for name in names for part in (name, say(locale, "board_csv.open", name=name))]
    unit, work, contact = ([say(locale, key) for key in keys] for keys in (_UNIT, _WORK, _CONTACT))
    name = f"board-{board.code}-{board.today}"
    cells = [_cells(row, locale) for row in rows]
    return table_response(SheetTable(name, name, (*unit, *counts, *work, *contact), cells), FileKind.CSV)


def _cells(row: BoardRow, locale: str) -> list[Cell]:
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
