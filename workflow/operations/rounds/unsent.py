"""What a unit owes a round, open again when the sending of its first name was undone. Never commits."""

from datetime import datetime

from sqlalchemy import ColumnElement, Row, exists, select, update
from sqlalchemy.orm import Session

from workflow.domain.history.chain import return_stream
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import UNDONE, Via
from workflow.operations.deadlines.reopen import reopen_work
from workflow.operations.history.streams import append_event
from workflow.operations.rounds.returns import SENT, lock_returns
from workflow.store.base import table_of
from workflow.store.history import Event
from workflow.store.locked import Locked
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.proposed import has_left_its_unit
from workflow.store.submissions import ExpectedReturn

_RETURN = table_of(ExpectedReturn)


def lock_closed(session: Session, locked: Locked, *, acted_at: datetime) -> int | None:
    """Lock what the unit of a nomination owes where an act of that instant closed it; return its id."""
    owed = session.scalar(
        select(_RETURN.c.id).where(
            _RETURN.c.round_id == locked.round_id,
            _RETURN.c.unit_id == locked.facts.unit_id,
            _RETURN.c.sent_at.is_not(None),
        )
    )
    is_locked = owed is not None and bool(lock_returns(session, [owed]))
    return owed if is_locked and owed is not None and _was_closed_by(session, owed, acted_at) else None


def reopen_return(
    session: Session, return_id: int, locked: Locked, *, actor: Actor, via: Via, now: datetime
) -> bool:
    """Open again what the unit of a nomination owes, locked before; say whether. Its act was undone by now.

    It stays closed while another name of the unit has left it, and where the unit had answered before that it
    proposes nobody: its work was over then.
    """
    if session.scalar(select(_another_has_left(locked))):
        return False
    work = session.scalars(
        select(WorkItem.id)
        .join(ExpectedReturn, ExpectedReturn.id == WorkItem.expected_return_id)
        .where(
            ExpectedReturn.id == return_id,
            WorkItem.outcome == SENT,
            WorkItem.closed_at == ExpectedReturn.sent_at,
        )
    ).all()
    if not work:
        return False
    session.execute(update(_RETURN).where(_RETURN.c.id == return_id).values(sent_at=None))
    reopen_work(session, work)
    told = {"nomination": locked.facts.nomination_id}
    append_event(session, return_stream(return_id), UNDONE, actor=actor, via=via, now=now, data=told)
    return True


def _was_closed_by(session: Session, return_id: int, acted_at: datetime) -> bool:
    last: Row[str, datetime] | None = session.execute(
        select(Event.action, Event.recorded_at)
        .where(Event.stream == return_stream(return_id))
        .order_by(Event.seq.desc())
        .limit(1)
    ).one_or_none()
    return last is not None and last.action == SENT and last.recorded_at == acted_at


def _another_has_left(locked: Locked) -> ColumnElement[bool]:
    """Return the condition that a name of the unit in the round has left it, this one or another."""
    return exists().where(
        Nomination.round_id == locked.round_id,
        Nomination.unit_id == locked.facts.unit_id,
        has_left_its_unit(),
    )
