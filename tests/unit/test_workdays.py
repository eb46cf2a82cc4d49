"""Working days and minutes: due dates fall on the day the procuracy would name."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.domain.time.counting import clock_start, due_after, due_at
from workflow.domain.time.periods import DAY_UNITS, Budget, TimeUnit
from workflow.domain.time.workdays import Calendar, CalendarName
from workflow.store.calendars import load_calendar
from workflow.store.shipped_days import shipped_days

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
VN = load_calendar("vn", "Asia/Ho_Chi_Minh")
WEEKDAYS = load_calendar("weekdays", "Asia/Ho_Chi_Minh")
EVERY_DAY = load_calendar("none", "Asia/Ho_Chi_Minh")
WORKING, CALENDAR = TimeUnit.WORKING_DAYS, TimeUnit.CALENDAR_DAYS


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HANOI)


@pytest.mark.parametrize("entry", shipped_days(), ids=lambda entry: str(entry.day))
def test_every_day_of_the_list_is_off_or_worked_as_it_says(entry):
    assert VN.is_working(entry.day) is not entry.is_off


def test_the_exchange_of_january_2026_is_known():
    assert not VN.is_working(date(2026, 1, 2))
    assert VN.is_working(date(2026, 1, 10))
    assert not VN.is_working(date(2026, 1, 11))


def test_days_worked_in_exchange_are_saturdays_and_no_day_is_listed_twice():
    days = shipped_days()
    assert {entry.day.weekday() for entry in days if not entry.is_off} == {5}
    assert len({entry.day for entry in days}) == len(days)
    assert all(entry.name and entry.source for entry in days)


@pytest.mark.parametrize(
    ("year", "last_day_before", "first_day_after"),
    [
        (2020, date(2020, 1, 22), date(2020, 1, 30)),
        (2021, date(2021, 2, 9), date(2021, 2, 17)),
        (2022, date(2022, 1, 28), date(2022, 2, 7)),
        (2023, date(2023, 1, 19), date(2023, 1, 27)),
        (2024, date(2024, 2, 7), date(2024, 2, 15)),
        (2025, date(2025, 1, 24), date(2025, 2, 3)),
        (2026, date(2026, 2, 13), date(2026, 2, 23)),
    ],
)
def test_nobody_works_over_tet(year, last_day_before, first_day_after):
    assert VN.next_working_day(last_day_before) == first_day_after
    assert VN.shift(first_day_after, -1) == last_day_before


def test_the_calendar_covers_2020_to_2027_and_elsewhere_only_weekends_are_off():
    assert VN.covers(date(2020, 1, 1))
    assert VN.covers(date(2027, 12, 31))
    assert not VN.covers(date(2019, 12, 31))
    assert not VN.covers(date(2028, 1, 1))
    assert VN.is_working(date(2019, 9, 2))
    assert not VN.is_working(date(2028, 1, 1))
    assert WEEKDAYS.covers(date(1900, 1, 1))


def test_the_version_names_the_days_and_not_the_time_zone():
    assert VN.version.startswith("vn-")
    assert load_calendar("vn", "UTC").version == VN.version
    assert len({VN.version, WEEKDAYS.version, EVERY_DAY.version}) == 3
    assert load_calendar("vn", "Asia/Ho_Chi_Minh") is VN


def test_an_unknown_calendar_is_refused():
    with pytest.raises(ValueError, match="lunar"):
        load_calendar("lunar", "Asia/Ho_Chi_Minh")


# Thursday 2026-06-04 is the day of arrival in what follows; 2026-06 has no holiday.


def test_counting_starts_the_next_working_morning():
    assert clock_start(at("2026-06-04T10:00"), VN, WORKING) == at("2026-06-05T08:00")
    assert clock_start(at("2026-06-05T16:59"), VN, WORKING) == at("2026-06-08T08:00")
    assert clock_start(at("2026-06-06T10:00"), VN, WORKING) == at("2026-06-08T08:00")
    assert clock_start(at("2026-06-05T10:00"), VN, CALENDAR) == at("2026-06-06T00:00")


@pytest.mark.parametrize(
    ("entered", "budget", "due"),
    [
        ("2026-06-04T10:00", "1 working_days", "2026-06-05T17:00"),
        ("2026-06-04T10:00", "5 working_days", "2026-06-11T17:00"),
        ("2026-06-04T23:59", "5 working_days", "2026-06-11T17:00"),
        ("2026-06-06T09:00", "5 working_days", "2026-06-12T17:00"),
        ("2026-06-04T10:00", "10 calendar_days", "2026-06-14T17:00"),
        # 1 and 2 January are off; the Saturday worked in exchange is the fifth working day after.
        ("2025-12-31T10:00", "6 working_days", "2026-01-10T17:00"),
        ("2026-01-09T10:00", "1 working_days", "2026-01-10T17:00"),
        # Over Tết (16 to 20 February 2026 and two weekends).
        ("2026-02-12T10:00", "2 working_days", "2026-02-23T17:00"),
        ("2026-02-18T10:00", "1 working_days", "2026-02-23T17:00"),
        # Over 29 April 2024, off for Saturday 4 May.
        ("2024-04-26T10:00", "2 working_days", "2024-05-03T17:00"),
        ("2024-05-03T10:00", "1 working_days", "2024-05-04T17:00"),
        # Over National Day 2026: Saturday 22 August is worked for Monday 31 August.
        ("2026-08-21T10:00", "6 working_days", "2026-08-28T17:00"),
        ("2026-08-28T10:00", "1 working_days", "2026-09-03T17:00"),
        # The public-opinion window of 2025 ran from 10 to 23 September: ten working days.
        ("2025-09-09T10:00", "10 working_days", "2025-09-23T17:00"),
    ],
)
def test_work_is_due_at_five_on_the_last_day(entered, budget, due):
    assert due_at(at(entered), Budget.parse(budget), VN) == at(due)


def test_without_a_calendar_every_day_counts():
    assert due_at(at("2026-06-05T10:00"), Budget.parse("2 working_days"), EVERY_DAY) == at("2026-06-07T17:00")
    assert EVERY_DAY.is_working(date(2026, 6, 7))
    assert EVERY_DAY.shift(date(2026, 6, 5), -3) == date(2026, 6, 2)


def test_an_instant_of_another_zone_is_read_by_the_local_clock():
    late_evening_in_utc = datetime(2026, 6, 4, 17, 30, tzinfo=UTC)
    assert clock_start(late_evening_in_utc, VN, WORKING) == at("2026-06-08T08:00")


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        VN.add_minutes(datetime(2026, 6, 4, 10), 60, WORKING)  # noqa: DTZ001 - this is the fault under test


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-06-04T08:00", 240, "2026-06-04T12:00"),
        ("2026-06-04T08:00", 241, "2026-06-04T13:01"),
        ("2026-06-04T12:30", 60, "2026-06-04T14:00"),
        ("2026-06-04T08:00", 480, "2026-06-04T17:00"),
        ("2026-06-04T16:30", 31, "2026-06-05T08:01"),
        ("2026-06-05T17:00", 480, "2026-06-08T17:00"),
        ("2026-06-06T11:00", 1, "2026-06-08T08:01"),
        ("2026-06-08T08:00", -480, "2026-06-05T08:00"),
        ("2026-06-04T13:30", -31, "2026-06-04T11:59"),
        ("2026-06-04T12:30", 0, "2026-06-04T12:30"),
    ],
)
def test_minutes_pass_only_while_the_office_is_open(start, minutes, end):
    assert VN.add_minutes(at(start), minutes, WORKING) == at(end)


@pytest.mark.parametrize(
    ("now", "left"),
    [
        ("2026-06-09T09:00", 2),
        ("2026-06-11T16:59", 0),
        ("2026-06-11T17:01", -1),
        ("2026-06-12T09:00", -1),
        ("2026-06-13T09:00", -1),
        ("2026-06-15T09:00", -2),
    ],
)
def test_what_is_left_is_counted_in_whole_working_days(now, left):
    assert VN.working_days_left(at(now), at("2026-06-11T17:00")) == left


def test_a_hold_gives_back_the_time_that_was_left():
    budget = Budget.parse("5 working_days")
    started = clock_start(at("2026-06-04T10:00"), VN, WORKING)
    held, released = at("2026-06-09T10:00"), at("2026-06-16T10:00")
    left = budget.minutes - VN.minutes_between(started, held, WORKING)
    assert left == 5 * 480 - (2 * 480 + 120)
    assert due_after(released, left, WORKING, VN) == at("2026-06-18T17:00")


def test_a_hold_released_at_once_moves_nothing():
    budget = Budget.parse("5 working_days")
    started = clock_start(at("2026-06-04T10:00"), VN, WORKING)
    for held in (at("2026-06-05T08:00"), at("2026-06-09T10:00"), at("2026-06-11T16:00")):
        left = budget.minutes - VN.minutes_between(started, held, WORKING)
        assert due_after(held, left, WORKING, VN) == due_at(at("2026-06-04T10:00"), budget, VN)


def test_a_hold_does_not_turn_late_work_into_work_in_time():
    released = at("2026-06-16T10:00")
    assert due_after(released, -60, WORKING, VN) == at("2026-06-16T09:00")
    assert due_after(released, 0, WORKING, VN) == released


@pytest.mark.parametrize(
    "text", ["5", "5 days", "0 working_days", "-1 working_days", "5.5 working_days", "٥ working_days", ""]
)
def test_a_period_that_is_no_number_of_days_is_refused(text):
    with pytest.raises(ValueError, match="day"):
        Budget.parse(text)


def test_a_period_is_spelled_as_it_is_read():
    assert str(Budget.parse(" 10 calendar_days ")) == "10 calendar_days"
    assert (Budget.parse("2 working_days").minutes, Budget.parse("2 calendar_days").minutes) == (960, 2880)


CALENDARS = st.builds(
    lambda name, off, made_up: Calendar(name, "drawn", off, made_up, None, None, HANOI),
    st.sampled_from(CalendarName),
    st.frozensets(st.dates(date(2025, 1, 1), date(2026, 12, 31)), max_size=60),
    st.frozensets(st.dates(date(2025, 1, 1), date(2026, 12, 31)), max_size=20),
)
INSTANTS = st.datetimes(datetime(2024, 6, 1), datetime(2027, 6, 30), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis wants its bounds without a zone
MINUTES = st.integers(-200_000, 200_000)
UNITS = st.sampled_from(TimeUnit)


@given(CALENDARS, INSTANTS, MINUTES, UNITS)
def test_counting_undoes_adding(calendar, start, minutes, unit):
    assert calendar.minutes_between(start, calendar.add_minutes(start, minutes, unit), unit) == minutes


@given(CALENDARS, INSTANTS, INSTANTS, UNITS)
def test_counting_backwards_gives_the_same_number_below_zero(calendar, one, other, unit):
    assert calendar.minutes_between(one, other, unit) == -calendar.minutes_between(other, one, unit)


@given(CALENDARS, INSTANTS, st.timedeltas(timedelta(0), timedelta(days=200)), st.integers(1, 50_000), UNITS)
def test_what_starts_later_ends_no_earlier(calendar, start, later, minutes, unit):
    assert calendar.add_minutes(start, minutes, unit) <= calendar.add_minutes(start + later, minutes, unit)


@given(CALENDARS, INSTANTS, MINUTES, st.integers(1, 5_000), UNITS)
def test_more_minutes_end_later(calendar, start, minutes, more, unit):
    assert calendar.add_minutes(start, minutes, unit) < calendar.add_minutes(start, minutes + more, unit)


@given(CALENDARS, INSTANTS, st.integers(-20_000, 20_000).filter(bool))
def test_working_time_ends_while_the_office_is_open(calendar, start, minutes):
    end = calendar.add_minutes(start, minutes, WORKING)
    assert calendar.is_working(end.date())
    assert time(8) <= end.time() <= time(12) or time(13) <= end.time() <= time(17)


@given(CALENDARS, st.dates(date(2024, 6, 1), date(2027, 6, 30)), st.integers(1, 120))
def test_shifting_counts_the_working_days_one_by_one(calendar, day, count):
    expected, left = day, count
    while left:
        expected += timedelta(days=1)
        left -= calendar.is_working(expected)
    assert calendar.shift(day, count) == expected
    if calendar.is_working(day):
        assert calendar.shift(expected, -count) == day


@given(CALENDARS, INSTANTS, st.integers(1, 30), UNITS)
def test_work_is_never_due_before_it_may_be_started(calendar, entered, amount, unit):
    due = due_at(entered, Budget(amount, unit), calendar)
    assert due > clock_start(entered, calendar, unit)
    if unit in DAY_UNITS:
        assert due.time() == time(17)


@pytest.mark.parametrize(
    ("entered", "days", "due"),
    [
        # The clocks of London go forward on 29 March 2026 and back on 25 October 2026.
        (datetime(2026, 3, 27, 10, tzinfo=UTC), "1 working_days", datetime(2026, 3, 30, 16, tzinfo=UTC)),
        (datetime(2026, 10, 23, 9, tzinfo=UTC), "1 working_days", datetime(2026, 10, 26, 17, tzinfo=UTC)),
        (datetime(2026, 3, 28, 10, tzinfo=UTC), "1 calendar_days", datetime(2026, 3, 29, 16, tzinfo=UTC)),
        (datetime(2026, 10, 24, 10, tzinfo=UTC), "2 calendar_days", datetime(2026, 10, 26, 17, tzinfo=UTC)),
        # Half past eleven at night in Greenwich is tomorrow in London's summer.
        (datetime(2026, 6, 30, 23, 30, tzinfo=UTC), "1 working_days", datetime(2026, 7, 2, 16, tzinfo=UTC)),
        # Eight hours from Friday noon, before the break: four of the afternoon, four of Monday's morning.
        (datetime(2026, 3, 27, 12, tzinfo=UTC), "12 working_hours", datetime(2026, 3, 30, 16, tzinfo=UTC)),
    ],
)
def test_where_clocks_change_work_is_due_at_five_by_the_clock_on_the_wall(entered, days, due):
    london = load_calendar("weekdays", "Europe/London")
    assert due_at(entered, Budget.parse(days), london) == due
    assert due_at(entered, Budget.parse(days), london).astimezone(london.timezone).time() == time(17)


def test_a_stay_over_a_change_of_clocks_counts_the_minutes_on_the_wall():
    london = load_calendar("weekdays", "Europe/London")
    friday, monday = (datetime(2026, 3, day, 12, tzinfo=london.timezone) for day in (27, 30))
    assert london.minutes_between(friday, monday, TimeUnit.WORKING_DAYS) == 480
