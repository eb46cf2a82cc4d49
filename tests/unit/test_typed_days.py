"""Days as people type them are read day first, and nothing is guessed."""

from datetime import date

import pytest

from workflow.domain.time.typed_days import day_or_none, read_day


@pytest.mark.parametrize(
    "text", ["12/6/2026", "12/06/2026", " 12-6-2026 ", "12.6.2026", "12 / 6 / 2026", "2026-06-12"]
)
def test_the_day_comes_first_whatever_stands_between(text: str) -> None:
    assert read_day(text) == date(2026, 6, 12)


@pytest.mark.parametrize(
    "text",
    [
        "6/2026",
        "2026/06/12",
        "12/6/26",
        "31/2/2026",
        "06/13/2026",
        "2026-6-12",
        "12062026",
        "9999-12-31",
        "1/1/0001",
        "१२/६/२०२६",
        "12/6/2026 x",
        "12\x006/2026",
        "hôm nay",
    ],
)
def test_what_can_be_meant_two_ways_or_no_way_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected|between|day|month"):
        read_day(text)


def test_nothing_typed_is_no_day() -> None:
    assert day_or_none("  ") is None
