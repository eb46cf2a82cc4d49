"""The page of every piece with the longest names: nothing sticks out or touches, axe finds nothing."""

import pytest

from tests.support.axe import unfold, violations
from tests.support.chromium import DESK, HALF_WORDS, PHONE, STICKS_OUT, TABLET, TOUCHES, sit, speak

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("locale", ["vi", "en"])
def test_every_piece_fits_a_phone_and_is_clean_in_light_and_dark(chromium, address, locale):
    page = sit(chromium, address, "nv01", scripts=True, size=DESK)
    speak(page, locale)
    page.goto(f"{address}/styleguide")
    unfold(page)
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found += [f"{scheme}: {what}" for what in violations(page)]
    for size in (PHONE, TABLET, DESK):
        page.set_viewport_size(size)
        found += [f"{size['width']} px: {what}" for what in page.evaluate(STICKS_OUT)]
        found += [f"{size['width']} px, touches: {what}" for what in page.evaluate(TOUCHES)]
        found += [f"{size['width']} px, half a word: {what}" for what in page.evaluate(HALF_WORDS)]
    assert found == []
