"""The morning for which word that came up is promised, and from when mails of who is away are handed on."""

from datetime import UTC, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from workflow.domain.time.workdays import Calendar

TOLD_FROM: Final = time(7)
"""From this hour of a working day what was found since the last is told: before the letters of a morning."""


def morning_of_word(now: datetime, calendar: Calendar) -> datetime:
    """Return the morning for which word is promised of what is found now."""
    day = calendar.local_day(now)
    if not calendar.is_working(day) or calendar.local(day, TOLD_FROM) <= now:
        day = calendar.next_working_day(day)
    return calendar.local(day, TOLD_FROM)


def handed_on_at(leaves_at: datetime, zone: ZoneInfo) -> datetime:
    """Give from when a mail that waits is handed on, whose reader is away on the day on which it would leave.

    From seven on, before the letters of that morning: whoever acts reads it in their own.
    """
    return min(leaves_at, _seven_of(leaves_at, zone)).astimezone(UTC)


def handed_on_until(now: datetime, zone: ZoneInfo) -> datetime:
    """Give the last instant of which `handed_on_at` has come: of a mail that would leave by then."""
    is_early = now < _seven_of(now, zone)
    return now if is_early else datetime.combine(now.astimezone(zone).date(), time.max, zone).astimezone(UTC)


def _seven_of(at: datetime, zone: ZoneInfo) -> datetime:
    return datetime.combine(at.astimezone(zone).date(), TOLD_FROM, zone)
