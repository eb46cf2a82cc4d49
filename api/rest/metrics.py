"""`/metrics`: for Prometheus, behind a token of its own (docs/adr/0034)."""

from hmac import compare_digest
from typing import Final

from apiflask import APIBlueprint
from flask import Response, request
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4
from sqlalchemy.exc import SQLAlchemyError

from api.edge import edge, request_session
from api.permissions import Permission, permission
from workflow.clock import DatabaseClock
from workflow.domain.errors import NotFound, Unauthenticated
from workflow.queries.counts import Measures, measures

metrics = APIBlueprint("metrics", __name__, enable_openapi=False)

_CLOCK: Final = DatabaseClock()


@metrics.get("/metrics")
@permission(Permission.ANYBODY)
def scrape() -> Response:
    """Answer a scrape with counts and ages, for whoever holds the token of the settings."""
    _demand_token()
    parts = edge()
    checks = parts.readiness.checks()
    return Response(parts.meter.scraped(_measured(), checks), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _demand_token() -> None:
    token = edge().settings.metrics_token
    if token is None:
        raise NotFound("Metrics are off here: set COMMENDO_METRICS_TOKEN to read them.")
    given = request.headers.get("Authorization", "")
    if not compare_digest(given.encode(), f"Bearer {token.get_secret_value()}".encode()):
        raise Unauthenticated("Send the token of COMMENDO_METRICS_TOKEN as a bearer token.")


def _measured() -> Measures | None:
    try:
        session = request_session()
        return measures(session, now=_CLOCK.now(session))
    except SQLAlchemyError:
        # The checks say so; what this process counted itself is still worth reading.
        return None
