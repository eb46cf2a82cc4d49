"""Back, forward and reload around a refused form: what was typed is there, and no form is asked for again."""

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from tests.support.chromium import PHONE, STICKS_OUT, sit, watched
from tests.support.office import Office
from tests.support.waiting import submitted
from workflow.clock import FixedClock

pytestmark = pytest.mark.browser
WORDS = "Bổ sung biên bản họp xét."
REFUSED = 422


def is_found(page: Page, answer: Response | None, status: int = REFUSED) -> bool:
    """Tell whether a page was asked for by its address alone, and has the words that were refused."""
    assert answer is not None
    assert (answer.request.method, answer.status) == ("GET", status)
    return page.input_value("#move-return-comment") == WORDS


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_what_was_typed_into_a_refused_form_is_found_again_however_one_comes_back(
    chromium: Browser, address: str, office: Office, clock: FixedClock, *, scripts: bool
) -> None:
    nomination_id = submitted(office, clock.now())
    page = sit(chromium, address, "nv02", size=PHONE, scripts=scripts)
    complaints = watched(page)
    page.goto(f"{address}/nominations/{nomination_id}")
    form = page.locator("details.move", has=page.locator("#move-return-comment"))
    form.locator("summary").click()
    page.fill("#move-return-comment", WORDS)
    form.locator("button[type=submit]").click()
    page.locator("#move-return-reason[aria-invalid]").wait_for()
    refused = page.url
    # It is opened where something is wrong: of a long page the top tells nobody that it was refused.
    expect(page.locator("#move-return-reason")).to_be_focused()
    expect(page.locator("#move-return-reason")).to_be_in_viewport()
    # Nothing that comes later stands above it, and pushes it out of sight.
    assert page.evaluate(
        "() => document.querySelector('.moves').offsetTop < document.querySelector('.dossier').offsetTop"
    )

    assert is_found(page, page.reload())
    page.goto(f"{address}/rounds")
    assert is_found(page, page.go_back())
    page.go_back()
    assert page.url == f"{address}/nominations/{nomination_id}"
    assert is_found(page, page.go_forward())
    assert page.url == refused
    assert page.evaluate(STICKS_OUT) == []

    page.select_option("#move-return-reason", "dossier_incomplete")
    form.locator("button[type=submit]").click()
    expect(page.get_by_role("status").first).to_be_visible()
    assert page.url == f"{address}/nominations/{nomination_id}"
    # On the way back it is not said to be wrong any more: that leads to how things stand now.
    answer = page.go_back()
    assert answer is not None
    assert (answer.request.method, answer.status) == ("GET", 200)
    assert page.url == f"{address}/nominations/{nomination_id}"
    assert [one for one in complaints if "Failed to load resource" not in one] == []


def test_where_no_field_is_wrong_the_page_is_opened_at_what_is_said(
    chromium: Browser, address: str, office: Office, clock: FixedClock
) -> None:
    nomination_id = submitted(office, clock.now())
    page = sit(chromium, address, "nv02", size=PHONE)
    page.goto(f"{address}/nominations/{nomination_id}")
    office.act("reviewer", nomination_id, "hold", clock.now(), comment="Có đơn thư.")
    form = page.locator("details.move", has=page.locator("#move-return-comment"))
    form.locator("summary").click()
    page.fill("#move-return-comment", WORDS)
    form.locator("button[type=submit]").click()
    said = page.locator("[role=alert]").first
    expect(said).to_be_focused()
    expect(said).to_be_in_viewport()
