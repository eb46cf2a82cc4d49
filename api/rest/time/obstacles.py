"""Work that cannot go on, and why, over JSON."""

from flask import Response

from api.edge import request_now, request_session
from api.identity import bearer_actor
from api.inputs.obstacles import ObstacleQuery
from api.permissions import Permission, permission
from api.rest.answers import answer, described_page
from api.rest.reference import reference
from workflow.queries.obstacles.obstacles import ObstacleView, list_obstacles
from workflow.queries.paging import Page


@reference.get("/obstacles")
@reference.input(ObstacleQuery, location="query")
@reference.output(described_page(ObstacleView, "Obstacle"))
@permission(Permission.SIGNED_IN)
def list_stuck(query_data: ObstacleQuery) -> Response:
    """List what keeps work that you watch over from going on, by due date, with what you can do about it.

    It is looked for every hour; what was done since is left out at once.
    """
    page = list_obstacles(
        request_session(),
        actor=bearer_actor(),
        filters=query_data.filters(),
        limit=query_data.limit,
        cursor=query_data.cursor,
        now=request_now(),
    )
    return answer(Page[ObstacleView], page)
