"""The morning for which word is promised that is no reminder and came up meanwhile."""

from datetime import datetime, time
from typing import Final

from workflow.domain.time.workdays import Calendar

TOLD_FROM: Final = time(7)
"""From this hour of a working day what was found since the last is told: before the letters of a morning."""


def morning_of_word(now: datetime, calendar: Calendar) -> datetime:
    """Return the morning for which word is promised of what is found now."""
    day = calendar.local_day(now)
    if not calendar.is_working(day) or calendar.local(day, TOLD_FROM) <= now:
        day = calendar.next_working_day(day)
    return calendar.local(day, TOLD_FROM)
