"""Firing the rungs of what a unit owes a round: reminders to who writes its paper, then to who is above."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.history.chain import GENESIS, return_stream
from workflow.operations.deadlines.recipients import OwedWork
from workflow.operations.mail.notify import write_notices
from workflow.operations.sweep.firing import (
    Fired,
    Stream,
    due_rungs,
    notices_of,
    record_firings,
)
from workflow.operations.sweep.telling import OF_RETURNS, firings_of_returns
from workflow.store.base import table_of
from workflow.store.conditions import is_open
from workflow.store.database import local_day
from workflow.store.history import Event
from workflow.store.nominations import Rung, WorkItem
from workflow.store.submissions import ExpectedReturn

_RETURN, _RUNG = table_of(ExpectedReturn), table_of(Rung)


def fire_return(session: Session, return_id: int, *, now: datetime) -> Fired:
    """Fire what is due of one expected return and commit; one that is done fires nothing."""
    lock = select(_RETURN.c.id).where(_RETURN.c.id == return_id)
    is_taken = session.scalar(lock.with_for_update(key_share=True, skip_locked=True)) is not None
    fired = _fire_taken(session, return_id, now) if is_taken else Fired(left=1)
    session.commit()
    return fired


def _fire_taken(session: Session, return_id: int, now: datetime) -> Fired:
    work = _open_work(session, return_id)
    root = _RUNG.c.expected_return_id == return_id
    due = due_rungs(session, root, work={work.id} if work else (), now=now)
    return _write(session, return_id, work, due, now) if work and due else Fired()


def _open_work(session: Session, return_id: int) -> OwedWork | None:
    row = session.execute(
        select(WorkItem.id, WorkItem.owner_key, _RETURN.c.accountable_id, WorkItem.assignee_id)
        .join(_RETURN, _RETURN.c.id == WorkItem.expected_return_id)
        .where(_RETURN.c.id == return_id, is_open(WorkItem))
    ).one_or_none()
    return OwedWork(*row) if row else None


def _write(session: Session, return_id: int, work: OwedWork, due: Iterable[Rung], now: datetime) -> Fired:
    [firings] = firings_of_returns(
        session, {return_id: work}, {return_id: list(due)}, today=local_day(session, now)
    ).values()
    recorded = record_firings(session, [(_stream(session, return_id), firings)], now)
    mails = write_notices(
        session,
        [
            notice
            for firing, event in recorded
            for notice in notices_of(session, firing, event.event_id, OF_RETURNS, now)
        ],
    )
    return Fired(rungs=len(firings), mails=mails)


def _stream(session: Session, return_id: int) -> Stream:
    name = return_stream(return_id)
    last = session.execute(
        select(Event.seq, Event.hash).where(Event.stream == name).order_by(Event.seq.desc()).limit(1)
    ).one_or_none()
    return Stream(name, last.seq if last else 0, last.hash if last else GENESIS)
