"""A round has the dates and asks the units that somebody gave, whichever edge it was opened at."""

import json

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.functional.test_rounds import OPENING, run
from tests.support.interface import Interface
from tests.support.office import AG, DT, TOP
from tests.support.pages import Browser, browser, give_passwords
from tests.support.rounds import returns_of
from workflow.clock import FixedClock
from workflow.store.awards import Round

__all__ = ["run"]
UPPER = {"upper_deadline": "2026-06-30"}
BODY = {key: OPENING[key] for key in ("code", "title", "year", "owner")}
CODE = str(BODY["code"])


@pytest.fixture
def office(interface: Interface, database, clock: FixedClock, session: Session) -> Browser:
    give_passwords(session)
    seated = browser(database.sessions, clock)
    assert seated.sign_in("nv23@example.vn").status_code == 303
    seated.open("/rounds/new")
    return seated


def stored(session: Session) -> tuple[dict[str, object], list[str]]:
    """Return the dates of the round as it is stored, and the units that owe it a paper."""
    session.rollback()
    dates = session.scalar(select(Round.dates).where(Round.code == CODE))
    return dict(dates or {}), sorted(returns_of(session, CODE))


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({**BODY, "dates": UPPER}, []),
        ({**BODY, "dates": UPPER, "units": [AG]}, []),
        ({**BODY, "dates": {"unit_deadline": "2026-04-15"}}, []),
        ({**BODY, "dates": {"unit_deadline": "2026-04-15"}, "units": [AG]}, [AG]),
        ({**BODY, "dates": {"unit_deadline": "2026-04-15"}, "all_units": True}, [AG, DT]),
        (BODY, []),
    ],
)
@pytest.mark.parametrize("edge", ["api", "page"])
def test_nothing_is_set_and_nobody_asked_that_was_not_named(
    interface: Interface, office: Browser, session: Session, *, edge: str, given, asked: list[str]
) -> None:
    if edge == "api":
        assert interface.post("supervisor", "/rounds", given).status_code == 201
    else:
        typed = {**given, **given.get("dates", {}), "what": "open"}
        typed.pop("dates", None)
        typed.update({"all_units": "1"} if typed.pop("all_units", False) else {})
        assert office.send("/rounds/new", typed).status_code == 303, office.text
        said = "các đơn vị phải nộp sẽ nhận thư" if asked else "chưa đơn vị nào được yêu cầu nộp"
        office.follow()
        assert said in office.text
    assert stored(session) == (given.get("dates", {}), asked)


def test_the_page_proposes_dates_as_fields_and_opens_with_those_that_are_left(
    office: Browser, session: Session
) -> None:
    office.send("/rounds/new", {**BODY, **UPPER, "what": "propose"})
    html = office.page.get_data(as_text=True)
    assert 'value="15/04/2026"' in html
    assert stored(session) == ({}, [])
    office.send("/rounds/new", {"what": "open", "cluster_deadline": "", "reception_deadline": ""})
    dates, asked = stored(session)
    assert set(dates) == {
        "unit_deadline", "appraisal_deadline", "council_date", "decision_date", "upper_deadline",
    }  # fmt: skip
    assert asked == []


def test_a_program_may_ask_for_the_proposal_and_for_all_units(interface: Interface, session: Session) -> None:
    made = interface.post("supervisor", "/rounds", OPENING)
    assert made.json["dates"]["unit_deadline"] == "2026-04-15"
    assert stored(session)[1] == [AG, DT]
    null = interface.post("supervisor", "/rounds", {**BODY, "code": "X", "units": None})
    assert null.status_code in {400, 422}


def test_the_command_line_keeps_to_the_same(run, session: Session) -> None:
    words = ("open", CODE, "--title", "x", "--year", "2026", "--owner", TOP)
    told = run(*words, "--date", "unit_deadline=2026-04-15", "--unit", DT, "--json")
    assert json.loads(told.stdout)["returns"] == 1
    assert stored(session) == ({"unit_deadline": "2026-04-15"}, [DT])


def test_a_round_like_one_that_asked_nobody_asks_nobody(interface: Interface, session: Session) -> None:
    interface.post("supervisor", "/rounds", {**BODY, "dates": {"unit_deadline": "2026-04-15"}})
    found = interface.get("supervisor", f"/rounds/{CODE}/proposal").json["round"]
    assert found["units"] == []
