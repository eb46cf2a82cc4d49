"""The words of a draft save themselves while one types: over a line that breaks, beside a co-writer."""

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from api.pages.views.intake.autosave import APART, PAUSE
from tests.support.axe import violations
from tests.support.chromium import DESK, PHONE, STICKS_OUT, sit, speak, watched
from tests.support.office import Office
from workflow.clock import FixedClock
from workflow.store.nominations import Nomination

pytestmark = pytest.mark.browser
TEXT = "Dẫn đầu phong trào thi đua."
SAVED = {"vi": "Đã lưu lúc 09:00.", "en": "Saved at 09:00."}


@pytest.fixture
def place(office: Office, clock: FixedClock) -> str:
    made = office.draft(clock.now(), achievement="", proposer="")
    return f"/nominations/{made.nomination_id}/edit"


def opened_draft(
    chromium: Browser, address: str, place: str, size: ViewportSize = DESK, locale: str = "vi"
) -> Page:
    """Open the words of the draft with a clock that only the test moves on."""
    page = sit(chromium, address, "NV01", size=size)
    if locale != "vi":
        speak(page, locale)
    page.clock.install()
    page.goto(address + place)
    # The last that the script does when it has begun.
    expect(page.locator("#autosave")).to_be_visible()
    return page


def kept(session: Session) -> str:
    session.expire_all()
    return session.scalar(select(Nomination.achievement)) or ""


@pytest.mark.parametrize("locale", ["vi", "en"])
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_pause_in_typing_saves_and_says_when(  # noqa: PLR0917 - fixtures
    chromium: Browser, address: str, place: str, session: Session, size: ViewportSize, locale: str
) -> None:
    page = opened_draft(chromium, address, place, size, locale)
    complaints, said = watched(page), page.get_by_role("status")
    page.locator("#achievement").fill(TEXT)
    page.clock.fast_forward(PAUSE)
    expect(said).to_have_text(SAVED[locale])
    assert kept(session) == TEXT
    expect(page.locator("#autosave-lacks li")).to_have_count(1)
    # Not so often as keys are pressed: each time is an entry of history.
    page.locator("#achievement").fill(f"{TEXT} Có sáng kiến.")
    page.clock.fast_forward(PAUSE)
    assert kept(session) == TEXT
    page.clock.fast_forward(APART)
    expect(page.locator("[name=version]")).to_have_value("3")
    assert kept(session) == f"{TEXT} Có sáng kiến."
    page.locator("#proposer").fill("Trần Thị Bích")
    page.locator("#proposer").press("Enter")
    expect(page).to_have_url(address + place.removesuffix("/edit"))
    assert complaints == []


def test_a_lost_line_is_said_and_what_was_typed_goes_when_it_is_back(
    chromium: Browser, address: str, place: str, session: Session
) -> None:
    page = opened_draft(chromium, address, place)
    page.context.set_offline(True)
    page.locator("#achievement").fill(TEXT)
    page.clock.fast_forward(PAUSE)
    expect(page.get_by_role("status")).to_contain_text("Mất kết nối")
    assert kept(session) == ""
    page.context.set_offline(False)
    expect(page.get_by_role("status")).to_have_text(SAVED["vi"])
    assert kept(session) == TEXT


def test_a_co_writer_is_told_of_and_neither_loses_a_word(
    chromium: Browser, address: str, place: str, session: Session
) -> None:
    page, other = (opened_draft(chromium, address, place) for _ in range(2))
    other.locator("#achievement").fill("Bản của máy kia.")
    other.clock.fast_forward(PAUSE)
    expect(other.get_by_role("status")).to_have_text(SAVED["vi"])
    page.locator("#achievement").fill("Bản của máy này.")
    page.clock.fast_forward(PAUSE)
    expect(page.get_by_role("status")).to_contain_text("Bấm Lưu để xem cả hai bản.")
    expect(page.locator("#achievement")).to_have_value("Bản của máy này.")
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("#achievement")).to_have_value("Bản của máy này.")
    page.locator("details summary", has_text="Nội dung hiện có").click()
    expect(page.get_by_text("Bản của máy kia.").first).to_be_visible()
    assert kept(session) == "Bản của máy kia."


def test_a_session_that_ended_leaves_the_text_where_it_is(
    chromium: Browser, address: str, place: str, session: Session
) -> None:
    page = opened_draft(chromium, address, place)
    page.context.clear_cookies()
    page.locator("#achievement").fill(TEXT)
    page.clock.fast_forward(PAUSE)
    expect(page.get_by_role("status")).to_contain_text("Phiên làm việc đã hết")
    expect(page.locator("#achievement")).to_have_value(TEXT)
    assert page.evaluate(STICKS_OUT) == []
    assert violations(page) == []
    assert kept(session) == ""
