"""Taking a nomination back: recall by whoever sent it, withdrawal by whoever proposed it."""

from datetime import datetime

from sqlalchemy.orm import Session

from workflow.domain.moves.built_ins import Standing, demand_built_in
from workflow.domain.route.definition import WITHDRAWN_STATE
from workflow.domain.vocabulary import BuiltIn
from workflow.operations.history.record import Recorded
from workflow.operations.nominations.apply import apply_moves
from workflow.operations.nominations.commands import Attempt
from workflow.operations.nominations.plans import MovePlan


def recall(session: Session, attempt: Attempt, *, now: datetime) -> Recorded:
    """Take the nomination back to the step it was sent from, as long as nobody there has begun.

    Raises `MoveNotOpen` when it was not sent from anywhere, `AlreadyClaimed` when somebody began,
    `NominationHeld` while on hold.
    """
    return apply_moves(session, [plan_recall(attempt, at=now)])[0]


def withdraw(session: Session, attempt: Attempt, *, now: datetime) -> Recorded:
    """End the nomination at its proposer's wish, before the vote; it cannot be reopened."""
    return apply_moves(session, [plan_withdrawal(attempt, at=now)])[0]


def plan_recall(attempt: Attempt, *, at: datetime) -> MovePlan:
    """Return the move that takes a nomination back; raises as `recall` does."""
    demand_open(attempt, BuiltIn.RECALL)
    return _plan_to(attempt, attempt.locked.sent_from or attempt.definition.initial, at)


def plan_withdrawal(attempt: Attempt, *, at: datetime) -> MovePlan:
    """Return the move that ends a nomination; raises as `withdraw` does."""
    demand_open(attempt, BuiltIn.WITHDRAW)
    return _plan_to(attempt, WITHDRAWN_STATE, at)


def demand_open(attempt: Attempt, action: BuiltIn) -> None:
    """Raise unless the nomination is open, its step allows the action, and the actor may do it now."""
    locked = attempt.locked
    standing = Standing(
        definition=attempt.definition,
        facts=locked.facts,
        sent_by=locked.sent_by,
        sent_from=locked.sent_from,
        has_begun=locked.first_claimed_at is not None,
    )
    demand_built_in(attempt.actor, standing, action)


def _plan_to(attempt: Attempt, dest: str, at: datetime) -> MovePlan:
    return MovePlan(
        locked=attempt.locked,
        definition=attempt.definition,
        actor=attempt.actor,
        request=attempt.command.request,
        via=attempt.command.via,
        at=at,
        dest=dest,
        direction=None,
    )
