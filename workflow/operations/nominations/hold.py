"""Hold and release: while discipline or verification is pending nothing moves and no clock runs.

Source: Decree 152/2025, principles of consideration (no award and no proposal while pending).
"""

from datetime import datetime

from sqlalchemy import ColumnElement, func, update
from sqlalchemy.orm import Session

from workflow.domain.callers import CALLS_FROM
from workflow.domain.errors import Reason, RequirementsMissing
from workflow.domain.time.clocks import resume_clock
from workflow.domain.time.ladder import next_morning
from workflow.domain.time.workdays import TimeUnit
from workflow.operations.deadlines.clocks import rung_rows
from workflow.operations.deadlines.replan import ask_again, replan_rungs
from workflow.operations.history.record import Recorded
from workflow.operations.mail.withheld import tell_again
from workflow.operations.nominations.commands import Attempt, write_attempt
from workflow.store.calendars import calendar_of_seat
from workflow.store.nominations import Rung, Visit, WorkItem


def hold(session: Session, attempt: Attempt, *, now: datetime) -> Recorded:
    """Stop the nomination where it is, with a reason; the clock and the reminders pause.

    Raises `MoveNotOpen` when it is on hold already, `RequirementsMissing` without a comment.
    """
    if not attempt.command.request.comment:
        reason = Reason("comment_missing", "Say why it has to wait.")
        raise RequirementsMissing(reason.message, reasons=[reason])
    recorded = write_attempt(session, attempt, now=now, is_held=True)
    _pause(session, attempt, now)
    return recorded


def release_hold(session: Session, attempt: Attempt, *, now: datetime) -> Recorded:
    """Let the nomination go on; the remaining minutes give the new due date and the reminders left.

    Who was not told of the work because it was on hold is told now.
    """
    recorded = write_attempt(session, attempt, now=now, is_held=False)
    _resume(session, attempt, now)
    tell_again(session, attempt.locked, now=now)
    return recorded


def _pause(session: Session, attempt: Attempt, now: datetime) -> None:
    locked = attempt.locked
    consumed = locked.consumed_minutes
    if (
        locked.clock_unit is not None
        and locked.clock_started_at is not None
        and locked.clock_started_at < now
    ):
        calendar = calendar_of_seat(session, attempt.definition.calendar, locked.facts.owner_key)
        consumed += calendar.minutes_between(locked.clock_started_at, now, TimeUnit(locked.clock_unit))
    session.execute(
        update(Visit)
        .where(Visit.id == locked.visit_id)
        .values(consumed_minutes=consumed, clock_started_at=None, due_at=None, holds=_holds_with(now))
    )
    session.execute(update(WorkItem).where(WorkItem.id == locked.work_item_id).values(due_at=None))
    session.execute(
        update(Rung)
        # Whoever telephoned asks again on a day of their own, which a clock that stands does not move.
        .where(Rung.work_item_id == locked.work_item_id, Rung.fired_at.is_(None), Rung.ordinal < CALLS_FROM)
        .values(fire_at=None)
    )


def _resume(session: Session, attempt: Attempt, now: datetime) -> None:
    locked = attempt.locked
    if locked.visit_entered_at is None:
        return
    step = attempt.definition.timing_of(locked.facts.state, locked.sent_from)
    calendar = calendar_of_seat(session, attempt.definition.calendar, locked.facts.owner_key)
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
    visit = update(Visit).where(Visit.id == locked.visit_id).values(holds=_holds_with(now))
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


def _holds_with(now: datetime) -> ColumnElement[list[datetime]]:
    """Return the holds of a visit with one instant more: it was held, or released, just now."""
    return func.array_append(Visit.holds, now, type_=Visit.holds.type)
