"""The mails and escalations that will come if nobody acts, over JSON."""

from typing import Final

from apiflask import APIBlueprint
from flask import Response

from api.edge import edge, request_now, request_session
from api.forecast_view import ForecastView, read_forecast
from api.identity import bearer_actor
from api.inputs.forecast import ForecastQuery
from api.permissions import Permission, permission
from api.rest.answers import answer, described

ahead: Final = APIBlueprint("ahead", __name__, tag="Time")


@ahead.get("/forecast")
@ahead.input(ForecastQuery, location="query")
@ahead.output(described(ForecastView, "Forecast"))
@permission(Permission.SIGNED_IN)
def read(query_data: ForecastQuery) -> Response:
    """Read which mails will be sent if nobody acts: in what you watch over, or (`mine`) to you."""
    found = read_forecast(
        request_session(),
        actor=bearer_actor(),
        asked=query_data.asked(edge().settings.mail_preferences),
        now=request_now(),
        limit=query_data.limit,
        cursor=query_data.cursor,
    )
    return answer(ForecastView, found)
