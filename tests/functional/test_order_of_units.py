"""Units come in the order in which people list them, wherever they are listed."""

import csv
import io
import re
from html import unescape

import pytest
from sqlalchemy.orm import Session

from tests.support.importing import Desk
from tests.support.interface import Interface
from tests.support.office import TOP
from tests.support.pages import browser, give_passwords
from workflow.clock import FixedClock

CODES = ("U-2", "U-10", "U-30", "U-31", "U-101")
NAMES = ("Khu vực 2", "Khu vực 10", "Phòng An", "Phòng Đông", "Phòng Em")


@pytest.fixture
def round_of_units(interface: Interface, session: Session, clock: FixedClock) -> str:
    """Open a round of five units that bytes would order otherwise, imported in another order still."""
    give_passwords(session)
    rows = [f"{code},{name},{TOP},2020-01-01" for code, name in zip(CODES, NAMES, strict=True)]
    text = "\n".join(["code,name,parent,valid_from", *rows[::-1]]) + "\n"
    Desk(session, clock.now()).take("org", text)
    session.commit()
    new = {"code": "R-1", "title": "Đợt", "year": 2026, "owner": TOP, "units": list(CODES)}
    made = interface.post("supervisor", "/rounds", {**new, "dates": {"unit_deadline": "2026-04-15"}})
    assert made.status_code == 201, made.text
    return "R-1"


def order(html: str) -> list[str]:
    """Return the names of the five in the order in which a page first shows each as a whole text."""
    found = re.findall(r">\s*(" + "|".join(NAMES) + r")\s*<", html)
    return list(dict.fromkeys(found))


def test_pages_lists_and_files_agree(interface: Interface, round_of_units: str, database, clock) -> None:
    supervisor = browser(database.sessions, clock)
    assert supervisor.sign_in("nv23@example.vn").status_code == 303
    for path in (f"/rounds/{round_of_units}", f"/rounds/{round_of_units}/board", "/rounds/new"):
        assert order(supervisor.open(path).get_data(as_text=True)) == list(NAMES), path
    sheet = supervisor.open(f"/rounds/{round_of_units}/board.csv").get_data(as_text=True)
    rows = list(csv.reader(io.StringIO(sheet.lstrip("\ufeff"))))
    assert list(dict.fromkeys(cell for row in rows for cell in row if cell in NAMES)) == list(NAMES)


def test_the_file_of_a_board_holds_what_its_page_shows(
    interface: Interface, round_of_units: str, database, clock
) -> None:
    supervisor = browser(database.sessions, clock)
    assert supervisor.sign_in("nv23@example.vn").status_code == 303
    page = supervisor.open(f"/rounds/{round_of_units}/board?only={CODES[1]},{CODES[3]}").text
    [link] = re.findall(r'href="([^"]*board\.csv[^"]*)"', page)
    sheet = supervisor.open(unescape(link)).text
    rows = list(csv.reader(io.StringIO(sheet.lstrip("\ufeff"))))
    assert list(dict.fromkeys(cell for row in rows for cell in row if cell in NAMES)) == [NAMES[1], NAMES[3]]


def test_the_api_pages_through_units_in_the_same_order(interface: Interface, round_of_units: str) -> None:
    found: list[str] = []
    path = "/units?limit=2"
    while path:
        answer = interface.get("supervisor", path).json
        found += [item["code"] for item in answer["items"]]
        path = answer["next"] and f"/units?limit=2&cursor={answer['next']}"
    assert [code for code in found if code in CODES] == list(CODES)
    assert len(found) == len(set(found))
    owed = interface.get("supervisor", f"/rounds/{round_of_units}/returns").json["items"]
    assert [one["unit"]["name"] for one in owed] == list(NAMES)
