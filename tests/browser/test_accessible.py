"""No page keeps anybody out: axe-core finds nothing, nothing sticks out on a phone or at twice the size."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, ViewportSize
from sqlalchemy import func, update

from api.wsgi import create_app
from tests.browser.demo import demo, known_sights
from tests.browser.screenshots import seats_of
from tests.browser.sights import Seat, sights
from tests.support.axe import unfold, violations
from tests.support.chromium import (
    DESK,
    PHONE,
    POINTS_END,
    PRESSED_FIRST,
    STICKS_OUT,
    TABLET,
    TOUCHES,
    opened,
    served,
    sit,
    speak,
    watched,
)
from workflow.clock import DatabaseClock
from workflow.settings import Settings
from workflow.simulate.demo.passwords import SignIn
from workflow.store.access import Account
from workflow.store.database import Sessions
from workflow.store.organisation import Person, UnitEdition

pytestmark = pytest.mark.browser
# What a window of 1280 px shows of a page at twice its size.
TWICE: ViewportSize = {"width": 640, "height": 450}
Scheme = Literal["light", "dark"]
LONG_NAME = "Công Huyền Tôn Nữ Nguyễn Phúc Thị Hoàng Ngân Thuỷ Tiên"
LONG_UNIT = (
    "Phòng Thực hành quyền công tố, kiểm sát điều tra, kiểm sát xét xử sơ thẩm các vụ án hình sự về kinh tế, "
    "chức vụ và tham nhũng, Viện kiểm sát nhân dân thành phố Hồ Chí Minh"
)


def looked_at(page: Page, place: str, schemes: tuple[Scheme, ...] = ("light", "dark")) -> list[str]:
    """Return what is wrong with the page in each scheme of colours, what sticks out, touches, competes."""
    found = [f"{place} sticks out: {what}" for what in page.evaluate(STICKS_OUT)]
    found += [f"{place} touches: {what}" for what in page.evaluate(TOUCHES)]
    if not place.endswith("/styleguide"):
        found += [
            f"{place}: one of several to be pressed first: {what}" for what in page.evaluate(PRESSED_FIRST)
        ]
    for scheme in schemes:
        # Colours that are still on their way from one scheme to the other are nobody's.
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += [f"{place} {scheme} {what}" for what in violations(page)]
    return found


@pytest.mark.parametrize("looks", [("vi", "light"), ("en", "dark")])
def test_axe_finds_nothing_on_the_pages_of_a_day_and_where_something_went_wrong(
    chromium, address, office, clock, looks
):  # fmt: skip
    now, (locale, scheme) = clock.now(), looks
    waiting, moved = (office.draft(now, person_code=code).nomination_id for code in ("NV03", "NV04"))
    for nomination_id in (waiting, moved):
        office.act("nominator", nomination_id, "submit", now)
    found: list[str] = []

    guest = opened(chromium, size=PHONE, scripts=True)
    guest.goto(f"{address}/sign-in")
    speak(guest, locale)
    guest.fill("#email", "nobody@example.vn")
    guest.fill("#password", "wrong")
    guest.click("main button[type=submit]")
    guest.locator("[role=alert]").wait_for()
    found += looked_at(guest, "sign-in refused", (scheme,))
    guest.goto(f"{address}/password/none")
    found += looked_at(guest, "a link that is over", (scheme,))

    page = sit(chromium, address, "nv02", size=PHONE)
    speak(page, locale)
    for path in ("/", f"/nominations/{waiting}", "/nominations?q=nobody", "/nowhere", "/absences"):
        page.goto(address + path)
        found += looked_at(page, path, (scheme,))
    for menu in page.locator("details.menu").all():
        menu.locator("summary").click()
        found += looked_at(page, "a menu", (scheme,))

    page.goto(f"{address}/nominations/{waiting}")
    form = page.locator("details.move", has=page.locator("#move-return-comment"))
    form.locator("summary").click()
    form.locator("button[type=submit]").click()
    page.locator("#move-return-reason[aria-invalid]").wait_for()
    found += looked_at(page, "a form with errors", (scheme,))

    page.goto(f"{address}/nominations/{moved}")
    office.act("reviewer", moved, "approve", now)
    form.locator("summary").click()
    form.locator("button[type=submit]").click()
    page.locator("[role=alert]").wait_for()
    found += looked_at(page, "a stale form", (scheme,))
    assert found == []


@dataclass(frozen=True, slots=True)
class Place:
    """The demo, being served, with the longest names there are."""

    address: str
    sessions: Sessions
    people: dict[str, SignIn]


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with demo() as (sessions, people, _link):
        with sessions() as session:
            session.execute(update(Person).values(name=LONG_NAME))
            session.execute(update(Account).values(name=LONG_NAME))
            session.execute(update(UnitEdition).values(name=func.concat(LONG_UNIT, " ", UnitEdition.unit_id)))
            session.commit()
        with served(create_app(Settings(secret_key="x" * 32), sessions=sessions)) as address:
            yield Place(address, sessions, people)


@pytest.mark.deep
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("locale", ["vi", "en"])
def test_axe_finds_nothing_on_any_page_and_none_is_wider_than_its_window(
    chromium: Browser, place: Place, locale: str
) -> None:  # fmt: skip
    app = create_app(Settings(secret_key="x" * 32), sessions=place.sessions)
    seats = seats_of(place.people)
    with place.sessions() as session:
        now = DatabaseClock().now(session)
        known = known_sights(session, place.people)
        found_sights = sights(app, session, seats, now.date(), known)
    doors = {seat.name: signed_in(chromium, place.address, seat, locale) for seat in seats}
    doors[None] = opened(chromium, size=DESK)
    doors[None].goto(f"{place.address}/sign-in")
    speak(doors[None], locale)
    complaints = {seat: watched(page) for seat, page in doors.items()}
    found: list[str] = []
    for sight in found_sights:
        page, said = doors[sight.seat], complaints[sight.seat]
        page.set_viewport_size(DESK)
        page.goto(place.address + sight.path)
        found += looked_at(page, sight.path)
        unfold(page)
        for size in (TABLET, PHONE, TWICE):
            page.set_viewport_size(size)
            place_of = f"{sight.path} {size['width']} px"
            found += [f"{place_of}: {what}" for what in page.evaluate(STICKS_OUT)]
            found += [f"{place_of} touches: {what}" for what in page.evaluate(TOUCHES)]
            found += [f"{place_of} a line ends: {what}" for what in page.evaluate(POINTS_END)]
        # A link that is over is answered so; whatever else is said, the policy above all, is wrong.
        found += [f"{sight.path}: {what}" for what in said if "Failed to load resource" not in what]
        said.clear()
    assert found == []


def signed_in(browser: Browser, address: str, seat: Seat, locale: str) -> Page:
    """Open a window of somebody who reads pages in that language."""
    page = opened(browser, size=DESK)
    page.goto(f"{address}/sign-in")
    page.fill("#email", seat.email)
    page.fill("#password", seat.password)
    page.click("main button[type=submit]")
    page.locator("details.menu").first.wait_for()
    speak(page, locale)
    return page
