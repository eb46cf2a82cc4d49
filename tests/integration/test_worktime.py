"""The database counts working minutes as the calendar does, whatever the days off and the hour."""

import random
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import DateTime, literal, select
from sqlalchemy.orm import Session

from workflow.domain.time.workdays import Calendar, CalendarName, TimeUnit
from workflow.store.calendars import load_calendar
from workflow.store.worktime import working_minutes

ZONES = ("Asia/Ho_Chi_Minh", "America/New_York", "Pacific/Apia")
ROUTE = 7


def dice_calendar(dice: random.Random, zone: str) -> Calendar:
    days = [date(2025, 1, 1) + timedelta(days=dice.randrange(700)) for _ in range(60)]
    return Calendar(
        CalendarName.VN,
        f"dice-{dice.random()}",
        frozenset(days[:45]),
        frozenset(days[40:]),
        None,
        None,
        ZoneInfo(zone),
    )


def by_the_minute(calendar: Calendar, start: datetime, end: datetime) -> int:
    """Count whole minutes day by day, each day's two windows cut by the stay."""
    worked, day = timedelta(0), start.astimezone(calendar.timezone).date()
    while day <= end.astimezone(calendar.timezone).date():
        if calendar.is_working(day):
            for opens, closes in ((8, 12), (13, 17)):
                low, high = (
                    datetime(day.year, day.month, day.day, hour, tzinfo=calendar.timezone).astimezone(UTC)
                    for hour in (opens, closes)
                )
                worked += max(timedelta(0), min(high, end) - max(low, start))
        day += timedelta(days=1)
    return worked // timedelta(minutes=1)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("seed", [1, 2])
def test_it_counts_as_a_calendar_and_as_a_finger_do(session: Session, zone: str, seed: int) -> None:
    dice = random.Random(seed)
    calendars = [
        dice_calendar(dice, zone),
        *(load_calendar(name, zone) for name in ("vn", "weekdays", "none")),
    ]
    for calendar in calendars:
        for _ in range(40):
            start = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=dice.random() * 86400 * 700)
            end = start + timedelta(seconds=dice.expovariate(1 / 200_000))
            counted = session.scalar(
                select(
                    working_minutes(
                        {calendar: [ROUTE]},
                        literal(ROUTE),
                        literal(start, DateTime(timezone=True)),
                        literal(end, DateTime(timezone=True)),
                    )
                )
            )
            assert counted == calendar.minutes_between(start, end, TimeUnit.WORKING_DAYS), (start, end)
            assert counted == by_the_minute(calendar, start, end), (calendar.name, start, end)
