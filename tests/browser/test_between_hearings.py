"""Between two hearings: a head of a unit decides on fourteen names on a telephone, from a letter's link.

Counted from the page that the link opens: taps, and screens of 812 px scrolled. Signing in and the tap on the
link itself are not counted; reading is: each page is scrolled to its last name.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect
from pydantic import SecretStr
from sqlalchemy import select

from api.wsgi import create_app
from tests.support.chromium import (
    STICKS_OUT,
    enter,
    follow,
    opened,
    press_by_key,
    served,
    speak,
    tab_to,
    watched,
)
from tests.support.sector import (
    COLLEAGUES,
    FIRST,
    colleagues_of,
)
from tests.support.unit_paper import Paper, waiting_paper
from workflow.domain.mails.preferences import UNFOLDED
from workflow.operations.mail.deliver import deliver
from workflow.operations.mail.mailbox import Mailbox
from workflow.operations.mail.post import Post
from workflow.settings import Settings
from workflow.store.access import Account
from workflow.store.mail import KeptLetter

pytestmark = pytest.mark.browser
PHONE: ViewportSize = {"width": 360, "height": 812}
HEAD = f"{FIRST}-TT"
PEOPLE = [*colleagues_of(FIRST, COLLEAGUES), HEAD]
MOST_TAPS, MOST_SCREENS = 5, 4
SMALLEST = 44
WORDS = {
    "vi": {
        "return": "Trả lại để hoàn thiện",
        "review": "Xem lại trước khi xác nhận",
        "reason": "Hồ sơ chưa đầy đủ",
    },
    "en": {"return": "Return", "review": "Review before confirming", "reason": "The dossier is incomplete"},
}
DONE = {"vi": "Đã xử lý 13 đề nghị.", "en": "13 nominations were acted on."}
CONFIRM = re.compile("Xác nhận xử lý 13 đề nghị|Confirm 13 choices")
TOO_SMALL = """least => [...document.querySelectorAll("main form .pick, main form .btn, main form textarea")]
  .filter(e => e.getBoundingClientRect().height < least)
  .map(e => `${e.className}: ${e.textContent.trim().slice(0, 40)}`)"""


class Thumb:
    """What decides on a telephone: counts its taps, and how far it scrolls."""

    def __init__(self, page: Page) -> None:
        self.page, self.taps, self.pixels = page, 0, 0.0

    @property
    def screens(self) -> float:
        """How many screens were scrolled."""
        return self.pixels / PHONE["height"]

    def tap(self, target: Locator) -> None:
        """Scroll to something and tap it."""
        self.read_to(target)
        self.taps += 1
        target.click()

    def read_to(self, target: Locator) -> None:
        """Scroll until something is seen."""
        before = self._top()
        target.scroll_into_view_if_needed()
        self.pixels += abs(self._top() - before)

    def _top(self) -> float:
        box = self.page.locator("h1").bounding_box()
        assert box is not None
        return box["y"]


@pytest.fixture
def paper(session, database, clock, tmp_path: Path) -> Paper:
    """Have fourteen names wait for the head of a unit, whose own is one of them."""
    return waiting_paper(session, database, clock, tmp_path, PEOPLE)


@pytest.fixture
def address(paper: Paper, database, clock, tmp_path: Path) -> Iterator[str]:
    settings = Settings(secret_key=SecretStr("x" * 32), data_dir=tmp_path)
    with served(create_app(settings, sessions=database.sessions, clock=clock, wake=lambda: None)) as address:
        yield address


@pytest.fixture
def link(paper: Paper, address: str, session, database, clock) -> str:
    """Return the address in the letter that asked the head to act, as it leads to this server."""
    post = Post(Mailbox(database.sessions), "Commendo <commendo@example.vn>", address, preferences=UNFOLDED)
    deliver(database.sessions, clock=clock, post=post)
    letters = session.scalars(
        select(KeptLetter.text)
        .join(Account, Account.id == KeptLetter.account_id)
        .where(Account.email == f"{HEAD}@example.vn".lower())
    ).all()
    found = {one for letter in letters for one in re.findall(rf"{address}/submissions/\S+", letter)}
    assert len(found) == 1, letters
    return str(found.pop())


def signed_in(browser: Browser, link: str, *, scripts: bool = True, size: ViewportSize = PHONE) -> Page:
    """Open the letter's link and sign in, which leads to what the letter asked for."""
    page = opened(browser, size=size, scripts=scripts)
    page.goto(link)
    enter(page, HEAD)
    expect(page.locator(".decide-name")).to_have_count(len(PEOPLE) - 1)
    return page


