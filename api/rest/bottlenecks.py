"""Where nominations wait longest, over JSON."""

from flask import Response

from api.edge import edge, request_now, request_session
from api.identity import bearer_actor
from api.inputs.nominations import BottleneckQuery
from api.permissions import Permission, permission
from api.rest.answers import answer, described_page
from api.rest.reference import reference
from workflow.queries.paging import Page
from workflow.queries.waiting.bottlenecks import BottleneckRow, bottlenecks


@reference.get("/analytics/bottlenecks")
@reference.input(BottleneckQuery, location="query")
@reference.output(described_page(BottleneckRow, "Bottleneck"))
@permission(Permission.SIGNED_IN)
def slow_steps(query_data: BottleneckQuery) -> Response:
    """Measure where the nominations you may see wait, longest median first.

    `time=working` counts net: working hours without what a nomination was on hold. `time=calendar` counts
    gross, every hour of the clock.

    After an upgrade of an office with hundreds of thousands of past stays, a question about more than
    300,000 of them is refused with `stays-being-counted` (409) until they are counted, some minutes later.
    """
    page = bottlenecks(
        request_session(),
        scope=bearer_actor().scope,
        now=request_now(),
        filters=query_data.filters(edge().settings.zone),
        time=query_data.time,
        by_unit=query_data.by == "unit",
        limit=query_data.limit,
        cursor=query_data.cursor,
    )
    return answer(Page[BottleneckRow], page)
