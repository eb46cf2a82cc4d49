"""History as a file: the entries that the page finds by the same words of its address."""

from typing import Final

from flask import Response

from api.catalogue import say
from api.edge import request_session
from api.pages.exports.parts import READ_AT_ONCE, every, local, table_of
from api.pages.frame.address_words import demand_understood
from api.pages.identity import current_actor, current_locale
from api.pages.routes import pages
from api.pages.views.admin.audit import AUDIT_WORDS, AuditLine, asked_audit, audit_lines
from api.permissions import Permission, permission
from api.sheets.table import FileKind, table_response
from api.sheets.workbook import Cell
from workflow.queries.history.search import audit_actions, demand_audit, how_much_history, search_history

COLUMNS: Final = (
    *("recorded_at", "actor", "via", "did", "action", "about_kind", "about", "entry", "from_step", "to_step"),
    *("reason_code", "in_place_of", "data"),
)


@pages.get("/audit.csv")
@permission(Permission.SIGNED_IN)
def audit_csv() -> Response:
    """Send what the page finds as text for a spreadsheet."""
    return _file(FileKind.CSV)


@pages.get("/audit.xlsx")
@permission(Permission.SIGNED_IN)
def audit_xlsx() -> Response:
    """Send what the page finds as a workbook."""
    return _file(FileKind.XLSX)


def _file(kind: FileKind) -> Response:
    session, actor, locale = request_session(), current_actor(), current_locale()
    demand_audit(actor)
    demand_understood(*AUDIT_WORDS)
    filters = asked_audit()
    found = every(
        lambda cursor: search_history(
            session, actor=actor, filters=filters, limit=READ_AT_ONCE, cursor=cursor
        ),
        count=lambda most: how_much_history(session, actor=actor, filters=filters, most=most),
    )
    actions = audit_actions(session, actor=actor)
    rows = [_row(line, locale) for line in audit_lines(found, actor, actions, locale)]
    return table_response(table_of("audit", COLUMNS, rows), kind)


def _row(line: AuditLine, locale: str) -> list[Cell]:
    entry = line.entry
    return [
        local(entry.recorded_at),
        entry.actor.name if entry.actor else "",
        say(locale, f"audit.via_{entry.via}"),
        line.done,
        entry.action,
        line.kind,
        line.about,
        f"{entry.about.stream} #{entry.seq}",
        entry.source.text(locale) if entry.source else "",
        entry.dest.text(locale) if entry.dest else "",
        entry.reason_code or "",
        line.in_place_of,
        line.data,
    ]
