"""What is recorded of a nomination after its end: the outcome above, and that its award is annulled.

By the office of the round, whose head decides here and to whom the answer of those above comes. An award is
annulled by a decision of its own: Law on Emulation and Commendation 06/2022, article 93.
"""

from collections.abc import Callable, Mapping
from typing import Final

from workflow.domain.errors import Forbidden, MoveNotOpen, Refusal
from workflow.domain.moves.standing import Standing, no
from workflow.domain.rights.authority import is_decided_here
from workflow.domain.rights.built_in_rights import refuse_built_in
from workflow.domain.rights.policy import Actor, Sending
from workflow.domain.route.states import ANNULLED_STATE
from workflow.domain.vocabulary import BuiltIn, Stage, UpperOutcome

NEED_DECISION: Final = frozenset({BuiltIn.RECORD_OUTCOME, BuiltIn.ANNUL})
"""What is entered with number, date and signer."""

NEED_REASON: Final = frozenset({BuiltIn.ANNUL, BuiltIn.REINSTATE})
"""What is never done without saying why."""


def recordable(standing: Standing) -> tuple[BuiltIn, ...]:
    """Return what may be recorded of it as it stands, whoever asks."""
    after = {
        BuiltIn.RECORD_OUTCOME: awaits_outcome(standing),
        BuiltIn.ANNUL: is_awarded(standing),
        BuiltIn.REINSTATE: is_annulled(standing),
    }
    return tuple(action for action, is_so in after.items() if is_so)


def awaits_outcome(standing: Standing) -> bool:
    """Return whether the nomination was approved here for somebody above to decide on."""
    facts, definition = standing.facts, standing.definition
    is_approved = definition.has_step(facts.state) and definition.stage_of(facts.state) is Stage.APPROVED
    return is_approved and not is_decided_here(facts.decider, round_owner=facts.seats.round_owner)


def is_annulled(standing: Standing) -> bool:
    """Return whether the award was decided, and annulled after."""
    facts, definition = standing.facts, standing.definition
    return facts.state == ANNULLED_STATE and not definition.has_step(facts.state)


def is_awarded(standing: Standing) -> bool:
    """Return whether the award was decided and stands: here, or above with its outcome recorded."""
    facts, definition = standing.facts, standing.definition
    is_approved = definition.has_step(facts.state) and definition.stage_of(facts.state) is Stage.APPROVED
    return is_approved and (not awaits_outcome(standing) or facts.upper_outcome == UpperOutcome.AWARDED)


def _refuse_outcome(actor: Actor, standing: Standing) -> tuple[Refusal, ...]:
    if not awaits_outcome(standing):
        message = "Only what was submitted upward has an outcome above."
        return (no(MoveNotOpen, "not_submitted_upward", message),)
    return _refuse_office(actor, standing, BuiltIn.RECORD_OUTCOME)


def _refuse_annulling(actor: Actor, standing: Standing) -> tuple[Refusal, ...]:
    if is_annulled(standing):
        return (no(MoveNotOpen, "annulled_already", "The award was annulled already."),)
    if not is_awarded(standing) or standing.definition.has_step(ANNULLED_STATE):
        message = "Only an award that was decided, and stands, can be annulled."
        return (no(MoveNotOpen, "nothing_awarded", message),)
    return _refuse_office(actor, standing, BuiltIn.ANNUL)


def _refuse_reinstating(actor: Actor, standing: Standing) -> tuple[Refusal, ...]:
    if not is_annulled(standing):
        message = "The award was not annulled: there is nothing to take back."
        return (no(MoveNotOpen, "not_annulled", message),)
    return _refuse_office(actor, standing, BuiltIn.REINSTATE)


def _refuse_office(actor: Actor, standing: Standing, action: BuiltIn) -> tuple[Refusal, ...]:
    """Return why the actor does not record it for whoever decides."""
    starter, nobody = str(standing.definition.starter), Sending()
    reason = refuse_built_in(actor, standing.facts, action, starter=starter, sending=nobody)
    return () if reason is None else (Forbidden(reason.message, reasons=[reason]),)


OF_DECISIONS: Final[Mapping[BuiltIn, Callable[[Actor, Standing], tuple[Refusal, ...]]]] = {
    BuiltIn.RECORD_OUTCOME: _refuse_outcome,
    BuiltIn.ANNUL: _refuse_annulling,
    BuiltIn.REINSTATE: _refuse_reinstating,
}