@pytest.mark.parametrize("language", ["vi", "en"])
def test_twelve_are_endorsed_and_one_returned_in_five_taps_and_four_screens(
    chromium: Browser, link: str, paper: Paper, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    page = signed_in(chromium, link, scripts=language == "vi")
    complaints = watched(page)
    if language != "vi":
        speak(page, language)
        page.goto(link)
    words, thumb, returned = WORDS[language], Thumb(page), paper.names[PEOPLE[2]]
    name = page.locator(".decide-name", has=page.locator(f"[name=pick-{returned}]"))
    thumb.tap(name.get_by_text(words["return"], exact=True))
    thumb.read_to(page.locator(".decide-name").last)
    thumb.tap(page.get_by_role("button", name=words["review"]))
    thumb.tap(page.get_by_text(words["reason"], exact=True))
    thumb.tap(page.locator(f"#comment-{returned}"))
    page.keyboard.type("Bổ sung biên bản họp xét.")
    thumb.read_to(page.locator("form .decide-lines li").last)
    thumb.tap(page.get_by_role("button", name=CONFIRM))
    expect(page.get_by_role("status")).to_contain_text(DONE[language])
    states = list(paper.states().values())
    assert (states.count("reception"), states.count("draft"), states.count("unit_review")) == (12, 1, 1)
    cost = f"{thumb.taps} taps (were 10), {thumb.screens:.1f} screens (were 15)"
    with capsys.disabled():
        print(f"\nbetween two hearings ({language}), from the letter's page: {cost}")  # noqa: T201 - it is to be seen
    assert thumb.taps <= MOST_TAPS
    assert thumb.screens <= MOST_SCREENS
    assert complaints == []


@pytest.mark.parametrize("language", ["vi", "en"])
def test_what_is_tapped_is_large_enough_and_nothing_sticks_out(
    chromium: Browser, link: str, paper: Paper, language: str
) -> None:
    page = signed_in(chromium, link)
    if language != "vi":
        speak(page, language)
    page.goto(link)
    first = paper.names[PEOPLE[0]]
    for step in ("names", "sheet", "result"):
        assert page.evaluate(STICKS_OUT) == [], step
        assert page.evaluate(TOO_SMALL, SMALLEST) == [], step
        if step == "names":
            page.locator(f"[name=pick-{first}][value=reject]").check()
            bar = page.locator(".decide-bar button")
            expect(bar).to_be_in_viewport(ratio=1)
            follow(bar)
        elif step == "sheet":
            page.locator(f"[name=reason-{first}]").first.check()
            page.locator(f"#comment-{first}").fill("Chưa đủ điều kiện.")
            follow(page.get_by_role("button", name=CONFIRM))


def test_the_keyboard_alone_decides_the_list(chromium: Browser, link: str, paper: Paper) -> None:
    page = signed_in(chromium, link, size={"width": 1280, "height": 900})
    page.goto(link)
    returned = paper.names[PEOPLE[0]]
    tab_to(page.locator(f"[name=pick-{returned}]:checked"))
    page.keyboard.press("ArrowRight")
    expect(page.locator(f"[name=pick-{returned}][value=return]")).to_be_checked()
    press_by_key(page.get_by_role("button", name="Xem lại trước khi xác nhận", exact=True))
    expect(page.get_by_role("heading", name="Xem lại và xác nhận", level=1)).to_be_visible()
    tab_to(page.locator(f"[name=reason-{returned}]").first)
    page.keyboard.press("Space")
    tab_to(page.locator(f"#comment-{returned}"))
    page.keyboard.type("Bổ sung biên bản họp xét.")
    press_by_key(page.get_by_role("button", name="Xác nhận xử lý 13 đề nghị", exact=True))
    expect(page.get_by_role("status")).to_contain_text("Đã xử lý 13 đề nghị.")
    assert paper.states()[PEOPLE[0]] == "draft"
