"""A line of a page ends between words that may be parted: never after "ngày", never before a unit."""

import pytest

from api.catalogue import say
from api.pages.frame.together import say_on_page, together


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("17:00 thứ Năm, ngày 3/12/2026", ["17:00", "thứ_Năm,", "ngày_3/12/2026"]),
        ("còn 3 ngày làm việc", ["còn", "3_ngày", "làm", "việc"]),
        ("ở đây 14 ngày", ["ở", "đây", "14_ngày"]),
        ("Thursday, 19 November 2026", ["Thursday,", "19_November", "2026"]),
        ("1 working day left", ["1_working", "day", "left"]),
        ("24 hours, 2 MB", ["24_hours,", "2_MB"]),
        ("thứ tự của 3 hồ sơ trong ngày", ["thứ", "tự", "của", "3", "hồ", "sơ", "trong", "ngày"]),
    ],
)
def test_days_and_numbers_stay_with_their_words(text: str, parts: list[str]) -> None:
    assert [part.replace("\u00a0", "_") for part in together(text).split(" ")] == parts
    assert together(together(text)) == together(text)


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_a_counted_text_is_tied_on_a_page_alone(locale: str) -> None:
    for count in (1, 3):
        said = say(locale, "work.here", count=count)
        assert "\u00a0" not in said
        tied = say_on_page(locale, "work.here", count=count)
        assert tied != said
        assert tied.replace("\u00a0", " ") == said
