"""How long something may take: so many working days, calendar days or working hours.

A working day is 480 minutes and a calendar day 1,440 of the clock on the wall; a working hour is 60 for which
the office is open.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from workflow.domain.reading import meant
from workflow.domain.time.hours import WORKING_DAY_MINUTES

# Ten years: longer than any stay, and short enough that every date after it exists.
MOST_DAYS = 3660


class TimeUnit(StrEnum):
    """What a period is counted in; one procedure may mix both."""

    WORKING_DAYS = "working_days"
    CALENDAR_DAYS = "calendar_days"
    WORKING_HOURS = "working_hours"

    @property
    def minutes(self) -> int:
        """Give the minutes that one of this unit counts."""
        return _MINUTES[self]


DAY_UNITS: Final = (TimeUnit.WORKING_DAYS, TimeUnit.CALENDAR_DAYS)
_MINUTES: Final = {
    TimeUnit.WORKING_DAYS: WORKING_DAY_MINUTES,
    TimeUnit.CALENDAR_DAYS: 1440,
    TimeUnit.WORKING_HOURS: 60,
}


@dataclass(frozen=True, slots=True)
class Budget:
    """A whole number of days, or of hours at work, that a step may take."""

    amount: int
    unit: TimeUnit

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "5 working_days", "10 calendar_days" or "4 working_hours"; else raise ValueError."""
        amount, _, unit = text.strip().partition(" ")
        if not (amount.isascii() and amount.isdigit() and amount.strip("0")):
            message = f"a period is a number of days or hours, such as '5 working_days', not '{text}'"
            raise ValueError(message)
        if len(amount.lstrip("0")) > len(str(MOST_DAYS)) or int(amount) > MOST_DAYS:
            message = f"a period has at most {MOST_DAYS} days or hours, not '{amount}'"
            raise ValueError(message)
        return cls(int(amount), parse_unit(unit, text))

    @property
    def minutes(self) -> int:
        """Give the budget in minutes of its own unit."""
        return self.amount * self.unit.minutes

    @property
    def days(self) -> int:
        """Give the days within which it ends: as many as it has, of hours as many as they begin."""
        return -(-self.minutes // WORKING_DAY_MINUTES) if self.unit not in DAY_UNITS else self.amount

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
