"""What every client needs, over JSON: routes, awards, units, days off; and my dates for a calendar."""

import re
from typing import Final

from apiflask import APIBlueprint
from flask import Response, request

from api.edge import edge, request_now, request_session
from api.inputs.calendars import CalendarQuery
from api.permissions import Permission, permission
from api.reading import Paging
from api.rest.answers import answer, described_page
from api.rest.time.calendar_feed import MEDIA_TYPE, write_feed
from workflow.domain.errors import NotFound
from workflow.messages.envelope import domain_of
from workflow.operations.people.tokens import digest
from workflow.queries.calendars import (
    CalendarDayView,
    OfficeHoursView,
    list_calendar_days,
    list_office_hours,
)
from workflow.queries.feed.feed import due_dates, feed_reader
from workflow.queries.paging import Page
from workflow.queries.reference import (
    AwardView,
    UnitView,
    WorkflowView,
    list_awards,
    list_units,
    list_workflows,
)

# What `new_token` makes; anything else is nobody's and is looked up all the same: both take the same time.
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_KEPT_SECONDS: Final = 900


reference = APIBlueprint("reference", __name__, tag="Work and reference data")
"""What `inbox` and `bottlenecks` hang on too: clients are generated from the names of its operations."""


@reference.get("/workflows")
@reference.input(Paging, location="query")
@reference.output(described_page(WorkflowView, "Workflow"))
@permission(Permission.SIGNED_IN)
def workflows(query_data: Paging) -> Response:
    """List the published routes, every version."""
    page = list_workflows(request_session(), limit=query_data.limit, cursor=query_data.cursor)
    return answer(Page[WorkflowView], page)


@reference.get("/awards")
@reference.input(Paging, location="query")
@reference.output(described_page(AwardView, "Award"))
@permission(Permission.SIGNED_IN)
def awards(query_data: Paging) -> Response:
    """List the awards in force today."""
    page = list_awards(request_session(), now=request_now(), limit=query_data.limit, cursor=query_data.cursor)
    return answer(Page[AwardView], page)


@reference.get("/units")
@reference.input(Paging, location="query")
@reference.output(described_page(UnitView, "Unit"))
@permission(Permission.SIGNED_IN)
def units(query_data: Paging) -> Response:
    """List the units with their editions; the parents make the tree."""
    page = list_units(request_session(), now=request_now(), limit=query_data.limit, cursor=query_data.cursor)
    return answer(Page[UnitView], page)


@reference.get("/calendar/days")
@reference.input(CalendarQuery, location="query")
@reference.output(described_page(CalendarDayView, "CalendarDay"))
@permission(Permission.SIGNED_IN)
def calendar_days(query_data: CalendarQuery) -> Response:
    """List the days off and those worked in their place, by date, each with the decision it rests on."""
    page = list_calendar_days(
        request_session(), year=query_data.year, limit=query_data.limit, cursor=query_data.cursor
    )
    return answer(Page[CalendarDayView], page)


@reference.get("/calendar/hours")
@reference.input(Paging, location="query")
@reference.output(described_page(OfficeHoursView, "OfficeHours"))
@permission(Permission.SIGNED_IN)
def calendar_hours(query_data: Paging) -> Response:
    """List the office hours, by the day from which they count, each with the decision it rests on."""
    page = list_office_hours(request_session(), limit=query_data.limit, cursor=query_data.cursor)
    return answer(Page[OfficeHoursView], page)


@reference.get("/calendar/<token>.ics")
@reference.doc(hide=True)
@permission(Permission.ANYBODY)
def feed(token: str) -> Response:
    """Answer the due dates of whoever has this secret address; no session, no cookie."""
    secret = token if _SECRET.fullmatch(token) else ""
    actor = feed_reader(request_session(), token_hash=digest(secret), now=request_now())
    if actor is None:
        raise NotFound("There is no such feed.")
    settings = edge().settings
    written = write_feed(
        due_dates(request_session(), actor=actor, now=request_now()),
        locale=actor.locale,
        base_url=settings.base_url,
        domain=domain_of(settings.mail_from),
    )
    response = Response(written, content_type=MEDIA_TYPE)
    response.headers["Content-Disposition"] = 'inline; filename="commendo.ics"'
    response.headers["Cache-Control"] = f"private, max-age={_KEPT_SECONDS}"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.add_etag()
    response.make_conditional(request)
    return response
