"""The engine asked as the operations ask it: the open move first, then where it leads."""

from workflow.domain.facts import Facts, MoveRequest
from workflow.domain.moves import engine
from workflow.domain.moves.engine import PlannedMove
from workflow.domain.route.definition import Definition


def plan_move(definition: Definition, facts: Facts, request: MoveRequest) -> PlannedMove:
    """Return where the move leads that a request asks for, or raise why it does not."""
    move = engine.open_move(definition, facts, request.action)
    return engine.plan_move(definition, facts, request, move)
