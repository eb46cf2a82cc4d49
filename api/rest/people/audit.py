"""All of history over JSON, for who runs the installation and who audits all of it."""

from apiflask import APIBlueprint
from flask import Response

from api.edge import request_session
from api.identity import bearer_actor
from api.inputs.admin.audit import AuditQuery
from api.permissions import Permission, permission
from api.rest.answers import answer, described_page
from workflow.queries.history.search import AuditEntry, search_history
from workflow.queries.paging import Page

history = APIBlueprint("history", __name__, tag="History")


@history.get("/audit/events")
@history.input(AuditQuery, location="query")
@history.output(described_page(AuditEntry, "AuditEntry"))
@permission(Permission.SIGNED_IN)
def events(query_data: AuditQuery) -> Response:
    """Search all of history, the newest first: by whom, what was done, to what, in which unit and when.

    For administrators and auditors of the whole installation; to everybody else there is no such place.
    """
    page = search_history(
        request_session(),
        actor=bearer_actor(),
        filters=query_data.filters(),
        limit=query_data.limit,
        cursor=query_data.cursor,
    )
    return answer(Page[AuditEntry], page)
