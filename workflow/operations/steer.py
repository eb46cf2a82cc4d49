"""Taking a nomination back: recall by whoever sent it, withdrawal by whoever proposed it."""

from datetime import datetime

from sqlalchemy.orm import Session

from workflow.domain.definition import WITHDRAWN_STATE
from workflow.domain.errors import AlreadyClaimed, MoveNotOpen, NominationHeld
from workflow.domain.policy import demand, refuse_built_in
from workflow.domain.vocabulary import BuiltIn
from workflow.operations.apply import Plan, apply_moves
from workflow.operations.commands import Attempt
from workflow.operations.record import Recorded


def recall(session: Session, attempt: Attempt, *, now: datetime) -> Recorded:
    """Take the nomination back to the step it was sent from, as long as nobody there has begun.

    Raises `MoveNotOpen` when it was not sent from anywhere, `AlreadyClaimed` when somebody began,
    `NominationHeld` while on hold.
    """
    demand_open(attempt, BuiltIn.RECALL)
    locked = attempt.locked
    if locked.facts.is_held:
        raise NominationHeld("The nomination is on hold; release the hold first.")
    if locked.sent_from is None:
        raise MoveNotOpen("There is nothing to take back: nobody sent it on from an earlier step.")
    if locked.first_claimed_at is not None:
        raise AlreadyClaimed("Somebody has begun to work on it; ask them to return it.")
    return _move_to(session, attempt, locked.sent_from, now)


def withdraw(session: Session, attempt: Attempt, *, now: datetime) -> Recorded:
    """End the nomination at its proposer's wish, before the vote; it cannot be reopened."""
    demand_open(attempt, BuiltIn.WITHDRAW)
    return _move_to(session, attempt, WITHDRAWN_STATE, now)


def demand_open(attempt: Attempt, action: BuiltIn) -> None:
    """Raise unless the nomination is open, its step allows the action, and the actor has a right to it."""
    locked, definition = attempt.locked, attempt.definition
    if locked.facts.is_closed:
        raise MoveNotOpen(f"The nomination is closed ({locked.facts.state}); nothing can be done with it.")
    if not definition.step(locked.facts.state).allows(action):
        raise MoveNotOpen(f"'{action}' is switched off in the step '{locked.facts.state}'.")
    demand(
        refuse_built_in(
            attempt.actor, locked.facts, action, starter=str(definition.starter), sent_by=locked.sent_by
        )
    )


def _move_to(session: Session, attempt: Attempt, dest: str, now: datetime) -> Recorded:
    plan = Plan(
        locked=attempt.locked,
        definition=attempt.definition,
        actor=attempt.actor,
        request=attempt.command.request,
        via=attempt.command.via,
        at=now,
        dest=dest,
        direction=None,
    )
    return apply_moves(session, [plan])[0]
