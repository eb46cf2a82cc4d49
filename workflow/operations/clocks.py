"""The due date of a stay and the rungs that promise reminders: planned on entry, and again after a hold."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from workflow.domain.definition import Definition, Step
from workflow.domain.ladder import plan_rungs
from workflow.domain.workdays import Calendar, TimeUnit, clock_start, due_after
from workflow.store.calendars import load_calendar
from workflow.store.database import timezone_of
from workflow.store.ids import uuid7


@dataclass(frozen=True, slots=True)
class Clock:
    """What a visit's clock columns hold; minutes are of `unit`, null where the step has no deadline."""

    unit: TimeUnit | None = None
    budget_minutes: int | None = None
    started_at: datetime | None = None
    due_at: datetime | None = None


def calendar_of(session: Session, definition: Definition) -> Calendar:
    """Return the calendar a definition counts by, in this installation's zone."""
    return load_calendar(definition.calendar, timezone_of(session))


def start_clock(step: Step, calendar: Calendar, *, entered_at: datetime) -> Clock:
    """Return the clock of a stay that begins now: it counts from the next day, due at 17:00 of the last."""
    if step.due is None:
        return Clock()
    started_at = clock_start(entered_at, calendar, step.due.unit)
    due_at = due_after(started_at, step.due.minutes, step.due.unit, calendar)
    return Clock(step.due.unit, step.due.minutes, started_at, due_at)


def rung_rows(
    step: Step,
    clock: Clock,
    calendar: Calendar,
    *,
    entered_at: datetime,
    nomination_id: int,
    work_item_id: UUID,
    consumed_minutes: int = 0,
) -> list[dict[str, object]]:
    """Return the rows of a ladder: each promised reminder or escalation with the instant it fires."""
    if clock.unit is None or clock.budget_minutes is None or clock.started_at is None or clock.due_at is None:
        return []
    planned = plan_rungs(
        step.ladder,
        entered_at=entered_at,
        clock_started_at=clock.started_at,
        due_at=clock.due_at,
        budget_minutes=clock.budget_minutes,
        unit=clock.unit,
        calendar=calendar,
        consumed_minutes=consumed_minutes,
    )
    return [
        {
            "id": uuid7(entered_at),
            "work_item_id": work_item_id,
            "nomination_id": nomination_id,
            "ordinal": rung.ordinal,
            "kind": rung.do,
            "recipient": rung.to,
            "fire_at": rung.fire_at,
        }
        for rung in planned
    ]
