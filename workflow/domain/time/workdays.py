"""Working days and working minutes of a place: when counting starts, when work is due, how long it took.

A working day is 480 minutes, spread over the hours of its office (`hours.py`); a calendar day is 1,440
minutes. All are minutes of the clock on the wall, so a day on which clocks are changed has as many.
Instants must carry a time zone; results carry the calendar's zone.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Final, Self
from zoneinfo import ZoneInfo

from workflow.domain.reading import meant
from workflow.domain.time.days import CalendarDay, YearState
from workflow.domain.time.hours import (
    MICROSECONDS,
    USUAL_HOURS,
    WORKING_DAY_MINUTES,
    HoursPeriod,
    OfficeHours,
)

CALENDAR_DAY_MINUTES: Final = 1440

_MINUTE: Final = timedelta(minutes=1)
_MICROSECOND: Final = timedelta(microseconds=1)
_DAY_OF_WORK: Final = WORKING_DAY_MINUTES * MICROSECONDS
_KEPT: Final = 2048
_WEEK: Final = 7
_WORKDAYS_OF_WEEK: Final = 5

# Ten years: longer than any stay, and short enough that every date after it exists.
MOST_DAYS = 3660


class TimeUnit(StrEnum):
    """What a period is counted in; one procedure may mix both."""

    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"

    @property
    def day_minutes(self) -> int:
        """Give the minutes that one day of this unit counts."""
        return WORKING_DAY_MINUTES if self is TimeUnit.WORKING_DAYS else CALENDAR_DAY_MINUTES


class CalendarName(StrEnum):
    """The calendars a definition may name; `local` is whichever of the others the installation counts by."""

    VN = "vn"
    WEEKDAYS = "weekdays"
    NONE = "none"
    LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Budget:
    """A whole number of days that a step may take."""

    amount: int
    unit: TimeUnit

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "5 working_days" or "10 calendar_days"; anything else is a ValueError."""
        amount, _, unit = text.strip().partition(" ")
        if not (amount.isascii() and amount.isdigit() and amount.strip("0")):
            message = f"a period is a number of days and a unit, such as '5 working_days', not '{text}'"
            raise ValueError(message)
        if len(amount.lstrip("0")) > len(str(MOST_DAYS)) or int(amount) > MOST_DAYS:
            message = f"a period has at most {MOST_DAYS} days, not '{amount}'"
            raise ValueError(message)
        return cls(int(amount), parse_unit(unit, text))

    @property
    def minutes(self) -> int:
        """Give the budget in minutes of its own unit."""
        return self.amount * self.unit.day_minutes

    def __str__(self) -> str:
        """Spell the budget as `parse` reads it."""
        return f"{self.amount} {self.unit}"


def parse_unit(word: str, text: str) -> TimeUnit:
    """Read the unit of a period, quoting the whole `text` in its ValueError."""
    try:
        return TimeUnit(word.strip())
    except ValueError:
        message = f"unknown unit '{word.strip()}' in '{text}'{meant(word.strip(), TimeUnit)}"
        raise ValueError(message) from None


