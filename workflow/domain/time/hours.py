"""The hours of an office: when it opens, when it closes, its break at noon, and from which day on.

A working day counts 480 minutes whatever its hours are: five working days are five days in an office that is
open for seven hours as in one that is open for nine. Minutes inside a day are its share of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import cached_property
from typing import Final, TypeAlias

from workflow.domain.time.days import decision_of

WORKING_DAY_MINUTES: Final = 480
MICROSECONDS: Final = 60_000_000
"""Of a minute. What is counted for every row of a list is counted in whole numbers."""
_MICROSECOND: Final = timedelta(microseconds=1)
_HOUR: Final = 60

_Fault: TypeAlias = tuple[str, str]


class HoursError(ValueError):
    """Hours that no office can have; `field` is the one to be mended."""

    def __init__(self, field: str, message: str) -> None:
        """Keep which field is wrong, and why."""
        super().__init__(message)
        self.field, self.message = field, message


@dataclass(frozen=True)
class OfficeHours:
    """When an office is open on a day: within one day, in whole minutes, with at most one break.

    Raises `HoursError` for anything else.
    """

    opens: time
    closes: time
    noon_from: time | None = None
    noon_to: time | None = None

    def __post_init__(self) -> None:
        """Refuse hours that leave no time to work in."""
        if fault := _fault(self):
            raise HoursError(*fault)

    @cached_property
    def windows(self) -> tuple[tuple[time, time], ...]:
        """Give the times between which people work, in order."""
        if self.noon_from is None or self.noon_to is None:
            return ((self.opens, self.closes),)
        return ((self.opens, self.noon_from), (self.noon_to, self.closes))

    @cached_property
    def minutes(self) -> int:
        """Give the minutes for which it is open."""
        return sum(_minutes(closes) - _minutes(opens) for opens, closes in self.windows)

    def opened(self, at: int) -> int:
        """Give how long it has been open when `at` microseconds of the day are over."""
        return sum(min(max(at, opens), closes) - opens for opens, closes in self._spans)

    def passed(self, at: int) -> int:
        """Give how much of a working day is over then, in microseconds of its 480 minutes."""
        return self.opened(at) * WORKING_DAY_MINUTES // self.minutes

    def clock_at(self, passed: int, *, ends_window: bool) -> timedelta:
        """Give the time of day at which so much of the working day is over, the earlier or later of two."""
        scaled = passed * self.minutes
        # Never a moment too early: until then all of it has passed, and counted backwards no more than it.
        return self.open_for(
            -(-scaled // WORKING_DAY_MINUTES) if ends_window else scaled // WORKING_DAY_MINUTES,
            ends_window=ends_window,
        )

    def open_for(self, opened: int, *, ends_window: bool) -> timedelta:
        """Give the time of day at which it has been open for so long, the earlier or later of two."""
        for opens, closes in self._spans:
            length = closes - opens
            if opened < length or (opened == length and ends_window):
                return (opens + opened) * _MICROSECOND
            opened -= length
        return self._spans[-1][1] * _MICROSECOND

    @cached_property
    def _spans(self) -> tuple[tuple[int, int], ...]:
        return tuple(
            (_minutes(opens) * MICROSECONDS, _minutes(closes) * MICROSECONDS)
            for opens, closes in self.windows
        )

    def __str__(self) -> str:
        """Write the hours as a person does: 08:00-12:00, 13:00-17:00."""
        return ", ".join(f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in self.windows)


@dataclass(frozen=True, slots=True)
class HoursPeriod:
    """The hours of an office from a day on, until the next that it has, and what they rest on."""

    from_day: date
    hours: OfficeHours
    name: str = ""
    source: str = ""

    @property
    def decision(self) -> str:
        """What of its source one can cite: its first part."""
        return decision_of(self.source)


def hours_of_unit(everywhere: Sequence[HoursPeriod], own: Sequence[HoursPeriod]) -> tuple[HoursPeriod, ...]:
    """Give the hours of a unit: everybody's until it has its own, and its own ever after."""
    first = min((one.from_day for one in own), default=date.max)
    return (*(one for one in everywhere if one.from_day < first), *own)


@dataclass(frozen=True, slots=True)
class HoursEra:
    """Days of one set of hours: how many working days and how much opening, in microseconds, lie before."""

    from_day: date
    hours: OfficeHours
    days: int
    opened: int

    @property
    def day_length(self) -> int:
        """Give for how many microseconds it is open on a working day."""
        return self.hours.minutes * MICROSECONDS


def eras_of(periods: Sequence[HoursPeriod], days_before: Callable[[date], int]) -> tuple[HoursEra, ...]:
    """Give the times of one set of hours, from the first day ever; `days_before` counts those worked."""
    eras = [HoursEra(date.min, USUAL_HOURS, 0, 0)]
    for one in periods:
        last, days = eras[-1], days_before(one.from_day)
        opened = last.opened + (days - last.days) * last.day_length
        eras.append(HoursEra(one.from_day, one.hours, days, opened))
    return tuple(eras)


def _fault(hours: OfficeHours) -> _Fault | None:
    """Tell what is wrong with hours, None where nothing is."""
    known = [at for at in (hours.opens, hours.noon_from, hours.noon_to, hours.closes) if at is not None]
    if any(at.second or at.microsecond or at.tzinfo for at in known):
        return "opens", "hours are whole minutes of the clock on the wall"
    if hours.closes <= hours.opens:
        return "closes", "must be later than the hour it opens at, on the same day"
    return _fault_at_noon(hours)


def _fault_at_noon(hours: OfficeHours) -> _Fault | None:
    begins, ends = hours.noon_from, hours.noon_to
    if begins is None and ends is None:
        return None
    if begins is None or ends is None:
        missing = "noon_from" if begins is None else "noon_to"
        return missing, "a break has a beginning and an end; leave both empty where there is none"
    if not hours.opens < begins < hours.closes:
        return "noon_from", "the break must begin between opening and closing"
    if not begins < ends < hours.closes:
        return "noon_to", "the break must end after it begins and before closing"
    return None


def _minutes(at: time) -> int:
    return at.hour * _HOUR + at.minute


USUAL_HOURS: Final = OfficeHours(time(8), time(17), time(12), time(13))
"""What counts where nobody said anything else."""
