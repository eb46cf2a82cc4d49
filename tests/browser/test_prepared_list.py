"""An officer prepares thirteen names on a telephone; their head agrees to all of it in two taps."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect
from pydantic import SecretStr

from api.wsgi import create_app
from tests.support.axe import violations
from tests.support.chromium import STICKS_OUT, enter, opened, served, speak, watched
from tests.support.sector import COLLEAGUES, FIRST, colleagues_of
from tests.support.unit_paper import Paper, waiting_paper
from workflow.settings import Settings

pytestmark = pytest.mark.browser
PHONE: ViewportSize = {"width": 360, "height": 812}
HEAD, DEPUTY = f"{FIRST}-TT", f"{FIRST}-PT"
PEOPLE = colleagues_of(FIRST, COLLEAGUES)
WORDS = {
    "vi": ("Trả lại để hoàn thiện", "Hồ sơ chưa đầy đủ", "Xem lại trước khi xác nhận"),
    "en": ("Return", "The dossier is incomplete", "Review before confirming"),
}
HAND_IN = re.compile("Trình 13 đề xuất|Hand in 13 prepared decisions")
CONFIRM = re.compile("Xác nhận xử lý 13 đề nghị|Confirm 13 choices")
PROPOSED = {
    "vi": "Đề xuất: Nhất trí đề nghị 12, Trả lại để hoàn thiện 1",
    "en": "Proposes: Endorse 12, Return 1",
}
COMMENT = "Bổ sung biên bản họp xét."


@pytest.fixture
def paper(session, database, clock, tmp_path: Path) -> Paper:
    """Have thirteen names wait for the head of a unit."""
    return waiting_paper(session, database, clock, tmp_path, PEOPLE)


@pytest.fixture
def address(paper: Paper, database, clock, tmp_path: Path) -> Iterator[str]:
    settings = Settings(secret_key=SecretStr("x" * 32), data_dir=tmp_path)
    with served(create_app(settings, sessions=database.sessions, clock=clock, wake=lambda: None)) as address:
        yield address


def seated(browser: Browser, place: str, part: str, language: str) -> Page:
    """Open a page on a telephone as somebody of the unit, in a language."""
    page = opened(browser, size=PHONE, scripts=language == "vi")
    page.goto(place)
    enter(page, part)
    if language != "vi":
        speak(page, language)
        page.goto(place)
    return page


def sound(page: Page, language: str) -> None:
    """Fail where something sticks out or is not for everybody; what looks for that is itself a script."""
    assert page.evaluate(STICKS_OUT) == []
    if language == "vi":
        assert violations(page) == []


@pytest.mark.parametrize("language", ["vi", "en"])
def test_an_officer_prepares_thirteen_and_the_head_agrees_in_two_taps(
    chromium: Browser, address: str, paper: Paper, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    back, reason, review = WORDS[language]
    returned = paper.names[PEOPLE[2]]
    officer = seated(chromium, f"{address}{paper.path}/prepare", DEPUTY, language)
    complaints = watched(officer)
    expect(officer.locator(".decide-name")).to_have_count(COLLEAGUES)
    sound(officer, language)
    name = officer.locator(".decide-name", has=officer.locator(f"[name=pick-{returned}]"))
    name.get_by_text(back, exact=True).click()
    officer.get_by_role("button", name=review).click()
    officer.get_by_text(reason, exact=True).click()
    officer.locator(f"#comment-{returned}").fill(COMMENT)
    sound(officer, language)
    officer.get_by_role("button", name=HAND_IN).click()
    expect(officer.get_by_role("status")).to_contain_text("13")
    assert set(paper.states().values()) == {"unit_review"}

    head, taps = seated(chromium, f"{address}{paper.path}/decide", HEAD, language), 0
    expect(head.get_by_role("note").first).to_contain_text(PROPOSED[language])
    expect(head.locator(f"[name=pick-{returned}][value=return]")).to_be_checked()
    sound(head, language)

    def tap(target: Locator) -> None:
        nonlocal taps
        taps += 1
        target.click()

    tap(head.get_by_role("button", name=review))
    expect(head.locator(f"#comment-{returned}")).to_have_value(COMMENT)
    tap(head.get_by_role("button", name=CONFIRM))
    expect(head.get_by_role("status")).to_contain_text("13")
    states = list(paper.states().values())
    assert (states.count("reception"), states.count("draft")) == (12, 1)
    with capsys.disabled():
        print(f"\nprepared ({language}): the head agrees to 13 in {taps} taps")  # noqa: T201 - it is to be seen
    assert taps == 2
    assert complaints == []
