"""The clock of a stay that stops and goes on: on hold, and while who nominates is asked something.

Never commits. Lock order: the nominations are locked by the caller; then visit, work item, rung.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, func, update
from sqlalchemy.orm import Session

from workflow.domain.callers import CALLS_FROM
from workflow.domain.route.definition import Definition
from workflow.domain.time.clocks import resume_clock
from workflow.domain.time.ladder import next_morning
from workflow.domain.time.periods import TimeUnit
from workflow.operations.deadlines.claim_days import begin_claim_anew
from workflow.operations.deadlines.clocks import rung_rows, timing_of_stay
from workflow.operations.deadlines.replan import ask_again, replan_rungs
from workflow.store.calendars import calendar_of_seat
from workflow.store.locked import Locked
from workflow.store.nominations import Rung, Visit, WorkItem


def pause(session: Session, locked: Locked, definition: Definition, *, now: datetime) -> None:
    """Stop the clock of the stay: the minutes used up are booked, and its ladder is silent."""
    consumed = locked.consumed_minutes
    if (
        locked.clock_unit is not None
        and locked.clock_started_at is not None
        and locked.clock_started_at < now
    ):
        calendar = calendar_of_seat(session, definition.calendar, locked.facts.owner_key)
        consumed += calendar.minutes_between(locked.clock_started_at, now, TimeUnit(locked.clock_unit))
    session.execute(
        update(Visit)
        .where(Visit.id == locked.visit_id)
        .values(consumed_minutes=consumed, clock_started_at=None, due_at=None, holds=_pauses_with(now))
    )
    session.execute(update(WorkItem).where(WorkItem.id == locked.work_item_id).values(due_at=None))
    session.execute(
        update(Rung)
        # Whoever telephoned asks again on a day of their own, which a clock that stands does not move.
        .where(Rung.work_item_id == locked.work_item_id, Rung.fired_at.is_(None), Rung.ordinal < CALLS_FROM)
        .values(fire_at=None)
    )


def resume(session: Session, locked: Locked, definition: Definition, *, now: datetime) -> None:
    """Let the clock of the stay go on: what is left gives the new due date and the promises to come."""
    if locked.visit_entered_at is None:
        return
    begin_claim_anew(session, locked, definition.calendar, now=now)
    step = timing_of_stay(definition, locked)
    calendar = calendar_of_seat(session, definition.calendar, locked.facts.owner_key)
    if locked.work_item_id is not None:
        ask_again(session, locked.work_item_id, next_morning(calendar, now))
    clock = resume_clock(
        step.due,
        calendar,
        entered_at=locked.visit_entered_at,
        now=now,
        budget_minutes=locked.budget_minutes,
        consumed_minutes=locked.consumed_minutes,
        round_dates=locked.round_dates,
        has_more_time=locked.has_more_time,
    )
    visit = update(Visit).where(Visit.id == locked.visit_id).values(holds=_pauses_with(now))
    if clock.unit is None:
        session.execute(visit)
        return
    session.execute(
        visit.values(
            clock_unit=clock.unit,
            budget_minutes=clock.budget_minutes,
            clock_started_at=clock.started_at,
            due_at=clock.due_at,
            calendar_version=calendar.version,
        )
    )
    session.execute(update(WorkItem).where(WorkItem.id == locked.work_item_id).values(due_at=clock.due_at))
    if locked.work_item_id is not None:
        rows = rung_rows(
            step,
            clock,
            calendar,
            entered_at=now,
            nomination_id=locked.facts.nomination_id,
            work_item_id=locked.work_item_id,
            consumed_minutes=locked.consumed_minutes,
        )
        replan_rungs(session, locked.work_item_id, rows, size=len(step.ladder))


def _pauses_with(now: datetime) -> ColumnElement[list[datetime]]:
    """Return the pauses of a visit with one instant more: it stopped, or went on, just now."""
    return func.array_append(Visit.holds, now, type_=Visit.holds.type)
