"""The hour that is there twice when clocks go back: what begins in its second never ends in its first."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from workflow.domain.time.counting import due_after
from workflow.domain.time.hours import HoursPeriod, OfficeHours
from workflow.domain.time.periods import TimeUnit
from workflow.domain.time.workdays import Calendar, CalendarName

# New York, Sunday 1 November 2026: 01:00 to 02:00 is there by summer time until 06:00 UTC, then once more.
TWICE = datetime(2026, 11, 1, 5, tzinfo=UTC)
AGAIN = TWICE + timedelta(hours=1)
HOUR = timedelta(hours=1)
ALL_DAY = (HoursPeriod(date(2026, 1, 1), OfficeHours(time(0), time(23, 59))),)
EVERY_DAY = Calendar(
    CalendarName.NONE,
    "every day",
    frozenset(),
    frozenset(),
    None,
    None,
    ZoneInfo("America/New_York"),
    hours=ALL_DAY,
)


@pytest.mark.parametrize("unit", [TimeUnit.CALENDAR_DAYS, TimeUnit.WORKING_HOURS])
@pytest.mark.parametrize("minutes", [1, 20, 49])
def test_what_begins_and_ends_in_the_second_hour_lasts_as_long_as_it_was_given(
    unit: TimeUnit, minutes: int
) -> None:
    start = AGAIN + timedelta(minutes=10)
    end = EVERY_DAY.add_minutes(start, minutes, unit)
    assert end.astimezone(UTC) == start + timedelta(minutes=minutes)
    assert EVERY_DAY.minutes_between(start, end, unit) == minutes


@pytest.mark.parametrize("unit", list(TimeUnit))
def test_nothing_ends_before_it_began(unit: TimeUnit) -> None:
    for start in (TWICE - HOUR + timedelta(minutes=7 * step) for step in range(30)):
        for minutes in (0, 1, 25, 59, 61, 480):
            assert EVERY_DAY.add_minutes(start, minutes, unit).astimezone(UTC) >= start, (start, minutes)
        assert EVERY_DAY.open_from(start).astimezone(UTC) == start


def test_a_day_from_the_second_hour_is_the_same_time_of_the_next_day() -> None:
    start = AGAIN + timedelta(minutes=30)
    end = EVERY_DAY.add_minutes(start, 1440, TimeUnit.CALENDAR_DAYS)
    assert end.astimezone(UTC) == start + timedelta(days=1)
    # The hour that is left out in March is passed over, not gone back from: 02:30 is 03:30 by summer time.
    eve = datetime(2026, 3, 7, 7, 30, tzinfo=UTC)
    assert EVERY_DAY.add_minutes(eve, 1440, TimeUnit.CALENDAR_DAYS).astimezone(UTC) == eve + timedelta(days=1)


def test_a_minute_that_was_begun_ends_in_the_same_of_the_two_hours() -> None:
    start = AGAIN + timedelta(minutes=10, seconds=20)
    due = due_after(start, 20, TimeUnit.WORKING_HOURS, EVERY_DAY)
    assert due.astimezone(UTC) == AGAIN + timedelta(minutes=31)
    assert due_after(start, 0, TimeUnit.CALENDAR_DAYS, EVERY_DAY).astimezone(UTC) == start
