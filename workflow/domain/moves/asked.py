"""What an action asks for: whatever else comes with it is refused, not taken without a word."""

from collections.abc import Mapping
from typing import Final

from workflow.domain.errors import FieldError, InvalidField
from workflow.domain.facts import MoveRequest
from workflow.domain.route.definition import Definition, Move
from workflow.domain.route.guards import DECISION_GUARD, VOTE_GUARD
from workflow.domain.vocabulary import BuiltIn
from workflow.domain.votes import COUNTS_FIELD

_WORDS: Final = frozenset({"comment", "reason_code", "occurred_on"})
_BY_GUARD: Final = ((DECISION_GUARD, "decision"), (VOTE_GUARD, COUNTS_FIELD))
_BUILT_IN: Final[Mapping[str, frozenset[str]]] = {
    BuiltIn.RECALL: _WORDS,
    BuiltIn.WITHDRAW: _WORDS,
    BuiltIn.CLAIM: frozenset({"comment"}),
    BuiltIn.RELEASE: frozenset({"comment"}),
    BuiltIn.REASSIGN: frozenset({"comment", "assignee_id"}),
    BuiltIn.TAKE_OVER: frozenset({"comment"}),
    BuiltIn.HOLD: _WORDS,
    BuiltIn.RELEASE_HOLD: _WORDS,
    BuiltIn.REQUEST_INFO: frozenset({"comment", "answer_by"}),
    BuiltIn.ANSWER_INFO: frozenset({"comment"}),
    BuiltIn.ASK_OPINION: frozenset({"comment", "occurred_on", "office"}),
    BuiltIn.RECEIVE_OPINION: frozenset({"comment", "occurred_on"}),
    BuiltIn.UNDO: frozenset({"comment"}),
    BuiltIn.RECORD_OUTCOME: frozenset({"comment", "occurred_on", "outcome", "decision"}),
    BuiltIn.ANNUL: frozenset({"comment", "occurred_on", "decision"}),
    BuiltIn.REINSTATE: frozenset({"comment", "occurred_on"}),
    BuiltIn.PREPARE: frozenset({"comment", "reason_code", "to_step", "proposes"}),
    BuiltIn.PREPARE_AGAIN: frozenset({"comment"}),
}


def demand_asked(
    definition: Definition, move: Move | None, request: MoveRequest, *, assignee_id: int | None
) -> None:
    """Raise `InvalidField` naming every part that the action does not ask for, or a reason unknown to it.

    `move` is the open move of that name, None for a built-in action. A document is taken only where the move
    carries `decision_recorded`, and counts where it carries `vote_recorded`: anywhere else they would be
    recorded in the name of whoever holds the step. Any move may have been made offline.
    """
    if move is None and request.action not in _BUILT_IN:
        return
    asked = _BUILT_IN[request.action] if move is None else _asked_by(move)
    given = {
        "comment": bool(request.comment),
        "reason_code": request.reason_code is not None,
        "occurred_on": request.occurred_on is not None,
        "to_step": request.to_step is not None,
        "decision": request.decision is not None,
        COUNTS_FIELD: request.vote is not None,
        "on_paper": request.on_paper is not None,
        "outcome": request.outcome is not None,
        "assignee_id": assignee_id is not None,
        "answer_by": request.answer_by is not None,
        "proposes": request.proposes is not None,
        "office": request.office is not None,
    }
    errors = [
        FieldError(field, f"is not asked for by '{request.action}'; leave it out")
        for field, is_given in given.items()
        if is_given and field not in asked
    ]
    if move is None:
        errors += _unknown_reason(definition, request)
    if errors:
        raise InvalidField("; ".join(f"{error.field} {error.message}" for error in errors), errors=errors)


def _asked_by(move: Move) -> frozenset[str]:
    return _WORDS | {"to_step", "on_paper"} | {field for guard, field in _BY_GUARD if guard in move.guards}


def _unknown_reason(definition: Definition, request: MoveRequest) -> list[FieldError]:
    """Check the reason of a built-in action; the engine checks that of a move."""
    known = [choice.code for choice in definition.reason_choices]
    if request.reason_code is None or request.reason_code in known:
        return []
    return [FieldError("reason_code", f"'{request.reason_code}' is unknown; known: {', '.join(known)}")]
