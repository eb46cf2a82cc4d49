"""From when a period counts, and when work is due that has so much of it left."""

from datetime import datetime, time, timedelta
from typing import Final

from workflow.domain.time.periods import Budget, TimeUnit
from workflow.domain.time.workdays import Calendar

_MINUTE: Final = timedelta(minutes=1)


def clock_start(entered_at: datetime, calendar: Calendar, unit: TimeUnit) -> datetime:
    """Give when counting starts for work that arrives at `entered_at`.

    The opening of the next working day, or 00:00 of the next calendar day: the day of arrival never counts.
    Working hours count from the arrival itself, or from when the office opens next.
    """
    if unit is TimeUnit.WORKING_HOURS:
        return calendar.open_from(entered_at)
    day = calendar.local_day(entered_at)
    if unit is TimeUnit.CALENDAR_DAYS:
        return calendar.local(day + timedelta(days=1), time(0))
    return calendar.opens_at(calendar.next_working_day(day))


def due_at(entered_at: datetime, budget: Budget, calendar: Calendar) -> datetime:
    """Give when what work arriving at `entered_at` may take is over: at closing, or when its hours are."""
    return due_after(clock_start(entered_at, calendar, budget.unit), budget.minutes, budget.unit, calendar)


def due_after(started_at: datetime, minutes_left: int, unit: TimeUnit, calendar: Calendar) -> datetime:
    """Give when work is due that has `minutes_left` from `started_at`, as after a hold.

    The closing of the day on which they run out, so that a deadline of days is always the end of a day; of
    hours the minute at which they do. With nothing left it is the exact instant in the past, so that a hold
    never turns late work into work in time.
    """
    runs_out_at = calendar.add_minutes(started_at, minutes_left, unit)
    if minutes_left <= 0:
        return runs_out_at
    if unit is TimeUnit.WORKING_HOURS:
        return _whole_minute(runs_out_at)
    # Calendar days end at midnight, which belongs to the next date: the last minute names the day.
    closes_at = calendar.closes_at((runs_out_at - _MINUTE).date())
    return max(closes_at, started_at.astimezone(calendar.timezone))


def _whole_minute(at: datetime) -> datetime:
    """Give the minute that a clock shows once an instant has come: nobody is late within what it shows."""
    begun = at.replace(second=0, microsecond=0)
    # Of an hour that is there twice it stays the one it was: adding forgets which.
    return begun if begun == at else (begun + _MINUTE).replace(fold=at.fold)
