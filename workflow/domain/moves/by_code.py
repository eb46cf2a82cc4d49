"""Acting by a mailed code: which moves a definition leaves to it, asked again when the move is made."""

from typing import Final

from workflow.domain.errors import Reason
from workflow.domain.facts import MoveRequest
from workflow.domain.route.definition import Definition, Move

BY_CODE: Final = "by_code"
"""What the event of a move calls it that its author proved themselves by a mailed code."""


def allows_code(definition: Definition, step: str, action: str) -> bool:
    """Tell whether an action out of a step may be made by a mailed code, whatever is nominated."""
    if not definition.has_step(step):
        return False
    return any(move.by_code for move in definition.moves_from(step) if move.name == action)


def refuse_by_code(move: Move | None, request: MoveRequest) -> Reason | None:
    """Return why a mailed code is not enough: for any other move, and for what was done off the system."""
    if move is not None and move.by_code and request.on_paper is None:
        return None
    message = "A mailed code is not enough for this: sign in."
    return Reason("not_by_code", message)
