"""What takes longer than a request may, over JSON: asked for, and what came of it once the worker did it."""

from typing import Final

from apiflask import APIBlueprint
from flask import Response

from api.edge import edge, end_reading, request_now, request_session
from api.identity import bearer_actor
from api.inputs.admin.errands import ErrandRequest
from api.permissions import Permission, permission
from api.rest.answers import answer, described
from api.rest.idempotency import requested_claim
from workflow.operations.errands.ask import ask_errand
from workflow.queries.paging import BIGGEST_ID
from workflow.queries.setup.errands import ErrandView, get_errand

errands = APIBlueprint("errands", __name__, tag="Errands")
_ONE: Final = f"/errands/<int(max={BIGGEST_ID}):errand_id>"


@errands.post("/errands")
@errands.input(ErrandRequest)
@errands.output(described(ErrandView, "Errand"), 201)
@permission(Permission.SIGNED_IN)
def ask(json_data: ErrandRequest) -> Response:
    """Ask the worker to verify history, to count open work anew, or to have it go over to another version.

    Verifying is for administrators and auditors of the whole installation, the rest for administrators; to
    everybody else there is no such place. Of a kind one is done at a time. Read it until it has `ended_at`.
    """
    actor, now, claim = bearer_actor(), request_now(), requested_claim()
    end_reading()
    number = ask_errand(
        request_session(),
        json_data.kind,
        actor=actor,
        now=now,
        reason=json_data.reason,
        args=json_data.args(),
        claim=claim,
    )
    edge().wake()
    found = get_errand(request_session(), actor=actor, errand_id=number)
    return answer(ErrandView, found, 201)


@errands.get(_ONE)
@errands.output(described(ErrandView, "Errand"))
@permission(Permission.SIGNED_IN)
def read(errand_id: int) -> Response:
    """Read how far an errand is, or what came of it."""
    found = get_errand(request_session(), actor=bearer_actor(), errand_id=errand_id)
    return answer(ErrandView, found)
