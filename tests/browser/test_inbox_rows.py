"""Work to do on a phone: two lines for each thing, tabs in one line that scrolls, the rest one press away."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.support.axe import violations
from tests.support.chromium import PHONE, POINTS_END, STICKS_OUT, sit, speak
from tests.support.waiting import submitted

pytestmark = pytest.mark.browser
# Two lines, each of which may turn once; it was 190 to 230.
HIGHEST = 100
ONE_LINE = 60
SAID = {
    "vi": ("Việc khác: Lý Thị Cúc", "Nhắc lại sau: Lý Thị Cúc", "Nhận xử lý: Lý Thị Cúc", "Nhắc lại sau"),
    "en": (
        "Other actions: Lý Thị Cúc",
        "Set aside: Lý Thị Cúc",
        "Take it on: Lý Thị Cúc",
        "Set aside",
    ),
}


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_a_thing_to_do_is_two_lines_on_a_phone_and_what_is_rare_is_one_press_away(
    chromium, address, office, clock, locale
):  # fmt: skip
    for person in ("NV03", "NV04", "NV05"):
        submitted(office, clock.now(), person=person)
    clock.advance(timedelta(hours=1))
    other, aside, claim, tab = SAID[locale]
    page = sit(chromium, address, "nv02", size=PHONE)
    speak(page, locale)
    rows = page.locator(".row-two")
    assert rows.count() == 3
    assert max(row.bounding_box()["height"] for row in rows.all()) <= HIGHEST
    assert page.locator(".tabs").bounding_box()["height"] <= ONE_LINE
    expect(page.locator("button:visible", has_text=claim)).to_have_count(0)
    page.locator("summary", has_text=other).press("Enter")
    expect(page.locator("a", has_text=aside)).to_be_visible()
    expect(page.locator("button:visible", has_text=claim)).to_have_count(1)

    last = page.locator(".tabs a", has_text=tab)
    assert last.bounding_box()["x"] > PHONE["width"], "it lies beyond the edge until somebody goes there"
    last.focus()
    assert last.bounding_box()["x"] + last.bounding_box()["width"] <= PHONE["width"]
    assert page.evaluate(STICKS_OUT) == []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert violations(page) == []

    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(address)
    expect(page.locator("button:visible", has_text=claim)).to_have_count(1)
    assert page.evaluate(STICKS_OUT) == []


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_no_line_ends_by_the_point_that_leads_to_what_follows(
    chromium, address, office, clock, locale
):  # fmt: skip
    nomination_id = submitted(office, clock.now(), person="NV03")
    page = sit(chromium, address, "nv02", size=PHONE)
    speak(page, locale)
    for path in ("/", f"/nominations/{nomination_id}", "/nominations", "/rounds", "/people"):
        page.goto(address + path)
        for width in range(320, 480, 8):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate(POINTS_END) == [], f"{path} at {width} px"
