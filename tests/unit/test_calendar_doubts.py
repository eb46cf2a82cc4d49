"""A time whose days off are not known, or only estimated, is said to be so."""

from datetime import date

from workflow.domain.time.calendar_doubts import calendar_doubts
from workflow.store.calendars import load_calendar

VN = load_calendar("vn", "Asia/Ho_Chi_Minh")


def codes(*days: date) -> list[str]:
    return [reason.code for reason in calendar_doubts(VN, days)]


def test_a_year_that_is_known_says_nothing() -> None:
    assert codes(date(2026, 1, 5), date(2026, 6, 30)) == []
    assert codes() == []


def test_a_year_beyond_the_calendar_and_before_it_is_named() -> None:
    [unknown] = calendar_doubts(VN, [date(2028, 1, 20), date(2028, 3, 31)])
    assert unknown.code == "holidays_unknown_after"
    assert "2027-12-31" in unknown.message
    assert "commendo import calendar" in unknown.message
    assert codes(date(2019, 5, 1), date(2019, 6, 1)) == ["holidays_unknown_before"]


def test_estimated_days_within_the_time_are_named_as_one_run_and_others_are_not() -> None:
    [tet] = calendar_doubts(VN, [date(2027, 1, 11), date(2027, 3, 9)])
    assert (tet.code, tet.params) == ("holidays_estimated", {"from": "04/02/2027", "to": "10/02/2027"})
    assert codes(date(2027, 3, 1), date(2027, 6, 1)) == []
    assert codes(date(2027, 1, 4), date(2028, 1, 7)) == [
        "holidays_unknown_after",
        "holidays_estimated",
        "holidays_estimated",
    ]


def test_a_calendar_of_plain_weekdays_has_no_doubts() -> None:
    assert calendar_doubts(load_calendar("weekdays", "UTC"), [date(1900, 1, 1), date(2100, 1, 1)]) == ()
