"""Time in working days and minutes, by the calendar that the work counts by."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from workflow.domain.rights.routing import unit_of
from workflow.domain.time.periods import TimeUnit
from workflow.domain.time.stays import holds_of, net_minutes
from workflow.domain.time.workdays import Calendar, CalendarName
from workflow.store.calendars import calendar_in_force
from workflow.store.definitions import shown_definition


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of working time: whole days as people say them, and the exact minutes (480 a day).

    Negative for what is late.
    """

    working_days: int
    working_minutes: int


def left_until(
    session: Session,
    calendar_name: CalendarName,
    due_at: datetime | None,
    now: datetime,
    seat: str | None = None,
) -> Span | None:
    """Return the working time left in a seat, None where nothing is due; 0 days on the due day itself."""
    if due_at is None:
        return None
    calendar = calendar_in_force(session, calendar_name, unit=unit_of(seat) if seat else None)
    return left_by(calendar, due_at, now)


def left_by(calendar: Calendar, due_at: datetime, now: datetime) -> Span:
    """Return the working time left by a calendar; 0 days on the due day itself."""
    return Span(
        calendar.working_days_left(now, due_at),
        calendar.minutes_between(now, due_at, TimeUnit.WORKING_DAYS),
    )


def left_on_route(
    session: Session, definition_id: int, due_at: datetime | None, now: datetime, seat: str | None
) -> Span | None:
    """Return the working time left in a seat by the calendar of a route, None where nothing is due."""
    return left_until(session, shown_definition(session, definition_id).calendar, due_at, now, seat)


def spent_since(
    session: Session,
    calendar_name: CalendarName,
    since: datetime,
    now: datetime,
    holds: Sequence[datetime] | None = None,
) -> Span:
    """Return the working time that passed without holds, as a visit keeps them; a day counts once over."""
    return spent_by(calendar_in_force(session, calendar_name), since, now, holds)


def spent_by(
    calendar: Calendar, since: datetime, now: datetime, holds: Sequence[datetime] | None = None
) -> Span:
    """Return the same by a calendar."""
    minutes = net_minutes(calendar, since, now, holds_of(holds))
    return Span(minutes // TimeUnit.WORKING_DAYS.minutes, minutes)


def calendar_days_since(session: Session, calendar_name: CalendarName, since: datetime, now: datetime) -> int:
    """Return the days of the wall calendar that have passed, holds included."""
    return calendar_in_force(session, calendar_name).wall_days_between(since, now)
