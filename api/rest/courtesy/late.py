"""More time for work that was reported as late, over JSON."""

from flask import Response

from api.edge import edge, request_now, request_session
from api.identity import bearer_actor
from api.inputs.escalations import MoreTimeRequest
from api.permissions import Permission, permission
from api.rest.answers import answer, described
from api.rest.courtesy.escalations import escalations
from api.rest.idempotency import marked, requested_claim
from workflow.domain.vocabulary import Via
from workflow.operations.escalations.more_time import give_more_time
from workflow.queries.nominations.nomination import NominationView, get_nomination
from workflow.queries.paging import BIGGEST_ID


@escalations.post(f"/nominations/<int(max={BIGGEST_ID}):nomination_id>/more-time")
@escalations.input(MoreTimeRequest)
@escalations.output(described(NominationView, "Nomination"))
@permission(Permission.SIGNED_IN)
def more_time(nomination_id: int, json_data: MoreTimeRequest) -> Response:
    """Give work that was reported as late another due date, with a reason; for who is above it."""
    actor, session = bearer_actor(), request_session()
    was_answered = give_more_time(
        session,
        actor=actor,
        wanted=json_data.more_time(nomination_id),
        via=Via.API,
        now=request_now(),
        claim=requested_claim(),
    )
    if not was_answered:
        edge().wake()
    view = get_nomination(session, actor=actor, nomination_id=nomination_id, now=request_now())
    return marked(answer(NominationView, view), was_answered_before=was_answered)
