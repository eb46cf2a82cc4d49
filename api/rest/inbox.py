"""Oneself and the work that waits for one, over JSON."""

from flask import Response

from api.edge import request_now, request_session
from api.identity import bearer_actor
from api.permissions import Permission, permission
from api.reading import Paging
from api.rest.answers import answer, described, described_page
from api.rest.reference import reference
from workflow.queries import me as accounts
from workflow.queries.inbox.groups import InboxGroup, inbox_groups
from workflow.queries.inbox.inbox import inbox
from workflow.queries.inbox.rows import InboxItem
from workflow.queries.paging import Page


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
