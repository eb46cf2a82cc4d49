"""A letter about several things says of each what is its own, when the first is due, and opens those."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from tests.unit.test_messages import DUE, EVERY_LETTER, FACTS, FOLDING, ITEM, Page, letter
from workflow.domain.vocabulary import NoticeKind
from workflow.messages.compose import LOCALES, LetterFacts, LetterItem, LetterLink

ONLY = "https://khen.example.vn/nominations?only=1-3"
REASONS = [
    ("Hồ sơ chưa đầy đủ", "Thiếu minh chứng sáng kiến (D)"),
    ("Chưa đạt tiêu chuẩn", "Đã chuyển công tác (E)"),
]
EVERY = [(notice, locale) for notice in FOLDING for locale in LOCALES]
DECIDED = {NoticeKind.APPROVED, NoticeKind.REJECTED}
# What became of a question asks nothing of its reader, by no date.
TOLD = {NoticeKind.FACT_ANSWERED, NoticeKind.FACT_LAPSED}
OF_WORK = [pair for pair in EVERY if pair[0] not in DECIDED]
DATED = [pair for pair in OF_WORK if pair[0] not in TOLD]
# A sentence glued to the next: an end of a sentence, and a letter at once. Addresses and numbers aside.
GLUED = re.compile(r"[.;:!?](?=[^\W\d_])")


def facts(*changes: Mapping[str, Any]) -> LetterFacts:
    items = tuple(
        replace(ITEM, nomination_id=number, subject_name=f"Người thứ {number}", **change)
        for number, change in enumerate(changes, 1)
    )
    return replace(FACTS, items=items, links=(LetterLink(ONLY),))


def without_links(text: str) -> str:
    return re.sub(r"https?://\S+", "", text)


def row_of(text: str, name: str) -> str:
    """Return what the text says below one name, up to the next."""
    start = text.index(name)
    return text[start : text.index("https://", start)]


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("notice", [NoticeKind.RETURNED, NoticeKind.REJECTED])
def test_each_name_has_its_own_reason_and_comment(notice, locale):
    written = letter(notice, locale, facts(*({"reason_label": a, "comment": b} for a, b in REASONS)))
    for number, (reason, comment) in enumerate(REASONS, 1):
        own = row_of(written.text, f"Người thứ {number}")
        assert reason in own
        assert comment in own
        assert written.text.count(reason) == written.text.count(comment) == 1
        assert reason in Page(written.html).text
        assert comment in Page(written.html).text


@pytest.mark.parametrize("notice", [NoticeKind.RETURNED, NoticeKind.REJECTED])
def test_a_shared_reason_is_said_once_and_comments_of_their_own_below(notice):
    written = letter(notice, "vi", facts({"comment": "Một (D)"}, {"comment": "Hai (E)"}, {"comment": ""}))
    assert written.text.count("Hồ sơ chưa đầy đủ") == 1
    assert written.text.index("Hồ sơ chưa đầy đủ") < written.text.index("Người thứ 1")
    assert "> Một (D)" in row_of(written.text, "Người thứ 1")
    assert "> Hai (E)" in row_of(written.text, "Người thứ 2")
    assert ">" not in row_of(written.text, "Người thứ 3")


def test_one_comment_for_all_is_said_once():
    written = letter(NoticeKind.RETURNED, "vi", facts({}, {}))
    assert written.text.count("> Thiếu biên bản họp.") == 1


def test_a_comment_below_a_name_cannot_pass_for_our_own_words():
    forged = facts({"comment": "x\n\nĐỗ Minh Châu, điện thoại 0900"}, {"comment": "y"})
    text = letter(NoticeKind.RETURNED, "vi", forged).text
    assert re.search(r"^ +> Đỗ Minh Châu, điện thoại 0900$", text, re.MULTILINE)


@pytest.mark.parametrize(("notice", "locale"), DATED)
def test_the_earliest_date_is_in_the_subject_and_the_first_line(notice, locale):
    first, later = {"due_at": DUE - timedelta(days=9)}, {"due_at": DUE}
    written = letter(notice, locale, facts(later, first, later))
    day = {"vi": "2/6/2026", "en": "2 June 2026"}[locale]
    line = written.text.split("\n\n")[1].split("\n")[0]
    assert day in written.subject
    assert day in line
    assert day in Page(written.html).text


@pytest.mark.parametrize(("notice", "locale"), EVERY)
def test_the_button_leads_to_exactly_those(notice, locale):
    written = letter(notice, locale, facts({}, {}, {}))
    links = [value for name, value in Page(written.html).attributes if name == "href"]
    assert links[0] == ONLY
    assert ONLY in written.text
    assert "https://khen.example.vn/" not in links, "not to all that waits"


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("notice", sorted(DECIDED))
def test_what_is_decided_has_a_date_and_no_due_date(notice, locale):
    undue = {"due_at": None, "working_days_left": None, "told_on": date(2026, 6, 3)}
    for items in (facts(undue, undue), facts(undue)):
        written = letter(notice, locale, items)
        assert not re.search(
            r"chưa đặt thời hạn|no date set|[Hh]ạn xử lý|\bDue\b", written.text + written.subject
        )
    assert "1/6/2026" in letter(notice, "vi", facts(undue, undue)).text


def test_decisions_of_their_own_stand_below_their_names():
    written = letter(
        NoticeKind.APPROVED, "vi", facts({"decision_number": "1/QĐ"}, {"decision_number": "2/QĐ"})
    )
    assert "Quyết định số 1/QĐ ký thứ Hai, ngày 1/6/2026, người ký: Phạm Văn D." in row_of(
        written.text, "Người thứ 1"
    )
    assert "Quyết định số 2/QĐ" in row_of(written.text, "Người thứ 2")


def test_the_text_sets_the_columns_under_each_other():
    names = facts({}, {"award_name": "Bằng khen"}, {"award_name": "Giấy khen của Viện trưởng"})
    lines = letter(NoticeKind.REMINDER, "vi", names).text.split("\n")
    rows = [line for line in lines if re.match(r"( \d\. |    ?Cá nhân)", line)]
    places = {line.index(word) for line, word in zip(rows, ("Hạn xử lý", *["17:00"] * 3), strict=True)}
    assert len(places) == 1


@pytest.mark.parametrize(("notice", "locale"), EVERY_LETTER)
@pytest.mark.parametrize("count", [1, 2, 25])
@pytest.mark.parametrize("is_bare", [False, True])
def test_no_sentence_is_glued_to_the_next(notice, locale, count, is_bare):
    bare = LetterItem(5, "Đội 2", "Giấy khen", "VKSND An Giang", "Dự thảo", "https://a.vn/5")
    # Whoever is named to stand in is told of an absence: no letter of that kind is without.
    bare = replace(bare, stands_in=ITEM.stands_in)
    for change in (
        {},
        {"is_submitted_upward": True},
        {"is_own": True},
        {"is_seat_empty": True},
        {"working_days_left": -1},
    ):
        item = bare if is_bare else replace(ITEM, **change)
        told = replace(FACTS, items=(item,) * count, links=(LetterLink(ONLY),) if count > 1 else ())
        written = letter(notice, locale, told)
        for part in (written.subject, written.text, Page(written.html).text):
            assert not GLUED.findall(without_links(part)), part


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("notice", [NoticeKind.ESCALATION, NoticeKind.RETURN_ESCALATION])
@pytest.mark.parametrize("count", [1, 3])
def test_nobody_is_told_to_press_or_call_themselves(notice, locale, count):
    own = {"is_own": True, "holder_name": FACTS.recipient_name, "holder_telephone": "0296 385 2345"}
    written = letter(notice, locale, facts(*[own] * count))
    for part in (written.subject, written.text, Page(written.html).text):
        assert not re.search(r"đôn đốc|\bpress\b", part)
        assert "0296 385 2345" not in part
        assert part.count(FACTS.recipient_name) <= 1, "in the greeting alone"


@pytest.mark.parametrize("count", [1, 2])
def test_the_person_to_call_is_who_holds_it(count):
    held = {"holder_office": "VKSND khu vực 5", "holder_telephone": "0296 385 2345"}
    text = letter(NoticeKind.ESCALATION, "vi", facts(*[held] * count)).text
    assert "Người đang xử lý: Lê Văn C, VKSND khu vực 5, điện thoại 0296 385 2345" in text


@pytest.mark.parametrize(("locale", "words"), [("vi", "hưa có ai giữ vị trí"), ("en", "obody holds")])
@pytest.mark.parametrize("notice", [NoticeKind.SEAT_EMPTY, NoticeKind.ESCALATION])
@pytest.mark.parametrize("count", [1, 2])
def test_an_empty_seat_is_called_empty(notice, locale, words, count):
    text = letter(notice, locale, facts(*[{"is_seat_empty": True, "holder_name": None}] * count)).text
    assert words in text
