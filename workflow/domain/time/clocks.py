"""The clock of a stay in a step: from when it counts and when its work is due, on entry and after a hold."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from workflow.domain.time.counting import clock_start, due_after
from workflow.domain.time.due import Due, budget_of
from workflow.domain.time.periods import Budget, TimeUnit
from workflow.domain.time.workdays import Calendar


@dataclass(frozen=True, slots=True)
class VisitClock:
    """What a visit's clock columns hold; minutes are of `unit`, null where the step has no deadline."""

    unit: TimeUnit | None = None
    budget_minutes: int | None = None
    started_at: datetime | None = None
    due_at: datetime | None = None


def start_clock(
    due: Budget | Due | None, calendar: Calendar, *, entered_at: datetime, round_dates: Mapping[str, date]
) -> VisitClock:
    """Return the clock of a stay that begins now: it counts from the next day, due at closing on the last.

    A step due by a date that the round does not have has the rest of its `due`, or no clock at all.
    """
    if due is None:
        return VisitClock()
    unit, budget = due.unit, budget_of(due)
    started_at = clock_start(entered_at, calendar, unit)
    runs_out_at = due_after(started_at, budget.minutes, unit, calendar) if budget else None
    fixed_at = fixed_end(due, calendar, entered_at, round_dates)
    if fixed_at is None or (runs_out_at is not None and runs_out_at <= fixed_at):
        return VisitClock(unit, budget.minutes, started_at, runs_out_at) if budget else VisitClock()
    minutes = max(0, calendar.minutes_between(started_at, fixed_at, unit))
    return VisitClock(unit, minutes, started_at, fixed_at)


def resume_clock(
    due: Budget | Due | None,
    calendar: Calendar,
    *,
    entered_at: datetime,
    now: datetime,
    budget_minutes: int | None,
    consumed_minutes: int,
    round_dates: Mapping[str, date],
    has_more_time: bool = False,
) -> VisitClock:
    """Return the clock of a stay that goes on after a hold: the minutes left count from now.

    `budget_minutes` is what the stay was given. A date of the round does not move because somebody waited;
    where somebody above gave it more time than the route does (`has_more_time`), the later end counts.
    """
    if due is None:
        return VisitClock()
    unit = due.unit
    started_at = max(now, clock_start(entered_at, calendar, unit))
    if not isinstance(due, Due):
        given = due.minutes if budget_minutes is None else budget_minutes
        return VisitClock(
            unit, given, started_at, due_after(started_at, given - consumed_minutes, unit, calendar)
        )
    whole = start_clock(due, calendar, entered_at=entered_at, round_dates=round_dates)
    ends = [fixed_at] if (fixed_at := fixed_end(due, calendar, entered_at, round_dates)) else []
    if due.within:
        ends.append(due_after(started_at, due.within.minutes - consumed_minutes, unit, calendar))
    by_route = VisitClock(unit, whole.budget_minutes, started_at, min(ends)) if ends else VisitClock()
    if not has_more_time or budget_minutes is None:
        return by_route
    given_until = due_after(started_at, budget_minutes - consumed_minutes, unit, calendar)
    if by_route.due_at is not None and by_route.due_at >= given_until:
        return by_route
    return VisitClock(unit, budget_minutes, started_at, given_until)


@dataclass(frozen=True, slots=True)
class RunningClock:
    """A clock that runs: when the work came, from when it counts, in what unit, and what a hold used up.

    `before` is the calendar it was counted by, None where that is not known any more. `has_more_time`:
    somebody above gave it more than its route does.
    """

    entered_at: datetime
    started_at: datetime
    unit: TimeUnit | None
    budget_minutes: int | None
    consumed_minutes: int
    before: Calendar | None
    has_more_time: bool = False


def count_again(
    due: Budget | Due | None, calendar: Calendar, running: RunningClock, *, round_dates: Mapping[str, date]
) -> VisitClock:
    """Return the clock of a stay counted by a calendar and by dates that changed meanwhile.

    From its arrival, where it has counted from there; else from where a hold let it go on.
    """
    unit = running.unit or TimeUnit.WORKING_DAYS
    began_at = clock_start(running.entered_at, running.before, unit) if running.before else running.started_at
    if not running.has_more_time and not running.consumed_minutes and running.started_at == began_at:
        return start_clock(due, calendar, entered_at=running.entered_at, round_dates=round_dates)
    return resume_clock(
        due,
        calendar,
        entered_at=running.entered_at,
        now=running.started_at,
        budget_minutes=running.budget_minutes,
        consumed_minutes=running.consumed_minutes,
        round_dates=round_dates,
        has_more_time=running.has_more_time,
    )


def double_clock(
    due: Budget | Due,
    calendar: Calendar,
    running: RunningClock,
    *,
    due_at: datetime,
    round_dates: Mapping[str, date],
) -> tuple[VisitClock, bool]:
    """Return the clock of a stay whose period is twice as long from now on, and whether somebody gave it.

    `due` is doubled already, `due_at` the end that stands. It counts from where the clock counted before, so
    what a hold used up stays used up. A day that somebody above gave stays where it ends later still.
    """
    budget = due.minutes if isinstance(due, Budget) else running.budget_minutes
    by_route = replace(running, budget_minutes=budget, has_more_time=False)
    clock = count_again(due, calendar, by_route, round_dates=round_dates)
    if running.has_more_time and clock.due_at is not None and clock.due_at < due_at:
        return VisitClock(running.unit, running.budget_minutes, running.started_at, due_at), True
    return clock, False


def fixed_end(
    due: Budget | Due | None, calendar: Calendar, entered_at: datetime, round_dates: Mapping[str, date]
) -> datetime | None:
    """Return the closing of the round's date a step is due by, None where the round has no such date.

    Work that arrives after that is due on the first working day after it came: nobody is late on arrival.
    """
    day = round_dates.get(due.by) if isinstance(due, Due) else None
    if day is None:
        return None
    fixed_at = calendar.closes_at(day)
    if fixed_at > entered_at:
        return fixed_at
    return calendar.closes_at(calendar.next_working_day(calendar.local_day(entered_at)))


def moves_into_the_past(was_at: datetime | None, due_at: datetime | None, now: datetime) -> bool:
    """Tell whether a date counted anew lies in the past, and before the one that stands.

    Then that one stays, whether or not it has passed as well: by a day that is over nobody is made late, nor
    later than they are.
    """
    return due_at is not None and was_at is not None and due_at < now and due_at < was_at
