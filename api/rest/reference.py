"""The reference data that every client needs, over JSON: routes, awards, units, days off."""

from apiflask import APIBlueprint
from flask import Response

from api.edge import request_now, request_session
from api.inputs.calendars import CalendarQuery
from api.permissions import Permission, permission
from api.reading import Paging
from api.rest.answers import answer, described_page
from workflow.queries.calendars import CalendarDayView, list_calendar_days
from workflow.queries.paging import Page
from workflow.queries.reference import (
    AwardView,
    UnitView,
    WorkflowView,
    list_awards,
    list_units,
    list_workflows,
)

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
