"""The letter about a whole list that was submitted upward does not call it decided."""

from datetime import date

import pytest

from workflow.domain.vocabulary import NoticeKind
from workflow.messages.compose import LetterFacts, LetterItem, compose


def told(*, locale: str, upward: tuple[bool, ...]) -> str:
    items = tuple(
        LetterItem(
            nomination_id=number,
            subject_name=f"Phòng số {number}",
            award_name="Cờ thi đua của Chính phủ",
            unit_name="VKSND tối cao",
            step_label="",
            url=f"https://khen.example.vn/nominations/{number}",
            decision_number="12/TTr-VKSTC",
            decided_on=date(2026, 6, 1),
            signer="Nguyễn Minh Trí",
            is_submitted_upward=is_upward,
        )
        for number, is_upward in enumerate(upward, 1)
    )
    facts = LetterFacts("Lê Hoa", items, "VKSND tối cao", "Đỗ Châu", "024 3825", "https://khen.example.vn")
    written = compose(NoticeKind.APPROVED, locale, facts)
    return f"{written.subject}\n{written.text}"


@pytest.mark.parametrize(
    ("locale", "said", "unsaid"),
    [
        ("vi", "Đã trình cấp trên", "Quyết định số"),
        ("en", "Submitted upward", "Decision no."),
    ],
)
def test_a_list_submitted_upward_is_told_as_a_submission(locale, said, unsaid):
    text = told(locale=locale, upward=(True, True))
    assert said in text
    assert unsaid not in text


def test_a_list_decided_here_is_told_as_decided():
    text = told(locale="vi", upward=(False, False))
    assert "Đã có quyết định" in text
    assert "Quyết định số 12/TTr-VKSTC" in text
