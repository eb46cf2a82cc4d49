"""Oneself and the work that waits for one, over JSON."""

from uuid import UUID

from flask import Response

from api.edge import request_now, request_session
from api.identity import bearer_actor
from api.inputs.inbox import AsideRequest, InboxFilter, InboxQuery
from api.inputs.rounds import Nothing
from api.permissions import Permission, permission
from api.rest.answers import answer, described, described_page
from api.rest.reference import reference
from workflow.operations.people.set_aside import bring_back, set_work_aside
from workflow.queries import me as accounts
from workflow.queries.inbox.groups import InboxGroup, inbox_groups
from workflow.queries.inbox.inbox import (
    AsideItem,
    InboxCounts,
    get_inbox_item,
    inbox,
    inbox_counts,
    list_set_aside,
    mentions_waiting,
    preparations_sent_back,
)
from workflow.queries.inbox.rows import InboxItem
from workflow.queries.inbox.sent_back import SentBack
from workflow.queries.mentions.waiting import MentionWaiting
from workflow.queries.paging import Page


@reference.get("/me")
@reference.output(described(accounts.Me, "Me"))
@permission(Permission.SIGNED_IN)
def read_me() -> Response:
    """Read who you are here and what you hold today."""
    return answer(accounts.Me, accounts.me(request_session(), actor=bearer_actor(), now=request_now()))


@reference.get("/inbox")
@reference.input(InboxQuery, location="query")
@reference.output(described_page(InboxItem, "InboxItem"))
@permission(Permission.SIGNED_IN)
def read_inbox(query_data: InboxQuery) -> Response:
    """List the open work that waits for you, by due date: a tab of it, narrowed by the words of its page."""
    page = inbox(
        request_session(),
        actor=bearer_actor(),
        now=request_now(),
        limit=query_data.limit,
        cursor=query_data.cursor,
        tab=query_data.tab,
        filters=query_data.filters(),
    )
    return answer(Page[InboxItem], page)


@reference.get("/inbox/counts")
@reference.input(InboxFilter, location="query")
@reference.output(described(InboxCounts, "InboxCounts"))
@permission(Permission.SIGNED_IN)
def read_inbox_counts(query_data: InboxFilter) -> Response:
    """Count what each tab of your inbox lists, narrowed by the same words; 1001 stands for more than 1000."""
    counts = inbox_counts(
        request_session(), actor=bearer_actor(), now=request_now(), filters=query_data.filters()
    )
    return answer(InboxCounts, counts)


@reference.get("/inbox/set-aside")
@reference.output(described_page(AsideItem, "AsideItem"))
@permission(Permission.SIGNED_IN)
def read_set_aside() -> Response:
    """List what waits for you and you set aside, by due date."""
    return _set_aside()


@reference.get("/inbox/sent-back")
@reference.output(described_page(SentBack, "SentBack"))
@permission(Permission.SIGNED_IN)
def read_sent_back() -> Response:
    """List what you prepared for others and were asked to prepare again, the longest waiting first."""
    found = preparations_sent_back(request_session(), actor=bearer_actor(), now=request_now())
    return answer(Page[SentBack], Page(found, None))


@reference.get("/inbox/mentions")
@reference.output(described_page(MentionWaiting, "Mention"))
@permission(Permission.SIGNED_IN)
def read_mentions() -> Response:
    """List the comments that name you, or whom you stand in for, and wait to be read, the newest first."""
    found = mentions_waiting(request_session(), actor=bearer_actor(), now=request_now())
    return answer(Page[MentionWaiting], Page(found, None))


@reference.post("/inbox/<uuid:work_item_id>/set-aside")
@reference.input(AsideRequest)
@reference.output(described_page(AsideItem, "AsideItem"))
@permission(Permission.SIGNED_IN)
def put_aside(work_item_id: UUID, json_data: AsideRequest) -> Response:
    """Set one thing aside until the morning of a day, not after its due date; reminders come all the same."""
    session, actor, now = request_session(), bearer_actor(), request_now()
    get_inbox_item(session, actor=actor, work_item_id=work_item_id, now=now)
    set_work_aside(session, actor=actor, aside=json_data.aside(work_item_id), now=now)
    return _set_aside()


@reference.post("/inbox/<uuid:work_item_id>/bring-back")
@reference.input(Nothing)
@reference.output(described_page(AsideItem, "AsideItem"))
@permission(Permission.SIGNED_IN)
def take_back(work_item_id: UUID, json_data: Nothing) -> Response:  # noqa: ARG001 - an empty body is read all the same
    """Take back what you set aside; the answer is what still is."""
    bring_back(request_session(), actor=bearer_actor(), work_item_id=work_item_id)
    return _set_aside()


def _set_aside() -> Response:
    found = list_set_aside(request_session(), actor=bearer_actor(), now=request_now())
    return answer(Page[AsideItem], Page(found, None))


@reference.get("/inbox/groups")
@reference.input(InboxQuery, location="query")
@reference.output(described_page(InboxGroup, "InboxGroup"))
@permission(Permission.SIGNED_IN)
def read_inbox_groups(query_data: InboxQuery) -> Response:
    """List the same work by paper: lists with their names, by their earliest due date, among the rest."""
    page = inbox_groups(
        request_session(),
        actor=bearer_actor(),
        now=request_now(),
        limit=query_data.limit,
        cursor=query_data.cursor,
        tab=query_data.tab,
        filters=query_data.filters(),
    )
    return answer(Page[InboxGroup], page)
