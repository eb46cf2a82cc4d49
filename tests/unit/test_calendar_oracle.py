"""The calendar against a count day by day, another library, and in zones that change their clocks.

The count here knows weekdays and lists of days and nothing of the product: it walks, and it takes its hours
from a table of half hours.
"""

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from importlib import resources
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.domain.time.clocks import start_clock
from workflow.domain.time.counting import clock_start, due_at
from workflow.domain.time.ladder import LadderRung, Offset, plan_rungs
from workflow.domain.time.periods import Budget, TimeUnit
from workflow.domain.time.round_dates import SPANS, propose_dates
from workflow.domain.vocabulary import Recipient, RoundDate, RungKind
from workflow.store.calendars import load_calendar

FIRST, LAST = date(2020, 1, 1), date(2027, 12, 31)
ZONES = ("Asia/Ho_Chi_Minh", "Europe/Berlin", "America/Sao_Paulo", "Pacific/Apia")
VN = {zone: load_calendar("vn", zone) for zone in ZONES}
INSIDE = st.dates(date(2020, 3, 1), date(2027, 8, 31))
INSTANTS = st.datetimes(datetime(2020, 3, 1), datetime(2027, 8, 31), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis wants its bounds without a zone
AMOUNTS = st.integers(1, 40)
MINUTE = timedelta(minutes=1)


def rows() -> Iterator[tuple[date, str]]:
    text = (resources.files("workflow") / "definitions" / "calendar_vn.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(text.splitlines()):
        yield date.fromisoformat(row["date"]), row["kind"]


KINDS = dict(rows())


def works(day: date) -> bool:
    """Look a day up as a clerk would: in the list first, else by its weekday."""
    if day in KINDS:
        return KINDS[day] == "work"
    return day.strftime("%a") not in {"Sat", "Sun"}


def walk(day: date, count: int) -> date:
    """Walk so many working days on, or back when negative."""
    step = timedelta(days=1 if count > 0 else -1)
    left = abs(count)
    while left:
        day += step
        left -= works(day)
    return day


def every_day() -> Iterator[date]:
    day = FIRST
    while day <= LAST:
        yield day
        day += timedelta(days=1)


def test_each_day_of_eight_years_is_worked_or_not_as_the_list_says() -> None:
    calendar = VN["Asia/Ho_Chi_Minh"]
    assert [day for day in every_day() if calendar.is_working(day) is not works(day)] == []


def test_what_the_list_has_beyond_another_library_is_the_exchange_of_january_2026() -> None:
    """The package knows no exchange that was decided after it was made; everything else must agree."""
    known = holidays.country_holidays("VN", years=range(2020, 2028))
    ours = {day for day in every_day() if not works(day) and day.weekday() < 5}
    theirs = {day for day in known if day.weekday() < 5}
    assert ours - theirs == {date(2026, 1, 2)}
    assert theirs - ours == set()


@given(INSIDE, st.integers(-60, 60).filter(bool))
def test_a_shift_is_a_walk(day: date, count: int) -> None:
    assert VN["Asia/Ho_Chi_Minh"].shift(day, count) == walk(day, count)


@given(INSTANTS, AMOUNTS, st.sampled_from(ZONES))
def test_working_days_end_at_five_on_the_wall_of_the_last_day_walked_to(
    entered: datetime, amount: int, zone: str
) -> None:
    came_on = entered.astimezone(ZoneInfo(zone)).date()
    due = due_at(entered, Budget(amount, TimeUnit.WORKING_DAYS), VN[zone])
    assert due.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == datetime.combine(
        walk(came_on, amount), time(17)
    )


@given(INSTANTS, AMOUNTS, st.sampled_from(ZONES))
def test_calendar_days_end_so_many_dates_later_whatever_the_clocks_do(
    entered: datetime, amount: int, zone: str
) -> None:
    came_on = entered.astimezone(ZoneInfo(zone)).date()
    due = due_at(entered, Budget(amount, TimeUnit.CALENDAR_DAYS), VN[zone])
    wall = due.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    assert wall == datetime.combine(came_on + timedelta(days=amount), time(17))


def half_hours(start: datetime, end: datetime) -> int:
    """Count the half hours at work between two half hours of one wall clock."""
    at, count = start, 0
    while at < end:
        is_open = time(8) <= at.time() < time(12) or time(13) <= at.time() < time(17)
        count += is_open and works(at.date())
        at += timedelta(minutes=30)
    return count


@given(INSIDE, st.integers(0, 47), st.integers(0, 600), st.sampled_from(ZONES))
def test_working_minutes_are_the_half_hours_counted_one_by_one(
    day: date, half: int, length: int, zone: str
) -> None:
    start = datetime.combine(day, time(half // 2, half % 2 * 30))
    end = start + timedelta(minutes=30 * length)
    first, last = (at.replace(tzinfo=ZoneInfo(zone)) for at in (start, end))
    assert VN[zone].minutes_between(first, last, TimeUnit.WORKING_DAYS) == 30 * half_hours(start, end)


@given(INSTANTS, st.integers(1, 60), st.sampled_from(ZONES))
def test_working_hours_are_over_at_the_minute_walked_to(entered: datetime, hours: int, zone: str) -> None:
    """Walked minute by minute over a clock on the wall, a window at a time."""
    at = entered.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    left = timedelta(hours=hours)
    while left:
        windows = [(time(8), time(12)), (time(13), time(17))] if works(at.date()) else []
        ahead = [closes for _, closes in windows if datetime.combine(at.date(), closes) > at]
        if not ahead:
            at = datetime.combine(at.date() + timedelta(days=1), time(0))
            continue
        [opens, closes] = (datetime.combine(at.date(), one) for one in windows[-len(ahead)])
        begins = max(at, opens)
        part = min(left, closes - begins)
        at, left = begins + part, left - part
    over = at if at == at.replace(second=0, microsecond=0) else at.replace(second=0, microsecond=0) + MINUTE
    due = due_at(entered, Budget(hours, TimeUnit.WORKING_HOURS), VN[zone])
    assert due.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == over


@given(INSTANTS, st.integers(2, 40), st.sampled_from(ZONES))
def test_half_of_a_period_is_half_of_it_on_either_side_of_a_change_of_clocks(
    entered: datetime, amount: int, zone: str
) -> None:
    budget, calendar = Budget(amount * 2, TimeUnit.CALENDAR_DAYS), VN[zone]
    clock = start_clock(budget, calendar, entered_at=entered, round_dates={})
    assert clock.started_at is not None
    assert clock.due_at is not None
    [rung] = plan_rungs(
        [LadderRung(Offset.parse("50 percent"), RungKind.REMIND, Recipient.HOLDER)],
        entered_at=entered,
        clock_started_at=clock.started_at,
        due_at=clock.due_at,
        budget_minutes=budget.minutes,
        unit=budget.unit,
        calendar=calendar,
    )
    first = clock_start(entered, calendar, budget.unit).date()
    assert rung.fire_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == datetime.combine(
        first + timedelta(days=amount), time(8)
    )


@given(INSIDE.filter(lambda day: date(2021, 1, 1) <= day))
def test_dates_of_a_round_lie_so_many_working_days_before_the_upper_one(upper: date) -> None:
    found = propose_dates({RoundDate.UPPER_DEADLINE: upper}, VN["Asia/Ho_Chi_Minh"])
    day = upper
    for name in reversed(RoundDate):
        assert found[name] == day
        day = walk(day, -SPANS[name]) if SPANS.get(name) else day


@pytest.mark.parametrize("zone", ZONES)
def test_an_instant_means_the_same_whatever_zone_it_is_written_in(zone: str) -> None:
    at = datetime(2026, 10, 30, 9, tzinfo=ZoneInfo(zone))
    budget = Budget(3, TimeUnit.WORKING_DAYS)
    assert due_at(at, budget, VN[zone]) == due_at(at.astimezone(UTC), budget, VN[zone])
