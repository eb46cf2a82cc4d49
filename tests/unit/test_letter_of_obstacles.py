"""Word of what cannot go on: a letter by itself, and a line in the list of a morning."""

from dataclasses import replace
from datetime import date

import pytest

from tests.unit.test_messages import DUE, FACTS, ITEM, Page
from workflow.domain.vocabulary import NoticeKind
from workflow.messages.compose import LetterFacts, StuckWork, compose

URL = "https://khen.example.vn/obstacles"
DAY = date(2026, 6, 12)
SAID = {
    ("vi", 3, 2): "3 việc không đi tiếp được, 2 việc mới",
    ("vi", 3, 0): "3 việc không đi tiếp được",
    ("en", 3, 2): "3 pieces of work cannot go on, 2 of them new",
    ("en", 1, 1): "1 piece of work cannot go on",
    ("en", 1200, 0): "1,200 pieces of work cannot go on",
}


def facts(count: int, new_count: int) -> LetterFacts:
    return replace(FACTS, items=(), written_on=DAY, stuck=StuckWork(count, new_count, URL))


@pytest.mark.parametrize(("locale", "count", "new_count"), SAID)
def test_it_says_how_much_and_what_of_it_is_new_and_leads_there(
    locale: str, count: int, new_count: int
) -> None:
    letter = compose(NoticeKind.OBSTACLES, locale, facts(count, new_count))
    said = SAID[locale, count, new_count]
    assert letter.subject.endswith(f"12/6/2026: {said}" if locale == "vi" else f": {said}")
    for text in (letter.text, Page(letter.html).text):
        assert said in text
        assert FACTS.officer_telephone in text
    assert URL in letter.text
    assert ("href", URL) in Page(letter.html).attributes


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_in_the_list_of_a_morning_it_is_one_line(locale: str) -> None:
    item = replace(ITEM, due_at=DUE, working_days_left=1, notice=NoticeKind.REMINDER)
    listed = replace(facts(3, 2), items=(item,))
    letter = compose(None, locale, listed)
    plain = compose(None, locale, replace(listed, stuck=None))
    assert letter.subject == plain.subject
    added = set(letter.text.splitlines()) - set(plain.text.splitlines())
    assert [line.count(SAID[locale, 3, 2]) for line in added] == [1]
    assert URL in added.pop()
    assert ("href", URL) in Page(letter.html).attributes


def test_without_anything_it_is_no_letter() -> None:
    with pytest.raises(ValueError, match="at least one thing"):
        compose(NoticeKind.OBSTACLES, "vi", replace(facts(1, 1), stuck=None))
