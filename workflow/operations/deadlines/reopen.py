"""Reopening the stay that an undone decision had ended: its clock, its work and its reminders as they were.

Never commits. Lock order: the nomination is locked by the caller; then visit, work item, rung.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import not_, select, update
from sqlalchemy.orm import Session

from workflow.domain.moves.undoing import nothing_to_undo
from workflow.domain.vocabulary import UNDONE
from workflow.store.base import table_of
from workflow.store.conditions import is_open
from workflow.store.nominations import Rung, Visit, WorkItem

_VISIT, _WORK, _RUNG = table_of(Visit), table_of(WorkItem), table_of(Rung)


@dataclass(frozen=True, slots=True)
class EndedStay:
    """The last stay of a nomination that is over: which, where, and since when it is."""

    visit_id: UUID
    left_at: datetime


def last_stay(session: Session, nomination_id: int, step: str) -> EndedStay | None:
    """Return the stay that a nomination was in last, if it was in that step and can go on as it was.

    What lies in the sums already can not, nor what ended before this release kept what a stay needs to go on.
    """
    row = session.execute(
        select(Visit.id, Visit.step, Visit.left_at, Visit.due_at, Visit.clock_started_at, Visit.is_summed)
        .where(Visit.nomination_id == nomination_id, Visit.voided_at.is_(None), Visit.left_at.is_not(None))
        .order_by(Visit.ordinal.desc())
        .limit(1)
    ).one_or_none()
    if row is None or row.step != step or row.is_summed:
        return None
    lost_its_clock = row.due_at is not None and row.clock_started_at is None
    return None if lost_its_clock else EndedStay(row.id, row.left_at)


def void_stay(session: Session, visit_id: UUID, *, now: datetime) -> list[UUID]:
    """End the stay that an undone decision began: it never counts, its work is gone and its ladder silent."""
    session.execute(
        update(_VISIT).where(_VISIT.c.id == visit_id).values(left_at=now, voided_at=now, is_summed=True)
    )
    work = list(
        session.scalars(
            update(_WORK)
            .where(_WORK.c.visit_id == visit_id, is_open(_WORK.c))
            .values(closed_at=now, outcome=UNDONE)
            .returning(_WORK.c.id)
        )
    )
    _silence(session, work)
    return work


def reopen_stay(session: Session, stay: EndedStay, *, action: str) -> list[UUID]:
    """Let a stay go on as if the action had not ended it, and return the work that is open again.

    Raises `MoveNotOpen` where it was summed meanwhile: who waited for a lock may have waited too long.
    """
    reopened = session.execute(
        update(_VISIT)
        .where(_VISIT.c.id == stay.visit_id, not_(_VISIT.c.is_summed))
        .values(
            left_at=None,
            ended=None,
            first_claimed_at=None,
            working_minutes=None,
            waiting_minutes=None,
            service_minutes=None,
        )
        .returning(_VISIT.c.id)
    )
    if reopened.one_or_none() is None:
        raise nothing_to_undo()
    return reopen_work(
        session,
        list(
            session.scalars(
                # What lay aside before, while who nominates was asked something, goes on lying aside.
                select(_WORK.c.id).where(
                    _WORK.c.visit_id == stay.visit_id,
                    _WORK.c.outcome == action,
                    _WORK.c.closed_at == stay.left_at,
                )
            )
        ),
    )


def reopen_work(session: Session, work: Sequence[UUID]) -> list[UUID]:
    """Open work again, and let its reminders fire when they were to; return which work that is."""
    session.execute(update(_WORK).where(_WORK.c.id.in_(work)).values(closed_at=None, outcome=None))
    session.execute(
        update(_RUNG)
        .where(_RUNG.c.work_item_id.in_(work), _RUNG.c.fired_at.is_(None), _RUNG.c.promised_at.is_not(None))
        .values(fire_at=_RUNG.c.promised_at, promised_at=None)
    )
    return list(work)


def _silence(session: Session, work: Sequence[UUID]) -> None:
    session.execute(
        update(_RUNG).where(_RUNG.c.work_item_id.in_(work), _RUNG.c.fired_at.is_(None)).values(fire_at=None)
    )
