"""Letters to whoever is not to do the work: who telephoned about it, and who is told for its holder."""

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.test_messages import DUE, ITEM, several
from workflow.domain.vocabulary import NoticeKind
from workflow.messages.compose import Letter, LetterFacts, LetterItem, compose

HOLDER: dict[str, Any] = {
    "holder_name": "Lý Thị Cúc",
    "holder_office": "VKSND tỉnh An Giang",
    "holder_telephone": "0296 385",
}
CALL = {
    "vi": "Lý Thị Cúc, VKSND tỉnh An Giang, điện thoại 0296 385",
    "en": "Lý Thị Cúc, VKSND tỉnh An Giang, telephone 0296 385",
}
ACT = {
    "vi": ("Ông/Bà xử lý", "Cần xử lý", "Việc phải làm"),
    "en": ("please deal with", "Please act", "What to do:"),
}
KINDS = (NoticeKind.REMINDER, NoticeKind.RETURN_REMINDER)


def about(notice: NoticeKind, locale: str, *items: LetterItem) -> Letter:
    facts: LetterFacts = replace(several(0), items=items)
    return compose(notice, locale, facts)


@pytest.mark.parametrize("locale", ["vi", "en"])
@pytest.mark.parametrize("notice", KINDS)
@pytest.mark.parametrize("why", ["is_follow_up", "is_around"])
def test_who_is_not_to_do_it_is_told_whom_to_call_and_nothing_to_act_on(
    notice: NoticeKind, locale: str, why: str
) -> None:
    item = replace(ITEM, due_at=DUE, working_days_left=1, **(HOLDER | {why: True}))
    letter = about(notice, locale, item)
    for written in (letter.text, letter.html):
        assert written.count(CALL[locale]) == 1
        assert not any(word in written for word in ACT[locale])
    assert CALL[locale] in about(notice, locale, item, replace(item, nomination_id=9)).text


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_who_telephoned_reads_in_the_subject_that_they_meant_to_ask_again(locale: str) -> None:
    subject = about(NoticeKind.REMINDER, locale, replace(ITEM, due_at=DUE, is_follow_up=True)).subject
    assert subject.startswith("[TĐKT] Hẹn hỏi lại, hạn " if locale == "vi" else "[TĐKT] To ask again, due ")


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_a_letter_of_several_kinds_names_the_holder_to_who_is_not_to_do_it(locale: str) -> None:
    mine = replace(ITEM, due_at=DUE, working_days_left=1, notice=NoticeKind.REMINDER)
    other = replace(mine, nomination_id=9, is_follow_up=True, **HOLDER)
    text = compose(None, locale, replace(several(0), items=(mine, other), written_on=DUE.date())).text
    assert text.count(CALL[locale]) == 1
    assert text.count("Xử lý ở bước" if locale == "vi" else "Act at the step") == 1


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_an_empty_seat_that_drafts_for_a_unit_has_a_name_and_no_work_to_reassign(locale: str) -> None:
    letter = about(NoticeKind.SEAT_EMPTY, locale, replace(ITEM, step_label="", due_at=DUE))
    for written in (letter.text, letter.html):
        assert ": ," not in written
        assert ("người lập tờ trình" if locale == "vi" else "whoever drafts the submission") in written
        assert not any(word in written for word in ("chuyển người xử lý", "Chuyển người xử lý", "eassign"))


ASKED = {
    "vi": (
        "Nội dung yêu cầu: Theo quyết định nào?",
        "Chuyển người xử lý",
        "giao người khác",
        "ia hạn, chuyển người xử lý",
    ),
    "en": ("What is asked: Theo quyết định nào?", "Reassign", "hand it"),
}


@pytest.mark.parametrize("locale", ASKED)
@pytest.mark.parametrize("notice", [NoticeKind.REMINDER, NoticeKind.ESCALATION])
def test_each_letter_of_a_question_says_what_is_asked_and_offers_nothing_that_is_refused(
    notice: NoticeKind, locale: str
) -> None:
    said, *refused = ASKED[locale]
    item = replace(ITEM, due_at=DUE, question="Theo\nquyết định nào?", working_days_left=-1, notice=notice)
    alone = about(notice, locale, item)
    for letter in (alone, about(notice, locale, item, replace(item, nomination_id=9))):
        for written in (letter.text, letter.html):
            assert written.count(said) == 1
            assert not any(word in written for word in refused)
    other = replace(ITEM, due_at=DUE, nomination_id=9, working_days_left=-1, notice=notice)
    morning = compose(None, locale, replace(several(0), items=(item, other), written_on=DUE.date()))
    for written in (morning.text, morning.html):
        assert written.count(said) == 1
    assert said.partition(":")[0] not in about(notice, locale, other).text
    marked = about(notice, locale, replace(item, question="<b>nào?"))
    assert "<b>nào" not in marked.html


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_whoever_asked_is_told_to_decide_or_take_it_back_and_not_to_call(locale: str) -> None:
    item = replace(ITEM, due_at=DUE, question="Theo quyết định nào?", is_follow_up=True, is_unanswered=True)
    letter = about(NoticeKind.REMINDER, locale, replace(item, **HOLDER))
    for written in (letter.text, letter.html):
        assert ASKED[locale][0] in written
        assert ("rút yêu cầu" if locale == "vi" else "take the question back") in written
        assert not any(word in written for word in ("gọi điện", "telephoned", ASKED[locale][1]))
