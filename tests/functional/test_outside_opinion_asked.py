"""An outside office is asked by page and by program: the new date, why, and whose time it is."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from tests.functional.test_api_submissions import WORDS, compose
from tests.support.interface import Interface
from tests.support.lists import add_colleagues
from tests.support.office import Office
from tests.support.opinions import ASKED, OFFICE, publish_doubling
from tests.support.pages import Browser, form_of
from tests.support.waiting import submitted
from workflow.clock import FixedClock
from workflow.store.access import Account
from workflow.store.nominations import Nomination

REVIEWER, NOMINATOR = "nv02@example.vn", "nv01@example.vn"
SAID = {
    "vi": (
        "Ghi nhận đã lấy ý kiến cơ quan ngoài",
        "gấp đôi thời hạn 5 ngày của bước vì ngày 3/3/2026 đã lấy ý kiến của",
        "Đang tính thời gian của cơ quan được lấy ý kiến từ ngày 3/3/2026",
        "Ghi nhận ý kiến của cơ quan ngoài",
        "Hãy ghi tên cơ quan được lấy ý kiến.",
        "Đang chờ ý kiến cơ quan ngoài",
    ),
    "en": (
        "Record that an outside office was asked",
        "twice the 5 days of the step since the opinion of",
        "The time of the outside office has been running since 3 March 2026",
        "Record the answer of the outside office",
        "Name the office that is asked.",
        "Waiting for an outside opinion",
    ),
}


@pytest.mark.parametrize("locale", SAID)
def test_whoever_has_it_records_that_an_office_was_asked_and_its_answer(
    office: Office, desk: Callable[..., Browser], session: Session, clock: FixedClock, locale: str
) -> None:
    publish_doubling(office, clock)
    made = submitted(office, clock.now())
    session.execute(update(Account).values(locale=locale))
    session.commit()
    clock.advance(timedelta(days=1))
    asks, why, whose, came, missing, waits = SAID[locale]
    reviewer = desk(REVIEWER)
    reviewer.open(f"/nominations/{made}")
    assert asks in reviewer.text
    answer = reviewer.send("/actions/ask_opinion", {"comment": ASKED["comment"], "office": " "})
    assert answer.status_code == 422
    assert missing in answer.text
    assert form_of(answer, "/actions/ask_opinion")["comment"] == ASKED["comment"]
    reviewer.open(f"/nominations/{made}")
    assert reviewer.send("/actions/ask_opinion", ASKED).status_code == 303
    reviewer.follow()
    for words in (why, whose, OFFICE, ASKED["comment"], waits):
        assert words in reviewer.text
    assert 'action="/nominations/1/actions/ask_opinion"' not in reviewer.text
    reviewer.open("/")
    assert why in reviewer.text, "the inbox says it too"
    assert waits in reviewer.text
    reviewer.open(f"/nominations/{made}")
    assert reviewer.send("/actions/receive_opinion", {"comment": "Công văn số 34."}).status_code == 303
    reviewer.follow()
    assert whose not in reviewer.text
    assert waits not in reviewer.text
    for words in (came, why):
        assert words in reviewer.text


def test_a_step_that_doubles_nothing_offers_nothing(
    office: Office, desk: Callable[..., Browser], clock: FixedClock
) -> None:
    made = submitted(office, clock.now())
    reviewer = desk(REVIEWER)
    reviewer.open(f"/nominations/{made}")
    assert "ask_opinion" not in reviewer.text


def test_a_program_records_it_at_the_version_it_saw(interface: Interface, clock: FixedClock) -> None:
    publish_doubling(interface.office, clock)
    made = submitted(interface.office, clock.now())
    clock.advance(timedelta(days=2))
    path = f"/nominations/{made}"
    offered = {one["name"]: one for one in interface.get("reviewer", f"{path}/actions").json["items"]}
    asks = offered["ask_opinion"]
    assert (asks["is_open"], asks["needs_office"], asks["takes_day"]) == (True, True, True)
    assert not offered["receive_opinion"]["is_open"]
    body = {**ASKED, "occurred_on": "2026-03-03"}
    told = interface.act("reviewer", made, "ask_opinion", **body)
    assert told.status_code == 200
    assert told.json["due_at"].startswith("2026-03-16T10:00")
    assert told.json["clocks"]["party"] == "outside"
    because = told.json["due_explained"]["because"]
    assert (because["count"], because["doubled"]) == (
        10,
        {"count": 5, "office": OFFICE, "asked_on": "2026-03-03"},
    )
    again = interface.act("reviewer", made, "ask_opinion", **body)
    assert (again.status_code, again.json["reasons"][0]["code"]) == (409, "opinion_asked_already")
    [item] = interface.get("reviewer", "/inbox").json["items"]
    assert OFFICE in item["due_explained"]["text"]["vi"]
    assert item["awaits_opinion"]
    opinion = told.json["opinion"]
    assert (opinion["office"], opinion["came_at"]) == (OFFICE, None)
    last = interface.get("reviewer", f"{path}/events").json["items"][-1]
    assert (last["action"], last["office"], last["occurred_on"]) == ("ask_opinion", OFFICE, "2026-03-03")
    odd = interface.act("reviewer", made, "approve", office=OFFICE)
    assert (odd.status_code, odd.json["errors"][0]["field"]) == (422, "office")


def test_the_nominee_does_not_read_which_office_was_asked_about_them(
    interface: Interface, session: Session, clock: FixedClock
) -> None:
    publish_doubling(interface.office, clock)
    made = submitted(interface.office, clock.now())
    interface.act("reviewer", made, "ask_opinion", **ASKED)
    nominee = session.get_one(Nomination, made).person_id
    account = interface.office.ids["nominator"]
    session.execute(update(Account).where(Account.person_id == nominee).values(person_id=None))
    session.execute(update(Account).where(Account.id == account).values(person_id=nominee))
    session.commit()
    told = interface.get("nominator", f"/nominations/{made}")
    assert told.status_code == 200
    assert OFFICE not in told.text
    assert told.json["opinion"]["office"] == ""
    assert "an outside office was asked" in told.json["due_explained"]["text"]["en"]
    events = interface.get("nominator", f"/nominations/{made}/events")
    assert OFFICE not in events.text


def test_one_letter_asks_about_every_name_of_a_list(interface: Interface, clock: FixedClock) -> None:
    publish_doubling(interface.office, clock)
    paper = compose(interface, add_colleagues(interface.office.session, 3), **WORDS).json["submissions"][0]
    path = f"/submissions/{paper['id']}"

    def act(part: str, action: str, **body: str) -> dict[str, Any]:
        version = interface.get("reviewer", path).json["paper"]["version"]
        answer = interface.post(part, f"{path}/actions/{action}", body, headers={"If-Match": f'"v{version}"'})
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json
        return told

    act("nominator", "submit")
    offered = {one["name"]: one for one in interface.get("reviewer", path).json["actions"]}
    assert len(offered["ask_opinion"]["takes"]) == 3
    assert offered["ask_opinion"]["form"]["needs_office"]
    assert act("reviewer", "ask_opinion", **ASKED)["done"] == 3
    for item in interface.get("reviewer", "/inbox").json["items"]:
        assert item["due_at"].startswith("2026-03-16T10:00")
        assert item["awaits_opinion"]
    clock.advance(timedelta(days=3))
    assert act("reviewer", "receive_opinion", comment="Công văn số 34.")["done"] == 3
    assert "ask_opinion" not in {one["name"] for one in interface.get("reviewer", path).json["actions"]}
