"""The database counts working minutes as the calendar does, whatever the days off and the hour."""

import dataclasses
import random
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import DateTime, literal, select
from sqlalchemy.orm import Session

from workflow.domain.time.hours import HoursPeriod, OfficeHours
from workflow.domain.time.periods import TimeUnit
from workflow.domain.time.workdays import Calendar, CalendarName
from workflow.store.calendars import load_calendar
from workflow.store.worktime import local_time, working_minutes

ZONES = ("Asia/Ho_Chi_Minh", "America/New_York", "Pacific/Apia")
ROUTE = 7
MICROSECOND = timedelta(microseconds=1)


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
    """Count whole minutes day by day, each day's windows cut by the stay: a day has 480 of them."""
    worked, day = Fraction(0), start.astimezone(calendar.timezone).date()
    while day <= end.astimezone(calendar.timezone).date():
        if calendar.is_working(day):
            windows = windows_of(calendar, day)
            instants = [
                [datetime.combine(day, at, tzinfo=calendar.timezone).astimezone(UTC) for at in window]
                for window in windows
            ]
            whole = sum(((high - low) // MICROSECOND for low, high in instants), start=0)
            stay = [max(timedelta(0), min(high, end) - max(low, start)) for low, high in instants]
            worked += Fraction(480 * sum(part // MICROSECOND for part in stay), whole)
        day += timedelta(days=1)
    return int(worked)


def windows_of(calendar: Calendar, day: date) -> list[tuple[time, time]]:
    """Say when people work on a day: by the latest row that has begun, as somebody reads a notice board."""
    rows = [one.hours for one in calendar.hours if one.from_day <= day]
    if not rows:
        return [(time(8), time(12)), (time(13), time(17))]
    now = rows[-1]
    if now.noon_from is None or now.noon_to is None:
        return [(now.opens, now.closes)]
    return [(now.opens, now.noon_from), (now.noon_to, now.closes)]


def dice_hours(dice: random.Random) -> tuple[HoursPeriod, ...]:
    """Throw hours that change some times in two years: with and without a break, of any length."""
    days = sorted({date(2025, 1, 1) + timedelta(days=dice.randrange(700)) for _ in range(5)})
    periods = []
    for day in days:
        minutes = sorted(dice.sample(range(24 * 60), 4))
        opens, noon_from, noon_to, closes = (time(*divmod(minute, 60)) for minute in minutes)
        has_break = dice.random() < 0.6
        hours = OfficeHours(opens, closes, noon_from, noon_to) if has_break else OfficeHours(opens, closes)
        periods.append(HoursPeriod(day, hours))
    return tuple(periods)


def counted_by_sql(session: Session, calendar: Calendar, start: datetime, end: datetime) -> int:
    zone = str(calendar.timezone)
    instants = (local_time(zone, literal(at, DateTime(timezone=True))) for at in (start, end))
    found = session.scalar(select(working_minutes({calendar: [ROUTE]}, literal(ROUTE), *instants)))
    assert isinstance(found, int)
    return found


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("seed", [1, 2])
def test_it_counts_as_a_calendar_and_as_a_finger_do(session: Session, zone: str, seed: int) -> None:
    dice = random.Random(seed)
    calendars = [
        dice_calendar(dice, zone),
        *(load_calendar(name, zone) for name in ("vn", "weekdays", "none")),
    ]
    # The same with hours that change in mid-year, as an office has them, or a unit of its own.
    calendars += [
        dataclasses.replace(one, version=f"{one.version}-{dice.random()}", hours=dice_hours(dice))
        for one in calendars
    ]
    for calendar in calendars:
        for _ in range(40):
            start = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=dice.random() * 86400 * 700)
            end = start + timedelta(seconds=dice.expovariate(1 / 200_000))
            counted = counted_by_sql(session, calendar, start, end)
            assert counted == calendar.minutes_between(start, end, TimeUnit.WORKING_DAYS), (start, end)
            assert abs(counted - by_the_minute(calendar, start, end)) <= rounding(calendar), (start, end)


def rounding(calendar: Calendar) -> int:
    """Return by how many minutes a whole count may differ: parts of a day are whole microseconds there."""
    return 1 if any(one.hours.minutes != 480 for one in calendar.hours) else 0


def test_a_day_of_other_hours_is_a_whole_day_and_half_of_it_half_a_day(session: Session) -> None:
    """Counted by hand: seven hours without a break, from the middle of the year on."""
    seven = HoursPeriod(date(2025, 7, 1), OfficeHours(time(9), time(16)))
    calendar = dataclasses.replace(load_calendar("weekdays", ZONES[0]), version="seven", hours=(seven,))
    for first, last, minutes in (
        ("2025-07-01T09:00", "2025-07-01T16:00", 480),
        ("2025-07-01T12:30", "2025-07-01T23:00", 240),
        ("2025-06-30T12:30", "2025-07-01T12:30", 480),
        ("2025-06-30T08:00", "2025-07-04T16:00", 5 * 480),
    ):
        start, end = (datetime.fromisoformat(f"{at}+07:00") for at in (first, last))
        assert counted_by_sql(session, calendar, start, end) == minutes, first
        assert calendar.minutes_between(start, end, TimeUnit.WORKING_DAYS) == minutes, first
