"""Between a unit and its council, in a real browser: a substitute, a cluster's head, an appraiser."""

import re
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect
from sqlalchemy.orm import Session

from api.wsgi import create_app
from tests.conftest import MONDAY, Database
from tests.support.absences import go_away
from tests.support.axe import violations
from tests.support.chromium import DESK, PHONE, STICKS_OUT, TABLET, press_by_key, served, sit, speak, watched
from tests.support.interface import settings_for_tests
from tests.support.office import Office
from tests.support.pages import give_passwords
from tests.support.yearly import collective_draft, complete, furnish_yearly
from workflow.clock import FixedClock
from workflow.store.nominations import Nomination

pytestmark = pytest.mark.browser
# Who acts, and what their button says in each language.
STEPS = (
    ("nv03", {"vi": "Nhất trí đề nghị", "en": "Endorse"}, "cluster_review"),
    ("nv13", {"vi": "Suy tôn, đề nghị", "en": "Put forward"}, "reception"),
    ("nv31", {"vi": "Tiếp nhận hồ sơ", "en": "Receive"}, "appraisal"),
    ("nv31", {"vi": "Trình Hội đồng", "en": "Send to the council"}, "council"),
)
IN_PLACE_OF = {"vi": "Xử lý thay reviewer NV02", "en": "As substitute for reviewer NV02"}
# Each language with and without scripts at each width, at a desk by keys too; two of these are for every run.
OFTEN = ("vi-360-plain-hand", "en-1280-scripts-hand")
PRESSES: dict[str, Callable[[Locator], None]] = {"hand": lambda one: one.click(), "keys": press_by_key}
WAYS = [
    pytest.param((language, scripts, size, press), id=way, marks=() if way in OFTEN else pytest.mark.deep)
    for language, scripts, size, press in product(("vi", "en"), (False, True), (PHONE, TABLET, DESK), PRESSES)
    for way in [f"{language}-{size['width']}-{'scripts' if scripts else 'plain'}-{press}"]
    if press == "hand" or size is DESK
]


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    """Have a collective's nomination wait for a unit's reviewer who is away, and a deputy in their place."""
    office = furnish_yearly(session, now=MONDAY)
    nomination_id = collective_draft(office, "CTDCP", MONDAY)
    complete(office, nomination_id, MONDAY)
    office.act("nominator", nomination_id, "submit", MONDAY)
    go_away(office, clock, "reviewer", "deputy")
    give_passwords(session)
    office.ids["file"] = nomination_id
    return office


@pytest.fixture
def address(office: Office, database: Database, clock: FixedClock, tmp_path: Path) -> Iterator[str]:
    app = create_app(settings_for_tests(tmp_path), sessions=database.sessions, clock=clock, wake=lambda: None)
    with served(app) as address:
        yield address


def sound(page: Page, *, scripts: bool) -> None:
    """Fail where something sticks out or is not for everybody; what looks for that is itself a script."""
    assert page.evaluate(STICKS_OUT) == []
    if scripts:
        assert violations(page) == []


@pytest.mark.parametrize("how", WAYS)
def test_a_substitute_a_cluster_head_and_an_appraiser_carry_a_collective_to_the_council(
    chromium: Browser, office: Office, address: str, how: tuple[str, bool, ViewportSize, str]
) -> None:
    language, scripts, size, press = how[0], how[1], how[2], PRESSES[how[3]]
    for code, label, state in STEPS:
        page = sit(chromium, address, code, scripts=scripts, size=size)
        speak(page, language)
        complaints = watched(page)
        # The list of one name, with the name under it.
        row = page.locator(".row-item").first
        if code == "nv03":
            expect(row).to_contain_text(IN_PLACE_OF[language])
        sound(page, scripts=scripts)
        press(row.locator(".row-more summary"))
        press(row.locator(f"a[href='/nominations/{office.ids['file']}']").first)
        move = page.locator("details.move", has=page.locator("form[action$='/actions/approve']"))
        expect(move.locator("summary")).to_contain_text(label[language])
        sound(page, scripts=scripts)
        press(move.locator("summary"))
        press(move.get_by_role("button", name=re.compile(re.escape(label[language]))))
        expect(page.get_by_role("status")).to_contain_text(label[language])
        sound(page, scripts=scripts)
        assert complaints == []
        # Who takes the next step may be the same person: they come in anew, by the bar.
        speak(page, "vi")
        page.context.close()
        office.session.expire_all()
        assert office.session.get_one(Nomination, office.ids["file"]).state == state
