"""Where nominations wait longest, over JSON."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import Response

from api.edge import edge, request_now, request_session
from api.identity import bearer_actor
from api.inputs.nominations import BottleneckQuery
from api.permissions import Permission, permission
from api.rest.answers import answer, described_page
from api.rest.reference import reference
from workflow.queries.paging import Page
from workflow.queries.waiting.bottlenecks import BottleneckRow, bottlenecks
from workflow.queries.waiting.visits import VisitFilters


@reference.get("/analytics/bottlenecks")
@reference.input(BottleneckQuery, location="query")
@reference.output(described_page(BottleneckRow, "Bottleneck"))
@permission(Permission.SIGNED_IN)
def slow_steps(query_data: BottleneckQuery) -> Response:
    """Measure where the nominations you may see wait, longest median first."""
    zone = edge().settings.zone
    page = bottlenecks(
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
        cursor=query_data.cursor,
    )
    return answer(Page[BottleneckRow], page)


def _midnight(day: date | None, zone: ZoneInfo, *, days_later: int = 0) -> datetime | None:
    if day is None:
        return None
    # The last day there is has no day after it.
    whole_days = min(timedelta(days=days_later), date.max - day)
    return datetime.combine(day + whole_days, time(), zone)
