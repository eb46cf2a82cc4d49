"""The folded conditions on a phone: by keyboard alone, without a script, and in sight where there is room."""

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.support.chromium import DESK, STICKS_OUT, sit

pytestmark = pytest.mark.browser
PHONE: ViewportSize = {"width": 360, "height": 740}
TABS = 60


def tabbed_to(page: Page, place: str) -> None:
    """Go on by the tab key until a place has the focus."""
    for _ in range(TABS):
        page.keyboard.press("Tab")
        if page.locator(place).evaluate("one => one === document.activeElement"):
            return
    pytest.fail(f"{place} is not reached by the keyboard")


@pytest.mark.parametrize("scripts", [True, False])
def test_on_a_phone_the_conditions_unfold_and_are_sent_by_keyboard_alone(
    chromium: Browser, address: str, *, scripts: bool
) -> None:
    page = sit(chromium, address, "nv23", scripts=scripts, size=PHONE)
    page.goto(f"{address}/nominations")
    stage = page.locator("#filter-stage")
    expect(stage).to_be_hidden()
    tabbed_to(page, ".conditions > summary")
    page.keyboard.press("Enter")
    expect(stage).to_be_visible()
    assert page.evaluate(STICKS_OUT) == []
    page.keyboard.press("Tab")
    expect(stage).to_be_focused()
    page.keyboard.press("ArrowDown")
    tabbed_to(page, "form.filters button[type=submit]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/nominations?*stage=draft*")
    expect(page.locator(".conditions > summary")).to_have_text("Thêm điều kiện (1)")
    expect(stage).to_be_hidden()
    expect(stage).to_have_value("draft")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_wrong_condition_is_in_sight_with_what_is_wrong(
    chromium: Browser, address: str, *, scripts: bool
) -> None:
    page = sit(chromium, address, "nv24", scripts=scripts, size=PHONE)
    page.goto(f"{address}/audit?since=32/13/2026")
    expect(page.locator("#filter-since")).to_be_visible()
    expect(page.locator("#filter-since")).to_have_attribute("aria-invalid", "true")


def test_with_room_the_conditions_lie_in_sight_and_nothing_is_to_be_unfolded(
    chromium: Browser, address: str
) -> None:
    page = sit(chromium, address, "nv23", size=DESK)
    page.goto(f"{address}/nominations")
    expect(page.locator(".conditions > summary")).to_be_hidden()
    expect(page.locator("#filter-stage")).to_be_visible()
