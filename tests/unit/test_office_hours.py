"""Office hours: a period of working days ends at closing on the same day whatever the hours are."""

import dataclasses
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.domain.time.counting import clock_start, due_at
from workflow.domain.time.hours import USUAL_HOURS, HoursError, HoursPeriod, OfficeHours, hours_of_unit
from workflow.domain.time.mornings import reminders_ahead
from workflow.domain.time.periods import Budget, TimeUnit
from workflow.domain.time.workdays import Calendar
from workflow.store.calendars import load_calendar
from workflow.store.office_hours import hours_as_json, hours_from_json

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
VN = load_calendar("vn", "Asia/Ho_Chi_Minh")
SUMMER = HoursPeriod(date(2026, 4, 15), OfficeHours(time(7), time(16, 30), time(11, 30), time(13)), "Mùa hè")
WINTER = HoursPeriod(date(2026, 10, 16), OfficeHours(time(7, 30), time(17), time(11, 30), time(13)), "Đông")
ENGLISH = HoursPeriod(date(2020, 1, 1), OfficeHours(time(9), time(17)))


def with_hours(*periods: HoursPeriod, calendar: Calendar = VN) -> Calendar:
    return dataclasses.replace(calendar, hours=periods)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HANOI)


@st.composite
def hours(draw: st.DrawFn) -> OfficeHours:
    minutes = sorted(draw(st.sets(st.integers(0, 24 * 60 - 1), min_size=4, max_size=4)))
    opens, noon_from, noon_to, closes = (time(*divmod(minute, 60)) for minute in minutes)
    return (
        OfficeHours(opens, closes, noon_from, noon_to) if draw(st.booleans()) else OfficeHours(opens, closes)
    )


