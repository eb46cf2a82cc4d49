"""Handing on what a unit owes a round: from the page of the round, and from that of what is late."""

from typing import Final

from flask import request
from werkzeug.wrappers import Response

from api.catalogue import say
from api.edge import request_now, request_session
from api.inputs.rounds import HandOverRequest
from api.pages.carry_out import carry_out, go_on
from api.pages.courtesy.late_return import show_late_return
from api.pages.identity import current_actor, current_locale
from api.pages.once import claim_of_form
from api.pages.routes import pages
from api.pages.typed import read_typed
from api.pages.views.one_round import ROUND, show_round
from api.permissions import Permission, permission
from workflow.domain.errors import Refusal
from workflow.domain.vocabulary import Via
from workflow.operations.rounds.hand_over import hand_over_return

_LATE: Final = "late"
"""What the form says that stands on the page of what is late."""
_TO_ALL: Final = "all"
"""What is chosen to give it back: a form in which nothing was chosen does nothing."""


@pages.post(f"{ROUND}/returns/<unit>/hand-over")
@permission(Permission.SIGNED_IN)
def hand_over(round_code: str, unit: str) -> Response | tuple[str, int]:
    """Hand on what a unit owes, or give it back to all who write for it."""

    def handed() -> bool:
        return hand_over_return(
            request_session(),
            actor=current_actor(),
            wanted=_wanted().hand_over(round_code, unit),
            via=Via.WEB,
            now=request_now(),
            claim=claim_of_form(),
        )

    def again(refusal: Refusal) -> str:
        if request.form.get("from") == _LATE:
            return show_late_return(round_code, unit, refusal)
        return show_round(round_code, refusal=refusal, unit=unit)

    def done(_: bool) -> Response:  # noqa: FBT001 - whether it was done before changes nothing here
        words = say(current_locale(), "handing.done")
        return go_on(words, "pages.round_page", round_code=round_code)

    return carry_out(handed, done=done, again=again)


def _wanted() -> HandOverRequest:
    """Return what the form says, of which somebody has to be chosen, or all who write for the unit."""
    if request.form.get("assignee_id") == _TO_ALL:
        return read_typed(HandOverRequest, request.form, more={"assignee_id": None})
    return read_typed(HandOverRequest, request.form, required=("assignee_id",))
