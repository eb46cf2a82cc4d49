"""Hold and release: while discipline or verification is pending nothing moves and no clock runs.

Source: Decree 152/2025, principles of consideration (no award and no proposal while pending).
"""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from workflow.domain.errors import Reason, RequirementsMissing
from workflow.domain.vocabulary import BuiltIn
from workflow.domain.workdays import TimeUnit, clock_start, due_after
from workflow.operations.clocks import Clock, calendar_of, rung_rows
from workflow.operations.commands import Attempt
from workflow.operations.record import Change, Recorded, write_changes
from workflow.operations.steer import demand_open
from workflow.store.nominations import Rung, Visit, WorkItem


def hold(session: Session, attempt: Attempt, *, now: datetime) -> Recorded:
    """Stop the nomination where it is, with a reason; the clock and the reminders pause.

    Raises `MoveNotOpen` when it is on hold already, `RequirementsMissing` without a comment.
    """
    demand_open(attempt, BuiltIn.HOLD)
    if not attempt.command.request.comment:
        reason = Reason("comment_missing", "Say why it has to wait.")
        raise RequirementsMissing(reason.message, reasons=[reason])
    recorded = _flag(session, attempt, now, is_held=True)
    _pause(session, attempt, now)
    return recorded


def release_hold(session: Session, attempt: Attempt, *, now: datetime) -> Recorded:
    """Let the nomination go on; the remaining minutes give the new due date and the reminders left."""
    demand_open(attempt, BuiltIn.RELEASE_HOLD)
    recorded = _flag(session, attempt, now, is_held=False)
    _resume(session, attempt, now)
    return recorded


def _flag(session: Session, attempt: Attempt, now: datetime, *, is_held: bool) -> Recorded:
    request, facts = attempt.command.request, attempt.locked.facts
    change = Change(
        locked=attempt.locked,
        action=request.action,
        actor_id=attempt.actor.account_id,
        via=attempt.command.via,
        at=now,
        state=facts.state,
        stage=attempt.definition.stage_of(facts.state),
        is_held=is_held,
        comment=request.comment,
        reason_code=request.reason_code,
        occurred_on=request.occurred_on,
    )
    return write_changes(session, [change])[0]


def _pause(session: Session, attempt: Attempt, now: datetime) -> None:
    locked = attempt.locked
    consumed = locked.consumed_minutes
    if (
        locked.clock_unit is not None
        and locked.clock_started_at is not None
        and locked.clock_started_at < now
    ):
        calendar = calendar_of(session, attempt.definition)
        consumed += calendar.minutes_between(locked.clock_started_at, now, TimeUnit(locked.clock_unit))
    session.execute(
        update(Visit)
        .where(Visit.id == locked.visit_id)
        .values(consumed_minutes=consumed, clock_started_at=None, due_at=None)
    )
    session.execute(update(WorkItem).where(WorkItem.id == locked.work_item_id).values(due_at=None))
    session.execute(
        update(Rung)
        .where(Rung.work_item_id == locked.work_item_id, Rung.fired_at.is_(None))
        .values(fire_at=None)
    )


def _resume(session: Session, attempt: Attempt, now: datetime) -> None:
    locked = attempt.locked
    if locked.clock_unit is None or locked.budget_minutes is None or locked.visit_entered_at is None:
        return
    unit, calendar = TimeUnit(locked.clock_unit), calendar_of(session, attempt.definition)
    started_at = max(now, clock_start(locked.visit_entered_at, calendar, unit))
    due_at = due_after(started_at, locked.budget_minutes - locked.consumed_minutes, unit, calendar)
    clock = Clock(unit, locked.budget_minutes, started_at, due_at)
    session.execute(
        update(Visit).where(Visit.id == locked.visit_id).values(clock_started_at=started_at, due_at=due_at)
    )
    session.execute(update(WorkItem).where(WorkItem.id == locked.work_item_id).values(due_at=due_at))
    _replan(session, attempt, clock, now)


def _replan(session: Session, attempt: Attempt, clock: Clock, now: datetime) -> None:
    """Give the rungs that have not fired their new instants; one that would lie before now stays silent."""
    locked = attempt.locked
    if locked.work_item_id is None:
        return
    rows = rung_rows(
        attempt.definition.step(locked.facts.state),
        clock,
        calendar_of(session, attempt.definition),
        entered_at=now,
        nomination_id=locked.facts.nomination_id,
        work_item_id=locked.work_item_id,
        consumed_minutes=locked.consumed_minutes,
    )
    kept = set(session.scalars(select(Rung.ordinal).where(Rung.work_item_id == locked.work_item_id)))
    for row in rows:
        if row["ordinal"] in kept:
            session.execute(
                update(Rung)
                .where(
                    Rung.work_item_id == locked.work_item_id,
                    Rung.ordinal == row["ordinal"],
                    Rung.fired_at.is_(None),
                )
                .values(fire_at=row["fire_at"])
            )
