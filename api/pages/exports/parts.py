"""What the files of all lists share: how many rows one holds, and how its cells say things."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Final, TypeVar

from api.catalogue import say
from api.edge import edge, request_today
from api.pages.identity import current_locale
from api.sheets.table import SheetTable
from api.sheets.workbook import Cell
from workflow.domain.errors import TooManyRows
from workflow.queries.paging import Page

MOST_ROWS: Final = 10_000
READ_AT_ONCE: Final = 5_000
"""How many rows of a list one statement reads: each finds the whole list anew."""

Row = TypeVar("Row")


def every(read: Callable[[str | None], Page[Row]], *, count: Callable[[int], int | None]) -> list[Row]:
    """Return all rows of a list, read page by page. Raises `TooManyRows` where a file would not hold them.

    `count` says how many there are, counted as far as it is told: a list that is known to be too long
    is not read first.
    """
    _demand_few(count(MOST_ROWS + 1) or 0)
    rows: list[Row] = []
    cursor = None
    while True:
        page = read(cursor)
        rows += page.items
        _demand_few(len(rows))
        if page.next is None:
            return rows
        cursor = page.next


def _demand_few(rows: int) -> None:
    if rows > MOST_ROWS:
        message = f"A file holds at most {MOST_ROWS} rows; narrow the list, by unit or round say."
        raise TooManyRows(message, most=str(MOST_ROWS))


def table_of(name: str, columns: tuple[str, ...], rows: Sequence[Sequence[Cell]]) -> SheetTable:
    """Return a table whose columns are called by the reader's words; its file carries the day."""
    locale = current_locale()
    head = [say(locale, f"sheet.{column}") for column in columns]
    return SheetTable(f"{name}-{request_today()}", say(locale, f"sheet.title_{name}"), head, rows)


def yes(value: bool) -> str:  # noqa: FBT001 - a cell is what it says
    """Say that something is so; an empty cell says that it is not."""
    return say(current_locale(), "sheet.yes") if value else ""


def local(at: datetime | None) -> datetime | None:
    """Return an instant as the clock of this installation shows it."""
    return at.astimezone(edge().settings.zone).replace(tzinfo=None) if at else None


def local_day(at: datetime | None) -> date | None:
    """Return the day on which an instant lies by the clock of this installation."""
    return at.astimezone(edge().settings.zone).date() if at else None
