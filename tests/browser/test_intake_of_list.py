"""A paper that a whole list brings is missing once, and there for each of its names when it has come."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from pydantic import SecretStr
from sqlalchemy import update
from sqlalchemy.orm import Session

from api.wsgi import create_app
from tests.conftest import Database
from tests.support.chromium import served, sit
from tests.support.lists import add_colleagues, compose, row
from tests.support.office import ROUND, Office
from tests.support.papers import minimal_pdf
from workflow.clock import FixedClock
from workflow.settings import Settings
from workflow.store.awards import AwardEdition

pytestmark = pytest.mark.browser


@pytest.fixture
def address(office: Office, database: Database, clock: FixedClock, tmp_path: Path) -> Iterator[str]:
    settings = Settings(secret_key=SecretStr("x" * 32), data_dir=tmp_path / "data")
    app = create_app(settings, sessions=database.sessions, clock=clock, wake=lambda: None)
    with served(app) as address:
        yield address


@pytest.fixture
def listed(session: Session, office: Office, clock: FixedClock) -> int:
    """Compose a list of two names; the list owes a paper, and so does each name."""
    session.execute(update(AwardEdition).values(papers=["proposal", "achievement_report"]))
    people = add_colleagues(session, 2)
    session.commit()
    [made] = compose(office, [row(one) for one in people], clock.now()).submissions
    return made.submission_id


def test_a_paper_of_a_list_is_missing_once_and_there_for_each_of_its_names(
    chromium: Browser, address: str, listed: int, tmp_path: Path
) -> None:
    scans = [tmp_path / f"quet {number}.pdf" for number in range(2)]
    for scan in scans:
        scan.write_bytes(minimal_pdf(scan.name))
    page = sit(chromium, address, "nv01")
    page.goto(f"{address}/rounds/{ROUND}/papers?submission={listed}")
    expect(page.locator("#intake-missing")).to_have_text("Còn thiếu 3 tài liệu.")
    expect(page.locator("#intake-drop")).to_be_visible()
    field = f"file-submission-{listed}-proposal"
    page.locator(f"#{field}").set_input_files(scans[0])
    page.locator("#intake-many").set_input_files(scans[1])
    place = page.locator("#intake-tray li select")
    of_a_name = place.locator("option[value*=nomination]").first.get_attribute("value")
    place.select_option(of_a_name)
    page.locator("[name=confirms_not_secret]").check()
    page.locator("form button[type=submit]", has_text="Gửi").last.click()
    expect(page.locator("#intake-said")).to_contain_text("Đã nhận 2 tài liệu")
    expect(page.locator(f'td[data-at="{field}"] .there')).to_have_count(2)
    expect(page.locator("#intake-missing")).to_have_text("Còn thiếu 1 tài liệu.")
