"""Awards in force, and the days and hours that count: what there is, and where more comes from."""

from typing import Final

from flask import request

from api.edge import request_now, request_session, request_today
from api.pages.frame.address_words import narrowed_by, number_asked
from api.pages.routes import pages
from api.pages.views.admin.door import administrator
from api.pages.writing import render
from api.permissions import Permission, permission
from workflow.domain.numerals import YEARS
from workflow.domain.time.days import CitedPaper, cited_paper, decision_of
from workflow.domain.time.hours import USUAL_HOURS
from workflow.queries.calendars import describe_calendar, list_calendar_days, list_office_hours
from workflow.queries.paging import MAX_LIMIT
from workflow.queries.reference import decrees_of, is_of_play, list_awards
from workflow.queries.setup.routes import newest_routes

_PAGE: Final = 100


@pages.get("/admin/awards")
@permission(Permission.SIGNED_IN)
@narrowed_by()
def awards() -> str:
    """Show the awards in force today, each with its route."""
    administrator()
    session = request_session()
    cursor = request.args.get("cursor")
    page = list_awards(session, now=request_now(), limit=_PAGE, cursor=cursor)
    return render(
        "admin/awards.html",
        awards=page.items,
        routes=newest_routes(session),
        decrees=decrees_of(page.items),
        is_of_play=is_of_play,
        next=page.next,
        is_first=cursor is None,
    )


@pages.get("/admin/calendar")
@permission(Permission.SIGNED_IN)
@narrowed_by("year")
def calendar() -> str:
    """Show how well each year is known, the days of one and the office hours, with what each rests on."""
    administrator()
    session, today = request_session(), request_today()
    year = number_asked("year", least=YEARS.start, most=YEARS.stop - 1) or today.year
    cursor = request.args.get("cursor")
    page = list_calendar_days(session, year=year, limit=_PAGE, cursor=cursor)
    return render(
        "admin/calendar.html",
        calendar=describe_calendar(session, today=today),
        year=year,
        days=page.items,
        next=page.next,
        is_first=cursor is None,
        hours=list_office_hours(session, limit=MAX_LIMIT, cursor=None).items,
        usual=str(USUAL_HOURS),
        paper_of=_paper_of,
    )


def _paper_of(source: str) -> CitedPaper | None:
    """Return number and date of the official letter that a shipped day rests on, else None."""
    return cited_paper(decision_of(source))
