"""The page of every piece with the longest names: nothing sticks out, axe finds nothing in either theme."""

import pytest
from playwright.sync_api import ViewportSize

from tests.support.axe import violations
from tests.support.chromium import DESK, PHONE, STICKS_OUT, sit, speak

pytestmark = pytest.mark.browser
TABLET: ViewportSize = {"width": 768, "height": 900}


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_every_piece_fits_a_phone_and_is_clean_in_light_and_dark(chromium, address, locale):
    page = sit(chromium, address, "nv01", scripts=True, size=DESK)
    speak(page, locale)
    page.goto(f"{address}/styleguide")
    page.locator("main details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += [f"{scheme}: {what}" for what in violations(page)]
    for size in (PHONE, TABLET, DESK):
        page.set_viewport_size(size)
        found += [f"{size['width']} px: {what}" for what in page.evaluate(STICKS_OUT)]
    assert found == []
