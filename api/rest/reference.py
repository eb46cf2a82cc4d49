"""Oneself, one's work, and the reference data that every client needs, over JSON."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from apiflask import APIBlueprint
from flask import Response

from api.edge import edge, request_now, request_session
from api.identity import bearer_actor
from api.inputs.nominations import BottleneckQuery
from api.permissions import Permission, permission
from api.reading import Paging
from api.rest.answers import answer, described, described_page
from workflow.queries import me as accounts
from workflow.queries.inbox.groups import InboxGroup, inbox_groups
from workflow.queries.inbox.inbox import inbox
from workflow.queries.inbox.rows import InboxItem
from workflow.queries.paging import Page
from workflow.queries.reference import (
    AwardView,
    UnitView,
    WorkflowView,
    list_awards,
    list_units,
    list_workflows,
)
from workflow.queries.waiting.bottlenecks import BottleneckRow, bottlenecks
from workflow.queries.waiting.visits import VisitFilters

reference = APIBlueprint("reference", __name__, tag="Work and reference data")


@reference.get("/me")
@reference.output(described(accounts.Me, "Me"))
@permission(Permission.SIGNED_IN)
def read_me() -> Response:
    """Read who you are here and what you hold today."""
    return answer(accounts.Me, accounts.me(request_session(), actor=bearer_actor(), now=request_now()))


@reference.get("/inbox")
@reference.input(Paging, location="query")
@reference.output(described_page(InboxItem, "InboxItem"))
@permission(Permission.SIGNED_IN)
def read_inbox(query_data: Paging) -> Response:
    """List the open work that waits for you, by due date."""
    page = inbox(
        request_session(),
        actor=bearer_actor(),
        now=request_now(),
        limit=query_data.limit,
        cursor=query_data.cursor,
    )
    return answer(Page[InboxItem], page)


@reference.get("/inbox/groups")
@reference.input(Paging, location="query")
@reference.output(described_page(InboxGroup, "InboxGroup"))
@permission(Permission.SIGNED_IN)
def read_inbox_groups(query_data: Paging) -> Response:
    """List the same work by paper: lists first with their names, then what belongs to none."""
    page = inbox_groups(
        request_session(),
        actor=bearer_actor(),
        now=request_now(),
        limit=query_data.limit,
        cursor=query_data.cursor,
    )
    return answer(Page[InboxGroup], page)


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


@reference.get("/analytics/bottlenecks")
@reference.input(BottleneckQuery, location="query")
@reference.output(described_page(BottleneckRow, "Bottleneck"))
@permission(Permission.SIGNED_IN)
def slow_steps(query_data: BottleneckQuery) -> Response:
    """Measure where the nominations you may see wait, longest median first."""
    zone = edge().settings.zone
    rows = bottlenecks(
        request_session(),
        scope=bearer_actor().scope,
        now=request_now(),
        filters=VisitFilters(
            since=_midnight(query_data.since, zone),
            until=_midnight(query_data.until, zone, days_later=1),
            **query_data.model_dump(include={"workflow", "stage", "unit", "award", "round"}),
        ),
        time=query_data.time,
        by_unit=query_data.by == "unit",
        limit=query_data.limit,
    )
    return answer(Page[BottleneckRow], Page(rows, None))


def _midnight(day: date | None, zone: ZoneInfo, *, days_later: int = 0) -> datetime | None:
    if day is None:
        return None
    # The last day there is has no day after it.
    whole_days = min(timedelta(days=days_later), date.max - day)
    return datetime.combine(day + whole_days, time(), zone)
