"""Escalations that are to come, over JSON: the list of an office, holding one back, letting it go."""

from uuid import UUID

from apiflask import APIBlueprint
from flask import Response

from api.edge import edge, request_now, request_session
from api.escalations import EscalationView, get_escalation, list_escalations
from api.identity import bearer_actor
from api.inputs.escalations import ComingQuery, HoldRequest
from api.inputs.rounds import Nothing
from api.permissions import Permission, permission
from api.rest.answers import answer, described, described_page
from api.rest.idempotency import marked, requested_claim
from workflow.domain.vocabulary import Via
from workflow.operations.escalations.hold_back import hold_escalation, release_escalation
from workflow.queries.paging import Page

escalations = APIBlueprint("escalations", __name__, tag="Escalations")


@escalations.get("/escalations")
@escalations.input(ComingQuery, location="query")
@escalations.output(described_page(EscalationView, "Escalation"))
@permission(Permission.SIGNED_IN)
def coming(query_data: ComingQuery) -> Response:
    """List what will be reported in the next working days to whom, for the office that may hold it back."""
    page = list_escalations(
        request_session(),
        actor=bearer_actor(),
        days=query_data.days,
        now=request_now(),
        limit=query_data.limit,
        cursor=query_data.cursor,
    )
    return answer(Page[EscalationView], page)


@escalations.post("/escalations/<uuid:escalation_id>/actions/hold")
@escalations.input(HoldRequest)
@escalations.output(described(EscalationView, "Escalation"))
@permission(Permission.SIGNED_IN)
def hold(escalation_id: UUID, json_data: HoldRequest) -> Response:
    """Hold an escalation back for one or two working days, once, with a reason."""
    was_answered = hold_escalation(
        request_session(),
        actor=bearer_actor(),
        hold=json_data.hold(escalation_id),
        via=Via.API,
        now=request_now(),
        claim=requested_claim(),
    )
    return _shown(escalation_id, was_answered_before=was_answered)


@escalations.post("/escalations/<uuid:escalation_id>/actions/release")
@escalations.input(Nothing)
@escalations.output(described(EscalationView, "Escalation"))
@permission(Permission.SIGNED_IN)
def release(escalation_id: UUID, json_data: Nothing) -> Response:  # noqa: ARG001 - an empty body is read all the same
    """Let an escalation go that was held back: it fires when it would have, at once where that is over."""
    was_answered = release_escalation(
        request_session(),
        actor=bearer_actor(),
        rung_id=escalation_id,
        via=Via.API,
        now=request_now(),
        claim=requested_claim(),
    )
    if not was_answered:
        edge().wake()
    return _shown(escalation_id, was_answered_before=was_answered)


def _shown(escalation_id: UUID, *, was_answered_before: bool) -> Response:
    view = get_escalation(request_session(), actor=bearer_actor(), rung_id=escalation_id, now=request_now())
    return marked(answer(EscalationView, view), was_answered_before=was_answered_before)
