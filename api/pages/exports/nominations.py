"""The list of nominations as a file: those that I may see, narrowed and in order as the address says."""

from typing import Final

from flask import Response

from api.catalogue import say
from api.edge import request_now, request_session, request_today
from api.pages.exports.parts import READ_AT_ONCE, every, local, local_day, table_of, yes
from api.pages.frame.address_words import demand_understood
from api.pages.identity import current_actor, current_locale
from api.pages.routes import pages
from api.pages.views.nominations import NOMINATION_WORDS, asked_filters
from api.pages.writing import award, holder_text
from api.permissions import Permission, permission
from api.sheets.table import FileKind, table_response
from api.sheets.workbook import Cell
from workflow.queries.nominations.nominations import NominationRow, how_many_nominations, list_nominations
from workflow.queries.seats import name_seats

COLUMNS: Final = (
    *("number", "subject", "subject_kind", "award_code", "award", "unit_code", "unit", "round", "step"),
    *("level", "held", "asked", "returned", "due", "holder", "created_on", "closed_on"),
)


@pages.get("/nominations.csv")
@permission(Permission.SIGNED_IN)
def nominations_csv() -> Response:
    """Send the nominations I may see as text for a spreadsheet: what the page lists by the same address."""
    return _file(FileKind.CSV)


@pages.get("/nominations.xlsx")
@permission(Permission.SIGNED_IN)
def nominations_xlsx() -> Response:
    """Send the nominations I may see as a workbook: what the page lists by the same address."""
    return _file(FileKind.XLSX)


def _file(kind: FileKind) -> Response:
    demand_understood(*NOMINATION_WORDS)
    session, actor, now, locale = request_session(), current_actor(), request_now(), current_locale()
    filters = asked_filters()
    found = every(
        lambda cursor: list_nominations(
            session, actor=actor, filters=filters, limit=READ_AT_ONCE, cursor=cursor, now=now
        ),
        count=lambda most: how_many_nominations(session, actor=actor, filters=filters, now=now, most=most),
    )
    places = {row.holder.seat for row in found if row.holder}
    seats = name_seats(session, places, today=request_today())
    rows = [_row(row, seats, locale) for row in found]
    return table_response(table_of("nominations", COLUMNS, rows), kind)


def _row(row: NominationRow, seats: dict[str, str], locale: str) -> list[Cell]:
    return [
        row.id,
        row.subject,
        say(locale, f"sheet.kind_{row.subject_kind}"),
        row.award.code,
        award(row.award.title, locale),
        row.unit.code,
        row.unit.name,
        row.round,
        row.label.text(locale),
        say(locale, f"stage.{row.stage}"),
        yes(row.is_held),
        yes(row.is_asked),
        yes(row.is_returned),
        local(row.due_at),
        holder_text(row.holder, seats, locale),
        local_day(row.created_at),
        local_day(row.closed_at),
    ]
