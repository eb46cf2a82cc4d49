"""The list of one submission as a file: a row for each name and award on it that I may see."""

from collections.abc import Iterator
from typing import Final

from flask import Response

from api.catalogue import say
from api.edge import request_now, request_session, request_today
from api.pages.exports.parts import local, table_of, yes
from api.pages.identity import current_actor, current_locale
from api.pages.routes import pages
from api.pages.views.submissions import SUBMISSION
from api.pages.writing import award, holder_text
from api.permissions import Permission, permission
from api.sheets.table import FileKind, SheetTable, table_response
from api.sheets.workbook import Cell
from workflow.queries.seats import name_seats
from workflow.queries.submissions.submission import SubmissionView, get_submission

COLUMNS: Final = (
    *("row", "subject", "position", "subject_kind", "award_code", "award", "number", "step", "level"),
    *("held", "due", "holder", "recommendation"),
)


@pages.get(f"{SUBMISSION}.csv")
@permission(Permission.SIGNED_IN)
def submission_csv(submission_id: int) -> Response:
    """Send the list of a submission as text: the names that its page shows, in their order."""
    return _file(submission_id, FileKind.CSV)


@pages.get(f"{SUBMISSION}.xlsx")
@permission(Permission.SIGNED_IN)
def submission_xlsx(submission_id: int) -> Response:
    """Send the list of a submission as a workbook: the names that its page shows, in their order."""
    return _file(submission_id, FileKind.XLSX)


def _file(submission_id: int, kind: FileKind) -> Response:
    session, now = request_session(), request_now()
    view = get_submission(session, actor=current_actor(), submission_id=submission_id, now=now)
    names = (name for subject in view.list for name in subject.awards)
    places = {name.holder.seat for name in names if name.holder}
    seats = name_seats(session, places, today=request_today())
    found = table_of("submission", COLUMNS, list(_rows(view, seats, current_locale())))
    name = f"submission-{submission_id}-{request_today()}"
    return table_response(SheetTable(name, found.title, found.head, found.rows), kind)


def _rows(view: SubmissionView, seats: dict[str, str], locale: str) -> Iterator[list[Cell]]:
    for number, subject in enumerate(view.list, 1):
        for name in subject.awards:
            yield [
                number,
                subject.name,
                subject.position,
                say(locale, f"sheet.kind_{subject.kind}"),
                name.award.code,
                award(name.award.title, locale),
                name.nomination_id,
                name.label.text(locale),
                say(locale, f"stage.{name.stage}"),
                yes(name.is_held),
                local(name.due_at),
                holder_text(name.holder, seats, locale),
                say(locale, f"submissions.vote_{name.recommendation}") if name.recommendation else "",
            ]
