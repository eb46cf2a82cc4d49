"""A round beyond the days off that are known says so: by the command line, the API and on the pages."""

import json
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from tests.functional.test_rounds import OPENING, run
from tests.support.importing import Desk
from tests.support.interface import Interface
from tests.support.office import AG, TOP
from tests.support.pages import browser, give_passwords
from workflow.clock import FixedClock

__all__ = ["run"]
FAR = ("open", "HS-2028", "--title", "x", "--year", "2028", "--owner", TOP, "--unit", AG)
UNKNOWN, ESTIMATED = "holidays_unknown_after", "holidays_estimated"


def test_the_command_line_notes_it_when_opening_and_when_extending(run) -> None:
    opened = run(*FAR, "--upper-deadline", "2028-03-31")
    assert opened.exit_code == 0, opened.output
    assert "Note: Holidays after 2027-12-31 are unknown" in opened.stdout
    assert "commendo import calendar" in opened.stdout
    near = run(
        "open", "HS-2027", "--title", "x", "--year", "2027", "--owner", TOP, "--unit", AG,
        "--date", "unit_deadline=2027-01-20", "--upper-deadline", "2027-03-31", "--json",
    )  # fmt: skip
    assert [one["code"] for one in json.loads(near.stdout)["warnings"]] == [ESTIMATED]
    moved = run("extend", "HS-2027", "--date", "upper_deadline=2028-02-11", "--reason", "Bão")
    assert "Note: Holidays after 2027-12-31 are unknown" in moved.stdout


def test_the_api_tells_it_of_the_round_its_proposal_and_its_extension(interface: Interface) -> None:
    far = {**OPENING, "code": "HS-2028", "year": 2028, "dates": {"upper_deadline": "2028-03-31"}}
    made = interface.post("supervisor", "/rounds", far)
    assert [one["code"] for one in made.json["warnings"]] == [UNKNOWN]
    near = {**OPENING, "code": "HS-2026", "dates": {"upper_deadline": "2026-06-30"}}
    assert interface.post("supervisor", "/rounds", near).json["warnings"] == []
    proposed = interface.get("supervisor", "/rounds/HS-2028/proposal").json
    assert [one["code"] for one in proposed["warnings"]] == [UNKNOWN]
    body = {"date": "upper_deadline", "day": "2027-02-26", "reason": "Bão"}
    moved = interface.post("supervisor", "/rounds/HS-2026/actions/extend", {**body, "preview": True})
    assert ESTIMATED in [one["code"] for one in moved.json["warnings"]], moved.text


@pytest.fixture
def page(interface: Interface, database, clock: FixedClock, session: Session):
    give_passwords(session)
    seated = browser(database.sessions, clock)
    assert seated.sign_in("nv23@example.vn").status_code == 303
    return seated


def test_the_pages_warn_before_and_after_opening_until_the_days_are_imported(
    page, interface: Interface, session: Session, clock: FixedClock
) -> None:
    page.open("/rounds/new")
    typed = {"code": "HS-2028", "title": "x", "year": "2028", "owner": TOP, "upper_deadline": "31/3/2028"}
    page.send("/rounds/new", {**typed, "what": "propose"})
    assert "Chưa biết ngày nghỉ lễ sau ngày 31/12/2027" in page.text
    assert 'value="20/01/2028"' in page.page.get_data(as_text=True)
    assert page.send("/rounds/new", {"what": "open"}).status_code == 303
    page.follow()
    assert "Chưa biết ngày nghỉ lễ sau ngày 31/12/2027" in page.text
    rows = "ngày,loại,tên,căn cứ\n26/01/2028,nghỉ,Tết Nguyên Đán,TB 1\n"
    Desk(session, clock.now() + timedelta(days=1)).take("calendar", rows)
    session.commit()
    page.open("/rounds/HS-2028")
    assert "Chưa biết ngày nghỉ lễ" not in page.text
