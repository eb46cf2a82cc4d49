"""What a year later comes to: days at the end of February, and names of years that lie over two."""

from datetime import date

import pytest

from workflow.domain.time.next_year import a_year_later, named_a_year_later


@pytest.mark.parametrize(
    ("day", "later"),
    [
        (date(2026, 11, 30), date(2027, 11, 30)),
        (date(2028, 2, 29), date(2029, 2, 28)),
        (date(2027, 2, 28), date(2028, 2, 29)),
        (date(2027, 2, 27), date(2028, 2, 27)),
        (date(2026, 12, 31), date(2027, 12, 31)),
    ],
)
def test_the_end_of_a_month_is_its_end_a_year_later_too(day: date, later: date) -> None:
    assert a_year_later(day) == later


@pytest.mark.parametrize(
    ("text", "year", "later"),
    [
        ("Đợt xét năm 2026", 2026, "Đợt xét năm 2027"),
        ("HS-2026", 2026, "HS-2027"),
        ("Năm học 2025-2026", 2026, "Năm học 2026-2027"),
        ("Năm học 2025 – 2026", 2025, "Năm học 2026 – 2027"),
        ("AY2025/26 awards", 2025, "AY2026/27 awards"),
        ("Awards 2099/00", 2099, "Awards 2100/01"),
        ("Spring awards", 2026, "Spring awards 2027"),
        ("Giai đoạn 2026-2030, năm 2026", 2026, "Giai đoạn 2026-2030, năm 2027"),
        ("Số 12/2026", 2026, "Số 12/2027"),
        ("120261", 2026, "120261 2027"),
        ("2026-05", 2026, "2027-05"),
    ],
)
def test_a_name_tells_the_next_year_once_and_a_year_over_two_whole(text: str, year: int, later: str) -> None:
    assert named_a_year_later(text, year) == later
