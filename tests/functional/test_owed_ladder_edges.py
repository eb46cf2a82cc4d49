"""Which ladder reminds units of what they owe: chosen when a round is opened, on the page and by programs."""

import pytest
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.functional.test_rounds import OPENING
from tests.support.definitions import text_of
from tests.support.interface import Interface
from tests.support.office import AG
from tests.support.pages import Browser, browser, give_passwords
from tests.support.rounds import NEXT
from workflow.clock import FixedClock
from workflow.domain.vocabulary import Via
from workflow.operations.setup.publish import publish_definition

CHOICE = 'name="reminders"'


@pytest.fixture
def office(interface: Interface, database: Database, clock: FixedClock, session: Session) -> Browser:
    give_passwords(session)
    seated = browser(database.sessions, clock)
    assert seated.sign_in("nv23@example.vn").status_code == 303
    return seated


def publish(session: Session, clock: FixedClock) -> None:
    text = text_of("standard").replace("key: standard", "key: brief", 1)
    text = text.replace("Quy trình bình xét chung", "Quy trình rút gọn", 1) + "\nowed: {ladder: owed}\n"
    publish_definition(session, text=text, filename="d.yaml", actor=None, via=Via.CLI, now=clock.now())


def test_the_page_offers_the_routes_that_say_it_and_the_round_tells_which(
    office: Browser, session: Session, clock: FixedClock
) -> None:
    assert CHOICE not in office.open("/rounds/new").text
    publish(session, clock)
    page = office.open("/rounds/new").text
    assert CHOICE in page
    assert "Quy trình rút gọn" in page
    opening = {key: OPENING[key] for key in ("code", "title", "year", "owner")}
    days = {"unit_deadline": "2026-04-15", "upper_deadline": "2026-06-30"}
    answer = office.send("/rounds/new", opening | days | {"units": AG, "reminders": "brief", "what": "open"})
    assert answer.status_code == 303
    assert "Theo “Quy trình rút gọn”" in office.open(f"/rounds/{NEXT}").text


def test_a_choice_that_says_nothing_is_told_beside_it_and_nothing_is_lost(
    office: Browser, session: Session, clock: FixedClock
) -> None:
    publish(session, clock)
    office.open("/rounds/new")
    opening = {key: OPENING[key] for key in ("code", "title", "year", "owner")}
    answer = office.send("/rounds/new", opening | {"reminders": "standard", "what": "open"})
    assert answer.status_code == 422
    assert "Chọn một quy trình có lịch nhắc đơn vị nộp" in answer.text
    assert NEXT in answer.text


def test_programs_name_it_and_read_it(interface: Interface, session: Session, clock: FixedClock) -> None:
    refused = interface.post("supervisor", "/rounds", OPENING | {"reminders": "standard"})
    assert refused.status_code == 422
    assert refused.json["errors"][0]["field"] == "reminders"
    publish(session, clock)
    made = interface.post("supervisor", "/rounds", OPENING | {"reminders": "brief"})
    assert made.status_code == 201
    assert made.json["reminders"] == "brief@3"
