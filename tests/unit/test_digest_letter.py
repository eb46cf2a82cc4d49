"""The list of a day: what stands under which heading, in both languages, as text and as a page."""

import unicodedata
from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.unit.test_messages import DUE, ITEM, several
from workflow.domain.vocabulary import NoticeKind
from workflow.messages.compose import Letter, LetterFacts, compose

MONDAY = date(2026, 6, 8)
HEADINGS = {
    "vi": ("ĐÃ QUÁ HẠN", "HÔM NAY VÀ SẮP ĐẾN HẠN", "MỚI NHẬN, MỚI THAY ĐỔI", "ĐANG CHỜ NGƯỜI KHÁC"),
    "en": ("OVERDUE", "TODAY AND SOON", "NEW OR CHANGED", "WAITING ON OTHERS"),
}


def day(*kinds: tuple[int, NoticeKind], awaited: int = 0) -> LetterFacts:
    """Return the facts of a day with things that have so many days left, each with what was promised."""
    facts = several(*(left for left, _ in kinds))
    items = tuple(replace(item, notice=notice) for item, (_, notice) in zip(facts.items, kinds, strict=True))
    others = tuple(
        replace(
            ITEM,
            nomination_id=900 + n,
            subject_name=f"Người khác {n}",
            due_at=DUE,
            url=f"https://khen.example.vn/nominations/9{n:02}",
        )
        for n in range(min(awaited, 5))
    )
    return replace(facts, items=items, written_on=MONDAY, awaited=others, awaited_count=awaited)


def letter(locale: str, facts: LetterFacts) -> Letter:
    return compose(None, locale, facts)


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_each_thing_stands_once_under_its_heading_and_empty_headings_are_left_out(locale: str) -> None:
    facts = day(
        (-2, NoticeKind.WORK_OPENED), (0, NoticeKind.REMINDER), (2, NoticeKind.WORK_OPENED),
        (5, NoticeKind.REMINDER), (5, NoticeKind.WORK_OPENED), (9, NoticeKind.DATES_MOVED), awaited=7,
    )  # fmt: skip
    written = letter(locale, facts)
    lines = [
        line for line in written.text.split("\n") if any(line.startswith(word) for word in HEADINGS[locale])
    ]
    counts = [int(line.rpartition("(")[2].rstrip(")")) for line in lines]
    assert counts == [1, 3, 2, 7]
    for item in (*facts.items, *facts.awaited):
        assert written.text.count(f"{item.url}\n") == 1
        assert written.html.count(f'href="{item.url}"') == 1
    alone = letter(locale, day((5, NoticeKind.WORK_OPENED), (6, NoticeKind.WORK_OPENED)))
    assert [word in alone.text for word in HEADINGS[locale]] == [False, False, True, False]


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_of_very_many_twenty_are_named_and_the_rest_is_counted(locale: str) -> None:
    kinds = [(-1, NoticeKind.REMINDER)] * 17 + [(1, NoticeKind.REMINDER)] * 17
    written = letter(locale, day(*kinds))
    assert written.text.count("/nominations/") == 20
    rest = "... và 14 việc khác." if locale == "vi" else "... and 14 more."
    assert rest in written.text
    assert rest in written.html


def test_the_subject_names_the_day_and_how_much_is_late() -> None:
    facts = day((-1, NoticeKind.REMINDER), (0, NoticeKind.REMINDER))
    assert letter("vi", facts).subject == "[TĐKT] Việc hôm nay, thứ Hai, 8/6/2026: 2 việc đang chờ, 1 quá hạn"
    assert letter("en", facts).subject == "[TĐKT] Today's work, Monday, 8 June 2026: 2 items wait, 1 overdue"
    in_time = day((1, NoticeKind.REMINDER), (0, NoticeKind.REMINDER))
    assert letter("vi", in_time).subject == "[TĐKT] Việc hôm nay, thứ Hai, 8/6/2026: 2 việc đang chờ"


def test_a_page_loads_nothing_and_what_people_typed_stays_what_it_is() -> None:
    facts = day((0, NoticeKind.RETURNED), (1, NoticeKind.REMINDER))
    evil = replace(
        facts.items[0], subject_name="<b>Tên</b>\nBcc: x@y", comment="Xem <img src=http://e>\n.\nhết"
    )
    written = letter("vi", replace(facts, items=(evil, facts.items[1])))
    assert "<b>" not in written.html
    assert "<img" not in written.html
    assert "src=" not in written.html.replace("src=http://e", "")
    assert "\nBcc:" not in written.text
    assert "    > ." in written.text
    assert unicodedata.is_normalized("NFC", written.text + written.html + written.subject)


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_names_of_one_list_that_wait_for_the_same_are_one_line_that_opens_them(locale: str) -> None:
    facts = day(*[(3, NoticeKind.WORK_OPENED)] * 14)
    *listed, single = facts.items
    one_list = "https://khen.example.vn/submissions/7/decide"
    items = [replace(item, list_url=one_list, submission_number="12/TTr-VKS") for item in listed]
    elsewhere = replace(single, list_url="https://khen.example.vn/submissions/8/decide")
    written = letter(locale, replace(facts, items=(*items, elsewhere)))
    ids = sorted(item.nomination_id for item in items)
    assert written.text.count(f"{one_list}?only={ids[0]}-{ids[-1]}\n") == 1
    assert written.html.count(f'href="{one_list}?only={ids[0]}-{ids[-1]}"') == 1
    assert all(f"{item.url}\n" not in written.text for item in items)
    assert f"{elsewhere.url}\n" in written.text, "one name alone is told by itself"
    said = (
        ("Tờ trình số 12/TTr-VKS", "13 hồ sơ")
        if locale == "vi"
        else ("Submission no. 12/TTr-VKS", "13 nominations")
    )
    [line] = [line for line in written.text.split("\n") if said[0] in line]
    assert said[1] in line
    assert ("và 10 hồ sơ khác" if locale == "vi" else "and 10 more") in written.text
    assert f"({len(facts.items)})" in written.text, "the heading counts names, as the inbox does"


def test_names_of_a_list_of_which_something_else_is_told_stand_apart() -> None:
    facts = day(*[(3, NoticeKind.WORK_OPENED)] * 5)
    first, second, third, pressed, later = (
        replace(item, list_url="https://khen.example.vn/submissions/7/decide") for item in facts.items
    )
    assert later.due_at is not None
    items = (
        first,
        second,
        replace(third, comment="Xem kỹ minh chứng."),
        replace(pressed, pressed_by="Trần Thị Hoa"),
        replace(later, due_at=later.due_at + timedelta(days=1)),
    )
    written = letter("vi", replace(facts, items=items))
    assert [f"{item.url}\n" in written.text for item in items] == [False, False, True, True, True]


def test_a_list_takes_one_of_the_twenty_lines_and_all_its_names_are_counted() -> None:
    facts = day(*[(3, NoticeKind.WORK_OPENED)] * 50)
    one_list = "https://khen.example.vn/submissions/7/decide"
    items = [replace(item, list_url=one_list) for item in facts.items[:30]]
    written = letter("vi", replace(facts, items=(*items, *facts.items[30:])))
    assert "... và 1 việc khác." in written.text
