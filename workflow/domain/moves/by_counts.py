"""Which move a council's counts bear out, where nobody names one: a grid of names has no buttons."""

from typing import Final

from workflow.domain.errors import Conflict, Reason
from workflow.domain.facts import Facts, MoveRequest
from workflow.domain.moves.engine import is_of_other_branch
from workflow.domain.route.definition import Definition, Move
from workflow.domain.route.guards import REQUIREMENTS, VOTE_GUARD, VOTE_RESULT_GUARDS

BY_COUNTS: Final = ""
"""What stands for an action that is left to the counts: no move has an empty name."""


def moves_on_a_vote(definition: Definition, facts: Facts) -> tuple[Move, ...]:
    """Return the moves that record a council's counts where a nomination stands."""
    if facts.is_closed or not definition.has_step(facts.state):
        return ()
    return tuple(
        move
        for move in definition.moves_from(facts.state)
        if VOTE_GUARD in move.guards and not is_of_other_branch(move, facts)
    )


def action_by_counts(definition: Definition, facts: Facts, request: MoveRequest) -> str:
    """Return the name of the one move whose result the counts bear out.

    Raises `InvalidField` for counts that cannot be, `Conflict` where no vote is awaited, or where the route
    leaves more than one way for the same counts.
    """
    borne_out = [
        move
        for move in moves_on_a_vote(definition, facts)
        if not any(
            REQUIREMENTS[guard](facts, request) for guard in VOTE_RESULT_GUARDS if guard in move.guards
        )
    ]
    if len(borne_out) == 1:
        return borne_out[0].name
    if not borne_out:
        message = "No vote is awaited where it stands now."
        raise Conflict(message, reasons=[Reason("vote_not_awaited", message)])
    message = "The route leaves more than one way for these counts; name the action."
    raise Conflict(message, reasons=[Reason("vote_leaves_a_choice", message)])
