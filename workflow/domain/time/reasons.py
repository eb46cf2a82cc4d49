"""Why something is due when it is: counted from when, without which days, and what of it is not certain.

A reason is found by counting again with the calendar of that time. Where that does not give the instant that
stands, nothing is claimed of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final, NamedTuple

from workflow.domain.facts import Opinion
from workflow.domain.time.clocks import fixed_end
from workflow.domain.time.counting import clock_start, due_after
from workflow.domain.time.days import CalendarDay, YearState
from workflow.domain.time.due import Due, budget_of
from workflow.domain.time.hours import HoursPeriod
from workflow.domain.time.periods import Budget, TimeUnit
from workflow.domain.time.round_dates import SPANS
from workflow.domain.time.workdays import Calendar
from workflow.domain.vocabulary import RoundDate

_WEEKEND: Final = 5


class DueBasis(StrEnum):
    """What a due date rests on.

    A number of days from the day after arrival; what a hold left of them, or that it left none; the day that
    somebody above gave; a date of the round; the first working day for what came after that date; days back
    from a later date; the day until which an answer was asked for; or what nobody can tell any more.
    """

    PERIOD = "period"
    RESUMED = "resumed"
    USED_UP = "used_up"
    GIVEN = "given"
    ROUND_DATE = "round_date"
    ARRIVED_AFTER = "arrived_after"
    BACKWARDS = "backwards"
    ASKED = "asked"
    UNTOLD = "untold"


@dataclass(frozen=True, slots=True)
class SkippedDays:
    """Days off one after the other, but for weekends, with what they are called and rest on."""

    first: date
    last: date
    name: str
    decision: str


@dataclass(frozen=True, slots=True)
class DoubtfulYear:
    """A year of the time that was counted over, of which the days off are estimated or not known."""

    year: int
    state: YearState


@dataclass(frozen=True, slots=True)
class DoubledDays:
    """That the days were doubled: how many the route gives, which office was asked for its opinion, when."""

    count: int
    office: str
    asked_on: date


@dataclass(frozen=True, slots=True)
class ClosingHour:
    """The hour at which an office closes on a day, with the name of its hours and the decision on them."""

    at: time
    name: str
    decision: str


@dataclass(frozen=True, slots=True)
class DueReason:
    """Why a day is the last one: `count` days of `unit` after `counted_from`, without `skipped`.

    `worked` are weekend days that counted as working days. `round_date` is the date that it is, or that it
    was counted back from. `given` is the whole period where a hold interrupted it. `first_due_on` is the date
    that stood before, where somebody gave more time. `doubled` says since when it is twice the period, and
    `closing` when the office closes that day, where its hours were decided on. A count of hours began at the
    clock's `counted_at`, and `hours` are those of the office, where they were decided on.
    """

    basis: DueBasis
    due_on: date
    unit: TimeUnit = TimeUnit.WORKING_DAYS
    count: int | None = None
    given: int | None = None
    counted_from: date | None = None
    round_date: RoundDate | None = None
    skipped: tuple[SkippedDays, ...] = ()
    worked: tuple[date, ...] = ()
    doubts: tuple[DoubtfulYear, ...] = ()
    first_due_on: date | None = None
    doubled: DoubledDays | None = None
    closing: ClosingHour | None = None
    counted_at: time | None = None
    hours: HoursPeriod | None = None


class CountedStay(NamedTuple):
    """What a due date was counted from: when the work came, from when the clock ran, what a hold used up.

    `has_more_time`: somebody above gave it more than its route does. `opinion`: the outside office that was
    asked, where the route doubles the period for it.
    """

    entered_at: datetime
    started_at: datetime | None
    budget_minutes: int | None
    consumed_minutes: int
    due_at: datetime
    has_more_time: bool = False
    opinion: Opinion | None = None


def reason_of(
    due: Budget | Due | None, calendar: Calendar, stay: CountedStay, round_dates: Mapping[str, date]
) -> DueReason:
    """Return why a stay is due when it is, by the calendar that it was counted by.

    `due` is that of the stay: doubled already where it was.
    """
    found = _counted(due, calendar, stay, round_dates)
    if found.basis is DueBasis.UNTOLD or found.counted_at is not None:
        return found
    closing = closing_hour(calendar, stay.due_at)
    return found if closing is None else replace(found, closing=closing)


def closing_hour(calendar: Calendar, due_at: datetime) -> ClosingHour | None:
    """Return when the office closes that something is due by; None by the usual hours, or at another hour."""
    day = calendar.local_day(due_at)
    since = calendar.hours_since(day)
    if since is None or calendar.closes_at(day) != due_at:
        return None
    return ClosingHour(since.hours.closes, since.name, since.decision)


def _counted(
    due: Budget | Due | None, calendar: Calendar, stay: CountedStay, round_dates: Mapping[str, date]
) -> DueReason:
    due_on = calendar.local_day(stay.due_at)
    if isinstance(due, Due):
        fixed_at = fixed_end(due, calendar, stay.entered_at, round_dates)
        if fixed_at == stay.due_at:
            return _fixed(due, calendar, stay, round_dates)
    if due is not None and stay.has_more_time and _is_given(due.unit, calendar, stay):
        return DueReason(DueBasis.GIVEN, due_on)
    budget = budget_of(due) if due is not None else None
    found = _period(budget, calendar, stay) if budget is not None else None
    if found is None or budget is None or stay.opinion is None or budget.minutes != stay.budget_minutes:
        return found or DueReason(DueBasis.UNTOLD, due_on)
    asked_on = calendar.local_day(stay.opinion.asked_at)
    return replace(found, doubled=DoubledDays(budget.amount // 2, stay.opinion.office, asked_on))


def _is_given(unit: TimeUnit, calendar: Calendar, stay: CountedStay) -> bool:
    """Tell whether the days that somebody above gave end when it is due."""
    if stay.started_at is None or stay.budget_minutes is None:
        return False
    left = stay.budget_minutes - stay.consumed_minutes
    return due_after(stay.started_at, left, unit, calendar) == stay.due_at


def reason_of_date(name: RoundDate, day: date) -> DueReason:
    """Return the reason of what is due by a date of its round."""
    return DueReason(DueBasis.ROUND_DATE, day, round_date=name)


def reasons_backwards(dates: Mapping[RoundDate, date], calendar: Calendar) -> dict[RoundDate, DueReason]:
    """Return why each date of a round lies where it does that was counted back from the next one it has."""
    names = [name for name in RoundDate if name in dates]
    return {
        name: _backwards(calendar, dates[name], later, dates[later])
        for name, later in pairwise(names)
        if calendar.shift(dates[later], -SPANS.get(later, 0)) == dates[name]
    }


def _backwards(calendar: Calendar, day: date, later: RoundDate, later_on: date) -> DueReason:
    plain = DueReason(
        DueBasis.BACKWARDS, day, count=SPANS.get(later, 0), counted_from=later_on, round_date=later
    )
    return _counted_over(plain, calendar, day, later_on - timedelta(days=1))


def _fixed(due: Due, calendar: Calendar, stay: CountedStay, round_dates: Mapping[str, date]) -> DueReason:
    due_on = calendar.local_day(stay.due_at)
    if calendar.closes_at(round_dates[due.by]) == stay.due_at:
        return reason_of_date(due.by, due_on)
    came_on = calendar.local_day(stay.entered_at)
    plain = DueReason(DueBasis.ARRIVED_AFTER, due_on, count=1, counted_from=came_on, round_date=due.by)
    return _counted_over(plain, calendar, came_on + timedelta(days=1), due_on)


def _period(budget: Budget, calendar: Calendar, stay: CountedStay) -> DueReason | None:
    unit, due_on = budget.unit, calendar.local_day(stay.due_at)
    given = stay.budget_minutes or budget.minutes
    starts_at = clock_start(stay.entered_at, calendar, unit)
    started_at = stay.started_at or starts_at
    if due_after(started_at, given - stay.consumed_minutes, unit, calendar) != stay.due_at:
        return None
    whole, left = (-(-minutes // unit.minutes) for minutes in (given, given - stay.consumed_minutes))
    if started_at == starts_at and not stay.consumed_minutes:
        came_on = calendar.local_day(stay.entered_at)
        plain = DueReason(DueBasis.PERIOD, due_on, unit, whole, counted_from=came_on)
    else:
        came_on = calendar.local_day(started_at)
        plain = DueReason(DueBasis.RESUMED, due_on, unit, left, whole, came_on)
    if unit is TimeUnit.WORKING_HOURS:
        plain = _by_the_clock(plain, calendar, started_at)
    if plain.basis is DueBasis.RESUMED and left <= 0:
        return replace(plain, basis=DueBasis.USED_UP, count=0)
    first = came_on if unit is TimeUnit.WORKING_HOURS else came_on + timedelta(days=1)
    return _counted_over(plain, calendar, first, due_on)


def _by_the_clock(reason: DueReason, calendar: Calendar, started_at: datetime) -> DueReason:
    """Return the reason of hours: from what time of which day they count, and by whose hours."""
    began_on = calendar.local_day(started_at)
    began_at = started_at.astimezone(calendar.timezone).time()
    hours = calendar.hours_since(reason.due_on)
    return replace(reason, counted_from=began_on, counted_at=began_at, hours=hours)


def _counted_over(reason: DueReason, calendar: Calendar, first: date, last: date) -> DueReason:
    """Return the reason with what is to be said of the days from the first to the last."""
    if reason.unit is TimeUnit.CALENDAR_DAYS:
        return reason
    inside = [entry for entry in calendar.days if first <= entry.day <= last]
    off = [entry for entry in inside if entry.is_off]
    worked = tuple(entry.day for entry in inside if not entry.is_off and entry.day.weekday() >= _WEEKEND)
    years = [DoubtfulYear(year, calendar.year_state(year)) for year in range(first.year, last.year + 1)]
    doubts = tuple(one for one in years if one.state is not YearState.KNOWN)
    if not off and not worked and not doubts:
        return reason
    return replace(reason, skipped=tuple(_runs(off)), worked=worked, doubts=doubts)


def _runs(days: Sequence[CalendarDay]) -> Iterator[SkippedDays]:
    """Yield days off that follow each other over nothing but a weekend, of one decision, as one run."""
    run: list[CalendarDay] = []
    for entry in days:
        if run and (entry.decision != run[-1].decision or not _follow(run[-1].day, entry.day)):
            yield from _run(run)
            run = []
        run.append(entry)
    yield from _run(run)


def _follow(one: date, other: date) -> bool:
    between = (one + timedelta(days=step) for step in range(1, (other - one).days))
    return all(day.weekday() >= _WEEKEND for day in between)


def _run(days: Sequence[CalendarDay]) -> Iterator[SkippedDays]:
    """Yield a run by the names of its days, without those that only add to another; nothing of a weekend."""
    weekdays = [entry.day for entry in days if entry.day.weekday() < _WEEKEND]
    if not weekdays:
        return
    names = list(dict.fromkeys(entry.name for entry in days))
    plain = [name for name in names if not any(other in name for other in names if other != name)]
    yield SkippedDays(weekdays[0], weekdays[-1], ", ".join(plain), days[0].decision)
