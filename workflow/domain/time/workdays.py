"""Working days and working minutes of a place: when counting starts, when work is due, how long it took.

A working day is 480 minutes, spread over the hours of its office (`hours.py`); a calendar day is 1,440
minutes, a working hour 60 for which the office is open. All are minutes of the clock on the wall, so a day on
which clocks are changed has as many.
Instants must carry a time zone; results carry the calendar's zone.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from workflow.domain.time.days import CalendarDay, YearState
from workflow.domain.time.hours import (
    MICROSECONDS,
    USUAL_HOURS,
    WORKING_DAY_MINUTES,
    HoursEra,
    HoursPeriod,
    OfficeHours,
    eras_of,
)
from workflow.domain.time.periods import TimeUnit

_MINUTE: Final = timedelta(minutes=1)
_MICROSECOND: Final = timedelta(microseconds=1)
_DAY_OF_WORK: Final = WORKING_DAY_MINUTES * MICROSECONDS
_KEPT: Final = 2048
_WEEK: Final = 7
_WORKDAYS_OF_WEEK: Final = 5


class CalendarName(StrEnum):
    """The calendars a definition may name; `local` is whichever of the others the installation counts by."""

    VN = "vn"
    WEEKDAYS = "weekdays"
    NONE = "none"
    LOCAL = "local"


@dataclass(frozen=True, eq=False)
class Calendar:
    """The days a place works. Each is itself alone: what is remembered of one counts by its days and hours.

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
    days: tuple[CalendarDay, ...] = ()
    hours: tuple[HoursPeriod, ...] = ()

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
            end = local + minutes * _MINUTE
        elif unit is TimeUnit.WORKING_HOURS:
            end = self._open_instant(self._opened(local) + minutes * MICROSECONDS, ends_window=minutes > 0)
        else:
            end = self._instant(self._worked(local) + minutes * MICROSECONDS, ends_window=minutes > 0)
        return end if minutes < 0 else _not_before(end, at)

    def minutes_between(self, start: datetime, end: datetime, unit: TimeUnit) -> int:
        """Count whole minutes of the unit from `start` to `end`, negative when reversed."""
        if unit is TimeUnit.CALENDAR_DAYS:
            # Both carry one zone, so their difference is that of the clock on the wall.
            passed = (self._localise(end) - self._localise(start)) // _MICROSECOND
        elif unit is TimeUnit.WORKING_HOURS:
            passed = self._opened(self._localise(end)) - self._opened(self._localise(start))
        else:
            passed = self._reckoned(end)[1] - self._reckoned(start)[1]
        return passed // MICROSECONDS if passed >= 0 else -(-passed // MICROSECONDS)

    def open_from(self, at: datetime) -> datetime:
        """Give an instant itself while the office is open, else the one at which it opens next."""
        return _not_before(self._open_instant(self._opened(self._localise(at)), ends_window=False), at)

    def working_days_left(self, now: datetime, due_at: datetime) -> int:
        """Count the working days between the day of `now` and the day of `due_at`.

        0 on the due day, negative when that day has passed. Late work is at least one day late from its first
        late minute, as people say it.
        """
        today, last = self._reckoned(now)[0], self._reckoned(due_at)[0]
        return last - today if now <= due_at else min(-1, last - today)

    def wall_days_between(self, start: datetime, end: datetime) -> int:
        """Count the days of the wall calendar between the days of two instants, negative when reversed."""
        return self._reckoned(end)[2] - self._reckoned(start)[2]

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

    @cached_property
    def _working_day(self) -> Callable[[int], date]:
        """Give `_look_up` with its last answers: much is due within the same few weeks."""
        return lru_cache(maxsize=_KEPT)(self._look_up)

    def _look_up(self, number: int) -> date:
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
    def _reckoned(self) -> Callable[[datetime], tuple[int, int, int]]:
        """Give `_reckon` with its last answers: rows of a list share now, and many are due at one instant."""
        return lru_cache(maxsize=_KEPT)(self._reckon)

    def _reckon(self, at: datetime) -> tuple[int, int, int]:
        """Give the working days up to and with the day of an instant, the working time until it, the day."""
        local = self._localise(at)
        day = local.date()
        return self._days_before(day + timedelta(days=1)), self._worked(local), day.toordinal()

    def _worked(self, local: datetime) -> int:
        """Give the working time passed since the calendar's beginning, in microseconds."""
        day = local.date()
        whole = self._days_before(day) * _DAY_OF_WORK
        if not self.is_working(day):
            return whole
        return whole + self.hours_on(day).passed(_time_of_day(local))

    def _instant(self, worked: int, *, ends_window: bool) -> datetime:
        """Give the instant with that working time, the earlier or later one of two."""
        days, rest = divmod(worked, _DAY_OF_WORK)
        if ends_window and not rest:
            return self.closes_at(self._working_day(days))
        day = self._working_day(days + 1)
        return self.local(day, time(0)) + self.hours_on(day).clock_at(rest, ends_window=ends_window)

    @cached_property
    def _eras(self) -> tuple[HoursEra, ...]:
        return eras_of(self.hours, self._days_before)

    def _opened(self, local: datetime) -> int:
        """Give for how long the office was open since the calendar's beginning, in microseconds."""
        day = local.date()
        era = self._eras[bisect_right(self._eras, day, key=lambda one: one.from_day) - 1]
        whole = era.opened + (self._days_before(day) - era.days) * era.day_length
        return whole + era.hours.opened(_time_of_day(local)) if self.is_working(day) else whole

    def _open_instant(self, opened: int, *, ends_window: bool) -> datetime:
        """Give the instant at which it was open for so long, the earlier or later one of two."""
        find = bisect_left if ends_window else bisect_right
        era = self._eras[find(self._eras, opened, key=lambda one: one.opened) - 1]
        days, rest = divmod(opened - era.opened, era.day_length)
        if ends_window and not rest:
            return self.closes_at(self._working_day(era.days + days))
        day = self._working_day(era.days + days + 1)
        return self.local(day, time(0)) + era.hours.open_for(rest, ends_window=ends_window)


def _not_before(end: datetime, start: datetime) -> datetime:
    """Give an instant: of an hour that is there twice the second, where its first was over at the start."""
    return end.replace(fold=1) if end.timestamp() < start.timestamp() else end


def _time_of_day(local: datetime) -> int:
    """Give what of a day is over on the clock on the wall, in microseconds."""
    return (local.hour * 60 + local.minute) * MICROSECONDS + local.second * 1_000_000 + local.microsecond
