"""A round that was closed too early, or is given more time after: open again, with what units still owe."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict, Reason
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import Via
from workflow.operations.history.streams import append_event
from workflow.operations.keys import Claim, claim_key, settle_key
from workflow.operations.rounds.returns import lock_returns, reopen_work
from workflow.operations.rounds.rounds import RoundOutcome, again, demand_right, lock_round
from workflow.store.awards import Round
from workflow.store.conditions import edition_of_unit
from workflow.store.database import local_day
from workflow.store.organisation import Unit, UnitEdition
from workflow.store.submissions import ExpectedReturn


def reopen_round(
    session: Session,
    *,
    actor: Actor | None,
    code: str,
    via: Via,
    now: datetime,
    claim: Claim | None = None,
) -> RoundOutcome:
    """Open a closed round again and commit: it takes nominations, and units owe what they had not sent.

    Its dates stay: of their reminders come those that still lie ahead. A unit that is no more owes nothing.
    Raises `NotFound`, `Conflict` when it is not closed, `Forbidden`.
    """
    answered = claim_key(session, claim, actor=actor, now=now)
    if answered is not None:
        return again(session, answered)
    found = lock_round(session, code)
    demand_right(actor, found.owner_unit_id)
    if found.closed_at is None:
        is_open = Reason("round_open", f"Round '{found.code}' is not closed.", {"round": found.code})
        raise Conflict(is_open.message, reasons=[is_open])
    session.execute(update(Round).where(Round.id == found.id).values(closed_at=None))
    _owe_again(session, found.id, now)
    append_event(session, f"round:{found.id}", "reopen_round", actor=actor, via=via, now=now)
    settle_key(session, claim, actor=actor, result={"round": found.code})
    session.commit()
    return RoundOutcome(found.id)


def _owe_again(session: Session, round_id: int, now: datetime) -> None:
    owing = (
        select(ExpectedReturn.id, ExpectedReturn.due_on, Unit.code)
        .join(Unit, Unit.id == ExpectedReturn.unit_id)
        .join(UnitEdition, edition_of_unit(local_day(session, now)))
        .where(
            ExpectedReturn.round_id == round_id,
            ExpectedReturn.sent_at.is_(None),
            ExpectedReturn.answered_at.is_(None),
        )
        .order_by(ExpectedReturn.id)
    )
    rows = session.execute(owing).all()
    lock_returns(session, [row.id for row in rows])
    # Read again: somebody may have answered late, by exception, before they were locked.
    for row in session.execute(owing).all():
        reopen_work(session, row.id, row.code, row.due_on, now=now)
