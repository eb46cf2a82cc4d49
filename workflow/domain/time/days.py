"""Days that differ from their weekday, each with what it rests on, and how well a year is known."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

_ESTIMATE: Final = ("estimate", "dự kiến")
_LIBRARY: Final = "holidays "


# As `calendar_vn.csv` notes it; an import names what it likes, in its own words.
_CITED: Final = re.compile(r"(\S+) of (\d{4}-\d\d-\d\d)")


class YearState(StrEnum):
    """What is known of the days off of a year: decided, guessed at least in part, or nothing but weekends."""

    KNOWN = "known"
    ESTIMATED = "estimated"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class CitedPaper:
    """Number and date of the paper that a day off rests on: each language writes the date its own way."""

    number: str
    signed_on: date


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One day that differs from its weekday: a day off or a weekend day worked, with its source."""

    day: date
    is_off: bool
    name: str
    source: str

    @property
    def decision(self) -> str:
        """What of its source one can cite: its first part, nothing where that is a library of holidays."""
        first = decision_of(self.source)
        return "" if first.startswith(_LIBRARY) else first

    @property
    def is_estimate(self) -> bool:
        """Whether its source says that no decision on it was seen yet."""
        said = self.source.casefold()
        return any(word in said for word in _ESTIMATE)


def decision_of(source: str) -> str:
    """Give the first part of a source: what stands before notes on it."""
    return source.partition(";")[0].partition(" (")[0].strip()


def cited_paper(decision: str) -> CitedPaper | None:
    """Read number and date out of what a shipped day rests on; None of what is written in any other way."""
    found = _CITED.fullmatch(decision)
    try:
        return CitedPaper(found[1], date.fromisoformat(found[2])) if found else None
    except ValueError:
        return None


def overlay(days: Iterable[CalendarDay], above: Iterable[CalendarDay]) -> tuple[CalendarDay, ...]:
    """Give the days with those above in their place, in order of date."""
    merged = {entry.day: entry for entry in (*days, *above)}
    return tuple(merged[day] for day in sorted(merged))
