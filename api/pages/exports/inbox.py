"""What waits for me as a file: a row for each thing, by due date, of the tab and filters of the address."""

from typing import Final

from flask import Response

from api.catalogue import say
from api.edge import request_now, request_session, request_today
from api.pages.exports.parts import every, local, local_day, table_of, yes
from api.pages.frame.address_words import demand_understood
from api.pages.identity import current_actor, current_locale
from api.pages.routes import pages
from api.pages.views.me.work_filters import WORK_WORDS, asked, said
from api.pages.writing import award, holder_text, seat_text
from api.permissions import Permission, permission
from api.sheets.table import FileKind, table_response
from api.sheets.workbook import Cell
from workflow.queries.inbox.inbox import whole_inbox
from workflow.queries.inbox.looks import Tab
from workflow.queries.inbox.reader import FILE_PAGE as READ_AT_ONCE
from workflow.queries.inbox.rows import InboxItem
from workflow.queries.seats import name_seats

COLUMNS: Final = (
    *("number", "subject", "award_code", "award", "unit_code", "unit", "round", "list_number", "step"),
    *("level", "held", "returned", "due", "days_left", "since", "days_here", "days_here_calendar"),
    *("holder", "why"),
)
DONE_COLUMNS: Final = ("done", "done_at")


@pages.get("/inbox.csv")
@permission(Permission.SIGNED_IN)
def inbox_csv() -> Response:
    """Send what waits for me as text for a spreadsheet: what the page lists by the same address."""
    return _file(FileKind.CSV)


@pages.get("/inbox.xlsx")
@permission(Permission.SIGNED_IN)
def inbox_xlsx() -> Response:
    """Send what waits for me as a workbook: what the page lists by the same address."""
    return _file(FileKind.XLSX)


def _file(kind: FileKind) -> Response:
    demand_understood(*WORK_WORDS)
    session, actor, now, locale = request_session(), current_actor(), request_now(), current_locale()
    query = asked(said())
    tab, filters = query.tab, query.filters()
    read, count = whole_inbox(session, actor=actor, now=now, tab=tab, filters=filters)
    items = every(lambda cursor: read(READ_AT_ONCE, cursor), count=count)
    places = {item.why.source.partition("@")[2] for item in items}
    places |= {item.holder.seat for item in items if item.holder}
    seats = name_seats(session, places, today=request_today())
    rows = [_row(item, seats, locale) for item in items]
    columns = (*COLUMNS, *DONE_COLUMNS) if tab is Tab.DONE else COLUMNS
    return table_response(table_of("inbox", columns, rows), kind)


def _row(item: InboxItem, seats: dict[str, str], locale: str) -> list[Cell]:
    source = seat_text(item.why.source, seats, locale)
    left = item.working_time_left
    return [
        item.nomination_id,
        item.subject,
        item.award.code if item.award else "",
        award(item.award.title, locale) if item.award else "",
        item.unit.code,
        item.unit.name,
        item.round,
        item.submission.number if item.submission else "",
        item.label.text(locale),
        say(locale, f"stage.{item.stage}") if item.stage else "",
        yes(item.is_held),
        yes(item.is_returned),
        local(item.due_at),
        left.working_days if left else None,
        local_day(item.opened_at),
        item.age.working_days,
        item.age_calendar_days,
        holder_text(item.holder, seats, locale),
        say(locale, f"work.why_{item.why.kind}", seat=source, name=item.why.absent or ""),
        *([item.done.action.text(locale), local(item.done.at)] if item.done else []),
    ]
