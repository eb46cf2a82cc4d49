"""A period of working hours: from the arrival while the office is open, to the minute they are over."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from workflow.domain.time.counting import clock_start, due_at
from workflow.domain.time.periods import Budget, TimeUnit
from workflow.store.calendars import load_calendar

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
VN = load_calendar("vn", "Asia/Ho_Chi_Minh")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HANOI)


@pytest.mark.parametrize(
    ("entered", "hours", "starts", "due"),
    [
        ("2026-06-04T10:00", 1, "2026-06-04T10:00", "2026-06-04T11:00"),
        ("2026-06-04T10:00", 4, "2026-06-04T10:00", "2026-06-04T15:00"),
        # Over noon and over night; what ends with a morning ends there, and not when the office opens again.
        ("2026-06-04T10:00", 2, "2026-06-04T10:00", "2026-06-04T12:00"),
        ("2026-06-04T12:30", 1, "2026-06-04T13:00", "2026-06-04T14:00"),
        ("2026-06-04T10:00", 8, "2026-06-04T10:00", "2026-06-05T10:00"),
        # A minute that has begun is given whole: the clock shows no seconds.
        ("2026-06-04T10:00:01", 1, "2026-06-04T10:00:01", "2026-06-04T11:01"),
        # In the evening, on a Saturday, in the week of Tết, and on a Saturday that is worked.
        ("2026-06-04T18:00", 4, "2026-06-05T08:00", "2026-06-05T12:00"),
        ("2026-06-06T09:00", 9, "2026-06-08T08:00", "2026-06-09T09:00"),
        ("2026-02-13T16:30", 1, "2026-02-13T16:30", "2026-02-23T08:30"),
        ("2026-01-09T16:00", 2, "2026-01-09T16:00", "2026-01-10T09:00"),
    ],
)
def test_working_hours_count_from_the_arrival_while_the_office_is_open(entered, hours, starts, due):
    assert clock_start(at(entered), VN, TimeUnit.WORKING_HOURS) == at(starts)
    assert due_at(at(entered), Budget(hours, TimeUnit.WORKING_HOURS), VN) == at(due)


def test_hours_may_take_as_many_days_as_they_begin():
    assert [Budget.parse(f"{hours} working_hours").days for hours in (1, 8, 9, 16)] == [1, 1, 2, 2]
