"""The calendars that ship with the project, read once and named by their content."""

import csv
import hashlib
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources
from typing import Final
from zoneinfo import ZoneInfo

from workflow.domain.workdays import Calendar, CalendarName

_OFF: Final = "off"
_WORK: Final = "work"
_VERSION_LENGTH: Final = 12


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One day that differs from its weekday: a day off or a weekend day worked, with its source."""

    day: date
    is_off: bool
    name: str
    source: str


@lru_cache(maxsize=16)
def load_calendar(name: str, timezone: str) -> Calendar:
    """Give the calendar of that name (vn, weekdays, none) in a time zone.

    The version is the name with a digest of what changes counting: the days and the range they cover, not
    their names. Raises ValueError for an unknown calendar, ZoneInfoNotFoundError for an unknown zone.
    """
    calendar = CalendarName(name)
    zone = ZoneInfo(timezone)
    if calendar is not CalendarName.VN:
        return Calendar(calendar, f"{calendar}-1", frozenset(), frozenset(), None, None, zone)
    days = shipped_days()
    off = frozenset(entry.day for entry in days if entry.is_off)
    made_up = frozenset(entry.day for entry in days if not entry.is_off)
    # Holidays are decided for whole years, so a year with any entry is a year that is known.
    first = min(off).replace(month=1, day=1)
    last = max(off).replace(month=12, day=31)
    content = "\n".join(
        [f"{first} {last}", *(f"{entry.day} {_OFF if entry.is_off else _WORK}" for entry in days)]
    )
    digest = hashlib.sha256(content.encode()).hexdigest()[:_VERSION_LENGTH]
    return Calendar(calendar, f"{calendar}-{digest}", off, made_up, first, last, zone)


@lru_cache(maxsize=1)
def shipped_days() -> tuple[CalendarDay, ...]:
    """Give the days of the Vietnamese calendar that ships, in order of date.

    Each row names its source; the yearly decisions of the Government are typed in as they are published.
    """
    text = (resources.files("workflow") / "definitions" / "calendar_vn.csv").read_text(encoding="utf-8")
    days = [
        CalendarDay(date.fromisoformat(row["date"]), _is_off(row["kind"]), row["name"], row["source"])
        for row in csv.DictReader(text.splitlines())
    ]
    return tuple(sorted(days, key=lambda entry: entry.day))


def _is_off(kind: str) -> bool:
    if kind not in {_OFF, _WORK}:
        message = f"a day of the calendar is {_OFF} or {_WORK}, not '{kind}'"
        raise ValueError(message)
    return kind == _OFF
