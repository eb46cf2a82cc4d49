"""From when the letter of a morning may tell a reminder: before the office opens at which it is promised."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from workflow.domain.time.hours import USUAL_HOURS
from workflow.domain.time.workdays import Calendar

_AHEAD: Final = timedelta(hours=1)
_SEVEN: Final = time(7)


def told_from(at: datetime, zone: ZoneInfo) -> datetime:
    """Give from when the letter of a morning may tell a reminder of `at`: an hour before, by seven at latest.

    So it is there for a letter of half past seven also where an office opens at nine.
    """
    seven = datetime.combine(at.astimezone(zone).date(), _SEVEN, tzinfo=zone)
    return min(at - _AHEAD, seven).astimezone(UTC)


def reminders_ahead(now: datetime, calendars: Sequence[Calendar]) -> datetime | None:
    """Give until when reminders fire already that a letter of this morning may tell, mostly None.

    They fire ahead from `told_from` on until their office opens; whoever gets no letter is told at their
    instant. Escalations never fire before theirs. The usual hour is one of them: until open work is counted
    by new hours its promises are for that.
    """
    return max(
        (
            opens_at
            for calendar in calendars
            for opens in {calendar.hours_on(calendar.local_day(now)).opens, USUAL_HOURS.opens}
            if (opens_at := calendar.local(calendar.local_day(now), opens).astimezone(UTC)) > now
            and told_from(opens_at, calendar.timezone) <= now
        ),
        default=None,
    )