@dataclass(frozen=True)
class Calendar:
    """The days a place works.

    `off` are days off, `made_up` are weekend days worked in their place; `version` names the content, and a
    visit stores it. Outside `first_day` to `last_day` only weekends are off: `covers` says so. `days` are the
    same with their names and sources. The calendar `none` works every day, weekends included. `hours` are in
    order of the day they begin on; before the first of them those hours count that everybody has.
    """

    name: CalendarName
    version: str
    off: frozenset[date]
    made_up: frozenset[date]
    first_day: date | None
    last_day: date | None
    timezone: ZoneInfo
    days: tuple[CalendarDay, ...] = field(default=(), compare=False)
    hours: tuple[HoursPeriod, ...] = field(default=(), compare=False)

    @cached_property
    def estimated(self) -> frozenset[date]:
        """Give the days of whose decision nothing was seen yet."""
        return frozenset(entry.day for entry in self.days if entry.is_estimate)

    def year_state(self, year: int) -> YearState:
        """Tell how well the days off of a year are known; where no holidays are counted none are unknown."""
        if not self.covers(date(year, 1, 1)):
            return YearState.ABSENT
        return YearState.ESTIMATED if year in {day.year for day in self.estimated} else YearState.KNOWN

    def is_working(self, day: date) -> bool:
        """Tell whether people work on that day."""
        if self.name is CalendarName.NONE or day in self.made_up:
            return True
        return day.weekday() < _WORKDAYS_OF_WEEK and day not in self.off

    def covers(self, day: date) -> bool:
        """Tell whether holidays of that day are known, not only weekends."""
        if self.first_day is not None and day < self.first_day:
            return False
        return self.last_day is None or day <= self.last_day

    def hours_since(self, day: date) -> HoursPeriod | None:
        """Give the hours that count on a day, with since when; None where nobody said any."""
        place = bisect_right(self.hours, day, key=lambda one: one.from_day)
        return self.hours[place - 1] if place else None

    def hours_on(self, day: date) -> OfficeHours:
        """Give the hours that count on a day, working or not."""
        found = self.hours_since(day) if self.hours else None
        return found.hours if found else USUAL_HOURS

    def opens_at(self, day: date) -> datetime:
        """Give the instant at which the office opens on a day."""
        return self.local(day, self.hours_on(day).opens)

    def closes_at(self, day: date) -> datetime:
        """Give the instant at which the office closes on a day: what is due that day is due then."""
        return self.local(day, self.hours_on(day).closes)

    def next_working_day(self, day: date) -> date:
        """Give the first working day strictly after `day`."""
        return self.shift(day, 1)

    def shift(self, day: date, count: int) -> date:
        """Give the `count`-th working day after `day`, or before it when negative.

        Zero gives `day` itself, working or not.
        """
        if count > 0:
            return self._working_day(self._days_before(day + timedelta(days=1)) + count)
        if count < 0:
            return self._working_day(self._days_before(day) + count + 1)
        return day

    def local(self, day: date, at: time) -> datetime:
        """Give the instant at which the local clock shows `at` on `day`."""
        return datetime.combine(day, at, tzinfo=self.timezone)

    def local_day(self, at: datetime) -> date:
        """Give the local date of an instant."""
        return self._localise(at).date()

    def add_minutes(self, at: datetime, minutes: int, unit: TimeUnit) -> datetime:
        """Give the instant at which `minutes` of the unit have passed since `at`.

        A working period that ends with a window ends there, at closing, not when the next one opens; counted
        backwards it ends where a window opens. Inverse of `minutes_between`.
        """
        local = self._localise(at)
        if unit is TimeUnit.CALENDAR_DAYS or minutes == 0:
            return local + minutes * _MINUTE
        return self._instant(self._worked(local) + minutes * MICROSECONDS, ends_window=minutes > 0)

    def minutes_between(self, start: datetime, end: datetime, unit: TimeUnit) -> int:
        """Count whole minutes of the unit from `start` to `end`, negative when reversed."""
        if unit is TimeUnit.CALENDAR_DAYS:
            # Both carry one zone, so their difference is that of the clock on the wall.
            passed = (self._localise(end) - self._localise(start)) // _MICROSECOND
        else:
            passed = self._reckoned(end)[1] - self._reckoned(start)[1]
        return passed // MICROSECONDS if passed >= 0 else -(-passed // MICROSECONDS)

    def working_days_left(self, now: datetime, due_at: datetime) -> int:
        """Count the working days between the day of `now` and the day of `due_at`.

        0 on the due day, negative when that day has passed. Late work is at least one day late from its first
        late minute, as people say it.
        """
        today, last = self._reckoned(now)[0], self._reckoned(due_at)[0]
        return last - today if now <= due_at else min(-1, last - today)

    def _localise(self, at: datetime) -> datetime:
        if at.tzinfo is None:
            message = "an instant without a time zone cannot be placed on a calendar"
            raise ValueError(message)
        return at.astimezone(self.timezone)

    @cached_property
    def _weekday_offs(self) -> tuple[int, ...]:
        return tuple(
            sorted(day.toordinal() for day in self.off - self.made_up if day.weekday() < _WORKDAYS_OF_WEEK)
        )

    @cached_property
    def _weekend_works(self) -> tuple[int, ...]:
        return tuple(sorted(day.toordinal() for day in self.made_up if day.weekday() >= _WORKDAYS_OF_WEEK))

    def _days_before(self, day: date) -> int:
        """Count the working days from Monday 0001-01-01 to the eve of `day`."""
        past = day.toordinal() - 1
        if self.name is CalendarName.NONE:
            return past
        weeks, rest = divmod(past, _WEEK)
        return (
            weeks * _WORKDAYS_OF_WEEK
            + min(rest, _WORKDAYS_OF_WEEK)
            - bisect_left(self._weekday_offs, past + 1)
            + bisect_left(self._weekend_works, past + 1)
        )

    def _working_day(self, number: int) -> date:
        """Give the working day with that number, counting the first ever as 1."""
        if self.name is CalendarName.NONE:
            return date.fromordinal(number)
        low = max(1, number // _WORKDAYS_OF_WEEK * _WEEK - 2 * _WEEK - 2 * len(self._weekend_works))
        high = number // _WORKDAYS_OF_WEEK * _WEEK + 2 * _WEEK + 2 * len(self._weekday_offs)
        span = range(low, high)
        return date.fromordinal(
            span[bisect_right(span, number - 1, key=lambda day: self._days_before(date.fromordinal(day))) - 1]
        )

    @cached_property
    def _reckoned(self) -> Callable[[datetime], tuple[int, int]]:
        """Give `_reckon` with its last answers: rows of a list share now, and many are due at one instant."""
        return lru_cache(maxsize=_KEPT)(self._reckon)

    def _reckon(self, at: datetime) -> tuple[int, int]:
        """Give the working days up to and with the day of an instant, and the working time until it."""
        local = self._localise(at)
        return self._days_before(local.date() + timedelta(days=1)), self._worked(local)

    def _worked(self, local: datetime) -> int:
        """Give the working time passed since the calendar's beginning, in microseconds."""
        day = local.date()
        whole = self._days_before(day) * _DAY_OF_WORK
        if not self.is_working(day):
            return whole
        at = (local.hour * 60 + local.minute) * MICROSECONDS + local.second * 1_000_000 + local.microsecond
        return whole + self.hours_on(day).passed(at)

    def _instant(self, worked: int, *, ends_window: bool) -> datetime:
        """Give the instant with that working time, the earlier or later one of two."""
        days, rest = divmod(worked, _DAY_OF_WORK)
        if ends_window and not rest:
            return self.closes_at(self._working_day(days))
        day = self._working_day(days + 1)
        return self.local(day, time(0)) + self.hours_on(day).clock_at(rest, ends_window=ends_window)
