"""The bar at the head of every page: one row on a phone, and menus that open and close without a script."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from tests.conftest import MONDAY
from tests.support.chromium import PHONE, sit, speak
from tests.support.lists import add_colleagues, compose, row
from workflow.domain.facts import MoveRequest
from workflow.domain.vocabulary import Via
from workflow.operations.submissions.names import ListOrder, act_on_submission
from workflow.store.access import Account

pytestmark = pytest.mark.browser
HIGHEST = 64


@pytest.mark.parametrize("width", [320, 360, 576, 640, 768, 1280])
def test_the_bar_is_one_row_in_both_languages_however_much_waits(chromium, address, office, width):
    people = [row(person) for person in add_colleagues(office.session, 100, prefix="K")]
    [paper] = compose(office, people, MONDAY).submissions
    order = ListOrder(paper.submission_id, 1, MoveRequest("submit"), Via.API)
    act_on_submission(office.session, actor=office.actor("nominator", MONDAY), order=order, now=MONDAY)
    office.session.execute(update(Account).values(name="Công Huyền Tôn Nữ Nguyễn Phúc Thị Hoàng Ngân Tiên"))
    office.session.commit()
    page = sit(chromium, address, "nv02", scripts=False, size={"width": width, "height": 740})
    for locale in ("vi", "en"):
        speak(page, locale)
        expect(page.locator(".waits")).to_have_text(["99+", "1+", "99+", "1+"])
        expect(page.get_by_role("link", name="99+")).to_have_count(0)
        assert page.locator(".site-header").bounding_box()["height"] <= HIGHEST
        tops = {link.bounding_box()["y"] for link in page.locator(".daily a").all()}
        assert len(tops) == 1
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    speak(page, "vi")


def test_a_menu_opens_by_keyboard_and_closes_by_the_other_and_by_a_press_beside_it(chromium, address):
    page = sit(chromium, address, "nv01", scripts=False, size=PHONE)
    more, own = page.locator("details.menu").all()
    more.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Khâu chậm")).to_be_visible()
    own.locator("summary").press("Enter")
    expect(page.get_by_role("button", name="Đăng xuất")).to_be_visible()
    expect(page.get_by_role("link", name="Khâu chậm")).to_be_hidden()
    page.mouse.click(20, 600)
    expect(page.get_by_role("button", name="Đăng xuất")).to_be_hidden()
    more.locator("summary").click()
    own.locator("summary").click()
    page.get_by_role("link", name="Lịch hạn của tôi").click()
    expect(page.locator(".menu a[aria-current=page]")).to_have_count(1)
    expect(page.locator(".menu > .is-current")).to_have_count(1)


def test_what_can_be_done_goes_along_only_where_no_button_is_cut_in_two(chromium, address, office, clock):
    made = office.draft(clock.now())
    page = sit(chromium, address, "nv01", size={"width": 1280, "height": 900})
    page.goto(f"{address}/nominations/{made.nomination_id}")
    panel = page.locator("#actions")
    assert panel.evaluate("one => getComputedStyle(one).position") == "sticky"
    page.set_viewport_size({"width": 1280, "height": 600})
    assert panel.evaluate("one => getComputedStyle(one).position") == "static"
    assert panel.evaluate("one => one.scrollHeight - one.clientHeight") == 0


def test_what_lies_under_a_page_of_every_day_is_marked_as_its_own(chromium, address, office, clock):
    made = office.draft(clock.now())
    page = sit(chromium, address, "nv01", size=PHONE)
    current = page.locator(".site-header [aria-current]")
    expect(current).to_have_attribute("href", "/")
    page.goto(f"{address}/nominations/{made.nomination_id}")
    expect(current).to_have_attribute("href", "/nominations")
    expect(current).to_have_attribute("aria-current", "true")
    page.goto(f"{address}/nominations/new")
    expect(current).to_have_attribute("href", "/nominations/new")
    expect(current).to_have_attribute("aria-current", "page")


def test_a_form_keeps_its_words_when_the_language_is_chosen_in_the_menu(chromium, address, office):
    page = sit(chromium, address, "nv01", scripts=False, size=PHONE)
    page.goto(f"{address}/nominations/new")
    page.locator("#proposer").fill("Chi bộ Phòng 7")
    page.locator("main form button[type=submit]").last.click()
    speak(page, "en")
    expect(page.locator("#proposer")).to_have_value("Chi bộ Phòng 7")
