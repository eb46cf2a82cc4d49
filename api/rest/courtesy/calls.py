"""Texts for a chat and calls to whoever is late, over JSON."""

from flask import Response

from api.edge import request_now, request_session
from api.identity import bearer_actor
from api.inputs.escalations import CallRequest, ChatQuery
from api.permissions import Permission, permission
from api.rest.answers import answer, described_page
from api.rest.courtesy.escalations import escalations
from api.rest.idempotency import marked, requested_claim
from api.zalo import ChatText, chat_texts
from workflow.domain.vocabulary import Via
from workflow.operations.escalations.telephone import Call, note_call
from workflow.queries.nominations.events import EventView, list_events
from workflow.queries.paging import BIGGEST_ID, Page
from workflow.queries.rounds.returns import ReturnView, list_returns
from workflow.queries.rounds.views import get_round


@escalations.get("/rounds/<round_code>/chat-texts")
@escalations.input(ChatQuery, location="query")
@escalations.output(described_page(ChatText, "ChatText"))
@permission(Permission.SIGNED_IN)
def texts(round_code: str, query_data: ChatQuery) -> Response:
    """Return some lines to paste into a chat, for all silent units together, or those named, and each."""
    session, actor, now = request_session(), bearer_actor(), request_now()
    view = get_round(session, code=round_code, now=now)
    owed = list_returns(session, actor=actor, round_code=round_code, now=now)
    found = chat_texts(session, view, owed, units=query_data.codes, locale=actor.locale)
    return answer(Page[ChatText], Page(found, None))


@escalations.post(f"/nominations/<int(max={BIGGEST_ID}):nomination_id>/calls")
@escalations.input(CallRequest)
@escalations.output(described_page(EventView, "Event"))
@permission(Permission.SIGNED_IN)
def call_about_nomination(nomination_id: int, json_data: CallRequest) -> Response:
    """Note a telephone call about a nomination's open work; the answer is its history."""
    was_answered = _noted(json_data.call(nomination_id=nomination_id))
    page = list_events(
        request_session(), actor=bearer_actor(), nomination_id=nomination_id, limit=200, cursor=None
    )
    return marked(answer(Page[EventView], page), was_answered_before=was_answered)


@escalations.post("/rounds/<round_code>/returns/<unit_code>/calls")
@escalations.input(CallRequest)
@escalations.output(described_page(ReturnView, "Return"))
@permission(Permission.SIGNED_IN)
def call_unit(round_code: str, unit_code: str, json_data: CallRequest) -> Response:
    """Note a telephone call to a unit about what it owes a round."""
    was_answered = _noted(json_data.call(round_code=round_code, unit_code=unit_code))
    found = list_returns(
        request_session(),
        actor=bearer_actor(),
        round_code=round_code,
        now=request_now(),
        unit_code=unit_code,
    )
    return marked(answer(Page[ReturnView], Page(tuple(found), None)), was_answered_before=was_answered)


def _noted(call: Call) -> bool:
    return note_call(
        request_session(),
        actor=bearer_actor(),
        call=call,
        via=Via.API,
        now=request_now(),
        claim=requested_claim(),
    )
