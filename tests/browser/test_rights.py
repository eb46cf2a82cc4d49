"""What somebody may not do, in a real browser: the own file, drafts after an answer, guessable passwords."""

import os
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.chromium import PHONE, STICKS_OUT, sit, speak
from tests.support.office import AG, ROUND, furnish
from tests.support.pages import give_passwords
from tests.support.rounds import NEXT, opened
from workflow.domain.facts import SignedDocument
from workflow.domain.vocabulary import Via
from workflow.operations.people.accounts import issue_link
from workflow.operations.rounds.answers import answer_nothing
from workflow.store.access import Account

pytestmark = pytest.mark.browser
_PICTURES = os.environ.get("COMMENDO_TEST_PICTURES")


@pytest.fixture
def office(session, clock):
    office = furnish(session, now=clock.now())
    opened(session, clock.now())
    give_passwords(session)
    return office


def look(page: Page, name: str) -> None:
    """Nothing may stick out of the page; a picture is kept where somebody asks for it."""
    if _PICTURES:
        page.screenshot(path=str(Path(_PICTURES) / f"{name}.png"), full_page=True)
    assert page.evaluate(STICKS_OUT) == []


def test_the_unit_head_finds_no_button_on_the_own_name(chromium, address, office, clock):
    nomination_id = office.draft(clock.now(), person_code="NV02").nomination_id
    office.act("nominator", nomination_id, "submit", clock.now())
    page = sit(chromium, address, "nv02", size=PHONE)
    page.goto(f"{address}/nominations/{nomination_id}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Nguyễn Văn An")
    for action in ("hold", "release", "reassign", "release_hold", "claim", "approve"):
        assert page.locator(f"form[action$='/actions/{action}']").count() == 0, action
    look(page, "own-360-vi")


@pytest.fixture
def answered(office, session, clock):
    """Return what lets the unit answer "nothing", its nominator reading that language."""

    def answer(locale: str) -> None:
        answer_nothing(
            session,
            actor=office.actor("reviewer", clock.now()),
            round_code=NEXT,
            unit_code=AG,
            paper=SignedDocument("12/CV-VKS", date(2026, 3, 2), "Nguyễn Văn An"),
            via=Via.API,
            now=clock.now(),
        )
        session.get_one(Account, office.ids["nominator"], populate_existing=True).locale = locale
        session.commit()

    return answer


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_a_unit_that_answered_is_led_to_take_it_back_before_it_drafts(chromium, address, answered, locale):
    says = {"vi": "hãy rút lại câu trả lời", "en": "take the answer back"}[locale]
    page = sit(chromium, address, "nv01", size=PHONE)
    answered(locale)
    page.goto(f"{address}/nominations/new")
    page.locator("#round").select_option(NEXT)
    page.locator("#award").select_option("CSTDCS")
    page.locator("#person").select_option("NV04")
    page.locator("form:has(#award) button[type=submit]").last.click()
    expect(page.locator("main")).to_contain_text(says)
    expect(page.locator("#person")).to_have_value("NV04")
    look(page, f"draft-answered-360-{locale}")
    page.goto(f"{address}/rounds/{NEXT}")
    compose = page.locator(f"a[href*='/submissions/new'][href*='{AG}']")
    assert compose.count() == 0
    look(page, f"round-answered-360-{locale}")
    page.locator("form[action$='/reopen'] button").click()
    expect(compose.first).to_be_visible()
    page.goto(f"{address}/rounds/{ROUND}")
    expect(page.locator("main")).to_be_visible()


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_a_password_anybody_guesses_is_refused_in_words_that_fit_a_phone(
    chromium, address, session, clock, locale
):  # fmt: skip
    issued = issue_link(session, actor=None, email="nv01@example.vn", via=Via.CLI, now=clock.now())
    page = chromium.new_context(viewport=PHONE).new_page()
    page.goto(f"{address}/password/{issued.secret}")
    if locale == "en":
        speak(page, "en")
    for password, says in (
        ("Password1234", "trước tiên" if locale == "vi" else "tries first"),
        ("nv01@example.vn", "họ tên" if locale == "vi" else "own name"),
    ):
        page.locator("#password").fill(password)
        page.locator("#again").fill(password)
        page.locator("form:has(#again) button[type=submit]").click()
        expect(page.locator("main")).to_contain_text(says)
        look(page, f"password-360-{locale}-{len(password)}")
