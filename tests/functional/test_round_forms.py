"""A button of a round pressed twice does it once: each form carries a key, and programs send one."""

import re
from collections import Counter

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.functional.test_rounds import MOVE, OPENING, PAPER
from tests.support.interface import Interface
from tests.support.office import AG, DT
from tests.support.pages import Browser, browser, form_of, give_passwords
from tests.support.rounds import NEXT
from workflow.clock import FixedClock
from workflow.domain.vocabulary import Via
from workflow.store.history import Event

PAGE = f"/rounds/{NEXT}"


@pytest.fixture
def people(interface: Interface, database: Database, clock: FixedClock, session: Session) -> list[Browser]:
    """Seat who runs the rounds and who heads a unit, each at a browser."""
    give_passwords(session)
    seated = [browser(database.sessions, clock) for _ in range(2)]
    for email, one in zip(("nv23@example.vn", "nv02@example.vn"), seated, strict=True):
        assert one.sign_in(email).status_code == 303
    return seated


def press_twice(seated: Browser, action: str, **changes: object) -> list[int]:
    """Send the page's form as it is with these changes, twice, and return both answers' codes."""
    assert seated.page is not None
    fields = form_of(seated.page, action)
    path = fields.pop("")
    sent = {**fields, **changes}
    return [seated.answer_to(path, sent).status_code for _ in range(2)]


def deeds(session: Session, via: Via) -> Counter[str]:
    """Count what was done that way to rounds and to what their units owe."""
    session.rollback()
    return Counter(
        session.scalars(
            select(Event.action).where(
                Event.via == via,
                Event.stream.startswith("round:") | Event.stream.startswith("expected_return:"),
            )
        )
    )


def test_a_button_of_a_page_pressed_twice_does_it_once(people: list[Browser], session: Session) -> None:
    office, unit = people
    office.open("/rounds/new")
    opening = {key: OPENING[key] for key in ("code", "title", "year", "owner")}
    days = {"unit_deadline": "2026-04-15", "upper_deadline": "2026-06-30"}
    opened = press_twice(office, "/rounds/new", **opening, **days, units=AG, what="open")
    office.open(PAGE)
    office.send(f"{PAGE}/extend", {"name": MOVE["date"], "day": MOVE["day"], "reason": MOVE["reason"]})
    extended = press_twice(office, f"{PAGE}/extend")
    office.open(f"{PAGE}/amend")
    amended = press_twice(office, f"{PAGE}/amend", title="Đợt xét được bổ sung", units=DT)
    assert "Đợt xét được bổ sung" in office.open(PAGE).get_data(as_text=True)
    unit.open(PAGE)
    answered = press_twice(unit, f"/returns/{AG}/answer", **PAPER)
    unit.open(PAGE)
    taken_back = press_twice(unit, f"/returns/{AG}/reopen")
    office.open(PAGE)
    closed = press_twice(office, f"{PAGE}/close")
    assert [opened, extended, amended, answered, taken_back, closed] == [[303, 303]] * 6
    # A day alone, without the minute; and a unit that is silent in a closed round did not answer.
    assert re.search(r"Đã đóng từ (thứ|chủ)", office.open(PAGE).get_data(as_text=True))
    assert "không nhắc đơn vị nào nữa" in office.open(f"{PAGE}/reach").get_data(as_text=True)
    office.open(PAGE)
    assert press_twice(office, f"{PAGE}/reopen") == [303, 303]
    assert "Đã đóng từ" not in office.open(PAGE).get_data(as_text=True)
    done = deeds(session, Via.WEB)
    assert done["reopen_round"] == 1
    assert {action: done[action] for action in ("open", "amend", "answer", "reopen", "close")} == {
        "open": 1,
        "amend": 1,
        "answer": 1,
        "reopen": 1,
        "close": 1,
    }
    assert done["extend"] == 2, "the round's and its one unit's"


def test_a_program_is_answered_again_under_its_key(interface: Interface, session: Session) -> None:
    assert interface.post("supervisor", "/rounds", OPENING).status_code == 201
    for number, (part, path, body) in enumerate(
        [
            ("unit_head", f"{PAGE}/returns/{AG}/answer", PAPER),
            ("unit_head", f"{PAGE}/returns/{AG}/reopen", {}),
            ("supervisor", f"{PAGE}/actions/amend", {"title": "Đợt xét được bổ sung", "units": [DT]}),
            ("supervisor", f"{PAGE}/actions/close", {}),
            ("supervisor", f"{PAGE}/actions/reopen", {}),
        ]
    ):
        key = {"Idempotency-Key": f"round-{number}"}
        first = interface.post(part, path, body, headers=key)
        again = interface.post(part, path, body, headers=key)
        assert (first.status_code, again.status_code) == (200, 200), again.text
        assert (again.json, again.headers["Idempotency-Replayed"]) == (first.json, "true")
    done = deeds(session, Via.API)
    assert (done["answer"], done["reopen"], done["amend"], done["close"]) == (1, 1, 1, 1)
    assert done["reopen_round"] == 1


def test_a_unit_that_would_join_too_late_is_refused_in_words(
    people: list[Browser], interface: Interface
) -> None:
    office, _ = people
    undated = {**OPENING, "code": "NODAY", "dates": {}}
    assert interface.post("supervisor", "/rounds", undated).status_code == 201
    office.open("/rounds/NODAY/amend")
    refused = office.send("/rounds/NODAY/amend", {"title": "Tên mới", "units": DT})
    assert refused.status_code == 422
    told = refused.get_data(as_text=True)
    assert "Hãy gia hạn đợt xét trước" in told
    assert 'value="Tên mới"' in told
    unknown = office.send("/rounds/NODAY/amend", {"units": "NIRGENDS"})
    assert unknown.status_code == 422
    assert "Hãy gia hạn đợt xét trước" not in unknown.get_data(as_text=True), "that is not what is wrong"
    untitled = office.send("/rounds/NODAY/amend", {"title": ""})
    assert (untitled.status_code, "Cần điền mục này" in untitled.get_data(as_text=True)) == (422, True)


def test_a_unit_that_joins_takes_nobodys_new_title_back(
    people: list[Browser], database: Database, clock: FixedClock
) -> None:
    office, other = people[0], browser(database.sessions, clock)
    assert other.sign_in("nv24@example.vn").status_code == 303
    office.open("/rounds/new")
    opening = {key: OPENING[key] for key in ("code", "title", "year", "owner")}
    days = {"unit_deadline": "2026-04-15", "upper_deadline": "2026-06-30"}
    sent = {**opening, **days, "units": AG, "what": "open"}
    assert office.send("/rounds/new", sent).status_code == 303
    office.open(f"{PAGE}/amend")
    other.open(f"{PAGE}/amend")
    assert office.send("/amend", {"title": "Đợt xét có tên mới"}).status_code == 303
    # Refused first: what the form showed when it was opened is known to the form that comes back.
    assert other.send("/amend", {"units": "NIRGENDS"}).status_code == 422
    assert other.send("/amend", {"units": DT}).status_code == 303
    page = other.open(PAGE).get_data(as_text=True)
    assert "Đợt xét có tên mới" in page
    assert DT in page
