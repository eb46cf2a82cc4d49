"""What may be prepared for somebody else to decide: a move that is open to them, said in full."""

from collections.abc import Sequence
from typing import Final

from workflow.domain.errors import FieldError, InvalidField, Reason, RequirementsMissing, UnknownStep
from workflow.domain.facts import Facts, MoveRequest, Prepared
from workflow.domain.moves.engine import Offer, offers, unmet_reason
from workflow.domain.route.definition import Definition

PREPARED_BY: Final = "prepared_by"
PREPARED_CHANGED: Final = "prepared_changed"
"""What the event of a decision calls who prepared it, and whether it became another than was prepared."""


def demand_proposal(definition: Definition, facts: Facts, request: MoveRequest) -> None:
    """Raise unless the move that is proposed could be agreed to as it is said.

    Counts and a signed document are whoever decides' to give. Raises `InvalidField` for no such move,
    `UnknownStep`, and `RequirementsMissing` with every unmet rule.
    """
    offer = next((one for one in offers(definition, facts) if one.name == request.proposes), None)
    if offer is None:
        known = ", ".join(sorted(one.name for one in offers(definition, facts)))
        message = f"has to name a move that is open here: {known}"
        raise InvalidField(f"proposes {message}.", errors=[FieldError("proposes", message)])
    unsaid = unmet_reason(definition, offer, request)
    _demand_step(offer, request, unsaid)
    unmet = (*offer.unmet, *unsaid)
    if unmet:
        told = " ".join(reason.message for reason in unmet)
        raise RequirementsMissing(f"'{offer.name}' needs more: {told}", reasons=unmet)


def is_as_proposed(prepared: Prepared, request: MoveRequest) -> bool:
    """Return whether a decision is what was prepared, word for word.

    Where only one step can follow, naming it or not is the same.
    """
    said = (request.action, request.reason_code, request.comment)
    is_same_step = None in {prepared.to_step, request.to_step} or prepared.to_step == request.to_step
    return is_same_step and said == (prepared.move, prepared.reason_code, prepared.comment)


def _demand_step(offer: Offer, request: MoveRequest, unsaid: Sequence[Reason]) -> None:
    steps = [step.name for step in offer.dests]
    if request.to_step in steps or (request.to_step is None and len(steps) == 1):
        return
    choices = ", ".join(steps)
    message = f"'{offer.name}' leads to {choices}; say in to_step which."
    raise UnknownStep(message, reasons=unsaid, action=offer.name, choices=choices)
