"""What is said beside a nomination, over JSON."""

from uuid import UUID

from flask import Response

from api.edge import request_now, request_session
from api.identity import bearer_actor
from api.inputs.nominations import NewComment
from api.inputs.rounds import Nothing
from api.permissions import Permission, permission
from api.reading import Paging
from api.rest.answers import answer, described_page
from api.rest.idempotency import marked, requested_claim
from api.rest.nominations import nominations
from workflow.domain.vocabulary import Via
from workflow.operations.comments.naming import CommentDraft
from workflow.operations.comments.read import mark_read
from workflow.operations.comments.say import CommentSaid, say, take_back
from workflow.queries.nominations.events import EventView, list_comments
from workflow.queries.paging import BIGGEST_ID, DEFAULT_LIMIT, Page

_COMMENTS = f"/nominations/<int(max={BIGGEST_ID}):nomination_id>/comments"


@nominations.get(_COMMENTS)
@nominations.input(Paging, location="query")
@nominations.output(described_page(EventView, "Event"))
@permission(Permission.SIGNED_IN)
def comments(nomination_id: int, query_data: Paging) -> Response:
    """List the comments on a nomination that are for you, oldest first."""
    return _listed(nomination_id, limit=query_data.limit, cursor=query_data.cursor)


@nominations.post(_COMMENTS)
@nominations.input(NewComment)
@nominations.output(described_page(EventView, "Event"))
@permission(Permission.SIGNED_IN)
def comment(nomination_id: int, json_data: NewComment) -> Response:
    """Say something to your own seat, to the reviewers or to who nominates; the answer is the comments."""
    said = say(
        request_session(),
        actor=bearer_actor(),
        nomination_id=nomination_id,
        comment=CommentDraft(json_data.text, json_data.audience, json_data.mentions),
        via=Via.API,
        now=request_now(),
        claim=requested_claim(),
    )
    return _after(said, nomination_id)


@nominations.post(f"{_COMMENTS}/<uuid:comment_id>/withdraw")
@nominations.input(Nothing)
@nominations.output(described_page(EventView, "Event"))
@permission(Permission.SIGNED_IN)
def withdraw_comment(nomination_id: int, comment_id: UUID, json_data: Nothing) -> Response:  # noqa: ARG001 - an empty body is read all the same
    """Take your comment back: that you said something stays, the words are told nobody any more."""
    said = take_back(
        request_session(),
        actor=bearer_actor(),
        nomination_id=nomination_id,
        comment_id=comment_id,
        via=Via.API,
        now=request_now(),
        claim=requested_claim(),
    )
    return _after(said, nomination_id)


@nominations.post(f"{_COMMENTS}/<uuid:comment_id>/read")
@nominations.input(Nothing)
@nominations.output(described_page(EventView, "Event"))
@permission(Permission.SIGNED_IN)
def read_comment(nomination_id: int, comment_id: UUID, json_data: Nothing) -> Response:  # noqa: ARG001 - an empty body is read all the same
    """Say that you read a comment that names you: it waits in your inbox no more."""
    mark_read(
        request_session(),
        actor=bearer_actor(),
        nomination_id=nomination_id,
        comment_id=comment_id,
        now=request_now(),
    )
    return _listed(nomination_id, limit=DEFAULT_LIMIT, cursor=None)


def _after(said: CommentSaid, nomination_id: int) -> Response:
    listed = _listed(nomination_id, limit=DEFAULT_LIMIT, cursor=None)
    return marked(listed, was_answered_before=said.was_answered_before)


def _listed(nomination_id: int, *, limit: int, cursor: str | None) -> Response:
    page = list_comments(
        request_session(), actor=bearer_actor(), nomination_id=nomination_id, limit=limit, cursor=cursor
    )
    return answer(Page[EventView], page)