BOUNDS = (datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2026-12-01"))
INSTANTS = st.datetimes(*BOUNDS, timezones=st.just(HANOI))


def test_hours_change_from_a_day_on_and_the_usual_ones_count_before() -> None:
    calendar = with_hours(SUMMER, WINTER)
    days = (date(2026, 4, 14), date(2026, 4, 15), date(2026, 10, 15), date(2026, 10, 16))
    assert [calendar.hours_on(day) for day in days] == [
        USUAL_HOURS, SUMMER.hours, SUMMER.hours, WINTER.hours,
    ]  # fmt: skip
    assert calendar.opens_at(days[1]) == at("2026-04-15T07:00")
    assert calendar.closes_at(days[1]) == at("2026-04-15T16:30")
    assert calendar.closes_at(days[0]) == at("2026-04-14T17:00")


def test_work_that_runs_over_the_change_ends_by_the_hours_of_its_last_day() -> None:
    """Five working days after Friday, 10 April: Monday to Friday the 17th, when summer has begun."""
    calendar = with_hours(SUMMER)
    assert due_at(at("2026-04-10T10:00"), Budget(5, TimeUnit.WORKING_DAYS), calendar) == at(
        "2026-04-17T16:30"
    )
    assert due_at(at("2026-04-06T10:00"), Budget(5, TimeUnit.WORKING_DAYS), calendar) == at(
        "2026-04-13T17:00"
    )
    assert due_at(at("2026-04-10T10:00"), Budget(7, TimeUnit.CALENDAR_DAYS), calendar) == at(
        "2026-04-17T16:30"
    )
    assert clock_start(at("2026-04-14T10:00"), calendar, TimeUnit.WORKING_DAYS) == at("2026-04-15T07:00")


@given(INSTANTS, st.integers(1, 60), hours(), hours())
def test_a_period_of_days_ends_on_the_same_day_whatever_the_hours_are(entered_at, count, early, late) -> None:
    budget = Budget(count, TimeUnit.WORKING_DAYS)
    other = with_hours(HoursPeriod(date(2026, 1, 1), early), HoursPeriod(date(2026, 7, 1), late))
    usual, found = (due_at(entered_at, budget, calendar) for calendar in (VN, other))
    assert found == other.closes_at(usual.date())


@given(INSTANTS, st.integers(-20_000, 20_000).filter(bool), hours())
def test_adding_minutes_and_counting_them_agree(start, minutes, some) -> None:
    calendar = with_hours(HoursPeriod(date(2020, 1, 1), some))
    end = calendar.add_minutes(start, minutes, TimeUnit.WORKING_DAYS)
    assert calendar.minutes_between(start, end, TimeUnit.WORKING_DAYS) == minutes


@given(INSTANTS, hours())
def test_from_opening_to_closing_is_one_day_of_480_minutes(instant, some) -> None:
    calendar = with_hours(HoursPeriod(date(2020, 1, 1), some))
    day = calendar.next_working_day(instant.date())
    worked = calendar.minutes_between(calendar.opens_at(day), calendar.closes_at(day), TimeUnit.WORKING_DAYS)
    assert worked == 480
    passed = calendar.opens_at(day) + timedelta(seconds=1)
    assert 0 <= calendar.minutes_between(calendar.opens_at(day), passed, TimeUnit.WORKING_DAYS) <= 480


@pytest.mark.parametrize(
    ("field", "opens", "closes", "noon_from", "noon_to"),
    [
        ("closes", "17:00", "08:00", None, None),
        ("closes", "08:00", "08:00", None, None),
        ("closes", "08:00", "00:00", None, None),
        ("opens", "08:00:30", "17:00", None, None),
        ("noon_to", "08:00", "17:00", "12:00", None),
        ("noon_from", "08:00", "17:00", None, "13:00"),
        ("noon_from", "08:00", "17:00", "08:00", "17:00"),
        ("noon_from", "08:00", "17:00", "17:30", "18:00"),
        ("noon_to", "08:00", "17:00", "13:00", "12:00"),
        ("noon_to", "08:00", "17:00", "12:00", "17:00"),
    ],
)
def test_hours_without_time_to_work_in_are_refused(field, opens, closes, noon_from, noon_to) -> None:
    given = [one and time.fromisoformat(one) for one in (opens, closes, noon_from, noon_to)]
    with pytest.raises(HoursError) as refused:
        OfficeHours(*given)
    assert refused.value.field == field


def test_an_office_that_never_shuts_before_midnight_is_one_too() -> None:
    whole = OfficeHours(time(0), time(23, 59))
    calendar = with_hours(HoursPeriod(date(2020, 1, 1), whole))
    assert due_at(at("2026-04-10T10:00"), Budget(1, TimeUnit.WORKING_DAYS), calendar) == at(
        "2026-04-13T23:59"
    )
    assert clock_start(at("2026-04-10T10:00"), calendar, TimeUnit.WORKING_DAYS) == at("2026-04-13T00:00")


def test_a_unit_has_everybodys_hours_until_it_has_its_own() -> None:
    own = HoursPeriod(date(2026, 5, 1), OfficeHours(time(9), time(17)))
    assert hours_of_unit((SUMMER, WINTER), [own]) == (SUMMER, own)
    assert hours_of_unit((SUMMER, WINTER), []) == (SUMMER, WINTER)
    assert hours_of_unit((), [own]) == (own,)


def test_what_is_kept_of_hours_is_read_back_as_it_was() -> None:
    periods = (SUMMER, WINTER, ENGLISH)
    assert hours_from_json(hours_as_json(periods)) == periods


def test_reminders_are_there_for_the_letter_of_the_morning_whenever_offices_open() -> None:
    summer, english = with_hours(HoursPeriod(date(2026, 1, 1), SUMMER.hours)), with_hours(ENGLISH)
    six, seven, eight, nine = (at(f"2026-06-04T0{hour}:00") for hour in (6, 7, 8, 9))
    minute = timedelta(minutes=1)
    told = {now: reminders_ahead(now, [VN]) for now in (seven - minute, seven, eight - minute, eight)}
    assert list(told.values()) == [None, eight, eight, None]
    assert [reminders_ahead(now, [summer]) for now in (six - minute, six, seven, eight)] == [
        None, seven, eight, None,
    ]  # fmt: skip
    assert [reminders_ahead(now, [VN, english]) for now in (six, seven, eight, nine)] == [
        None, nine, nine, None,
    ]  # fmt: skip


def test_a_working_hour_is_an_hour_of_the_clock_however_long_the_day_is() -> None:
    """Open for seven and a half hours a day from 15 April, for eight before."""
    shorter = HoursPeriod(date(2026, 4, 15), OfficeHours(time(7), time(15, 30), time(11), time(12)))
    calendar = with_hours(shorter)
    # Tuesday from 14:00: three hours; Wednesday all of its seven and a half; Thursday half an hour.
    assert due_at(at("2026-04-14T14:00"), Budget(11, TimeUnit.WORKING_HOURS), calendar) == at(
        "2026-04-16T07:30"
    )
    # A working day is over with the office's, and its hours are not.
    assert due_at(at("2026-04-15T07:00"), Budget(8, TimeUnit.WORKING_HOURS), calendar) == at(
        "2026-04-16T07:30"
    )
    assert due_at(at("2026-04-14T16:59:30"), Budget(1, TimeUnit.WORKING_HOURS), calendar) == at(
        "2026-04-15T08:00"
    )


@given(hours(), hours(), INSTANTS, st.integers(-3000, 3000))
def test_hours_added_are_counted_again_over_a_change_of_hours(
    first: OfficeHours, then: OfficeHours, start: datetime, minutes: int
) -> None:
    calendar = with_hours(HoursPeriod(date(2026, 1, 1), first), HoursPeriod(date(2026, 6, 6), then))
    end = calendar.add_minutes(start, minutes, TimeUnit.WORKING_HOURS)
    assert calendar.minutes_between(start, end, TimeUnit.WORKING_HOURS) == minutes
    begun = clock_start(start, calendar, TimeUnit.WORKING_HOURS)
    assert begun >= start
    assert calendar.minutes_between(start, begun, TimeUnit.WORKING_HOURS) == 0
    opened = [opens <= begun.time() < closes for opens, closes in calendar.hours_on(begun.date()).windows]
    assert any(opened)
