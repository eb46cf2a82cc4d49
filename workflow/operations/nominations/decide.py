"""The approve path: one action on one nomination, in one transaction.

What the rules say is asked in `weigh`, as for a list; what a move writes is the business of `apply`, what
another action writes that of `built_ins`, `assign` and `outcome`.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor
from workflow.operations.history.record import Recorded
from workflow.operations.keys import claim_key, settle_key
from workflow.operations.nominations.apply import apply_moves
from workflow.operations.nominations.commands import Command, Outcome
from workflow.operations.nominations.plans import MovePlan
from workflow.operations.nominations.weigh import Allowed, Denied, weigh


def decide(session: Session, *, actor: Actor, command: Command, now: datetime) -> Outcome:
    """Carry out one action on one nomination and commit.

    Raises `NotFound` when the actor may not see it, `StaleNomination` when it changed since they looked,
    `InvalidField` for unreadable words, `Forbidden` or `AlreadyClaimed` when it is not theirs to act,
    `MoveNotOpen`, `NominationHeld`, `UnknownStep`, `RequirementsMissing` when the definition says no.
    """
    answered = claim_key(session, command.claim, actor=actor, now=now)
    if answered is not None:
        return Outcome.again(answered)
    [weighed] = weigh(session, [command], actor=actor, now=now)
    if isinstance(weighed, Denied):
        raise weighed.refusal
    recorded = _write(session, weighed, now)
    outcome = Outcome(command.nomination_id, weighed.version_after, recorded.seq)
    settle_key(session, command.claim, actor=actor, result=outcome.as_result())
    session.commit()
    return outcome


def _write(session: Session, allowed: Allowed, now: datetime) -> Recorded:
    if isinstance(allowed.effect, MovePlan):
        return apply_moves(session, [allowed.effect])[0]
    return allowed.effect(session, allowed.attempt, now=now)
