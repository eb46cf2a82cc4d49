"""What changed since somebody looked: on a screen that is out of date, and over JSON."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from api.wsgi import create_app
from tests.conftest import Database
from tests.support.interface import DRAFT, Interface, settings_for_tests
from tests.support.office import furnish
from tests.support.pages import Browser, browser, give_passwords
from tests.support.papers import sent
from workflow.clock import FixedClock


@pytest.fixture
def desk(session: Session, database: Database, clock: FixedClock, tmp_path: Any) -> Interface:
    office = furnish(session, now=clock.now())
    give_passwords(session)
    app = create_app(settings_for_tests(tmp_path), sessions=database.sessions, clock=clock, wake=lambda: None)
    return Interface(app, office, clock)


@pytest.fixture
def number(desk: Interface) -> int:
    made = desk.post("nominator", "/nominations", DRAFT)
    assert made.status_code == 201, made.text
    return int(made.json["id"])


def diff(desk: Interface, part: str, number: int, since: int) -> Any:
    return desk.get(part, f"/nominations/{number}/diff", query_string={"since": since})


def test_a_program_learns_what_was_done_which_papers_came_and_where_it_stands(
    desk: Interface, number: int
) -> None:
    filed = sent(
        desk, "nominator", f"/nominations/{number}/attachments", kind="achievement_report", name="a.pdf"
    )
    assert filed.status_code == 201, filed.text
    desk.act("nominator", number, "submit")
    desk.act("reviewer", number, "hold", comment="Có đơn thư.")
    found = diff(desk, "reviewer", number, 1).json
    assert (found["since"]["seq"], found["since"]["version"], found["since"]["state"]) == (1, 1, "draft")
    assert (found["now"]["version"], found["now"]["state"]) == (4, "unit_review")
    assert [change["action"] for change in found["changes"]] == ["attach", "submit", "hold"]
    assert found["facts"] == [{"name": "is_held", "before": False, "after": True}]
    papers = desk.get("reviewer", f"/nominations/{number}/attachments").json["items"]
    assert [paper["sha256"] for paper in found["papers"]] == [paper["sha256"] for paper in papers]
    assert papers[0]["sha256"]
    newest = found["now"]["seq"]
    nothing = diff(desk, "reviewer", number, newest).json
    assert (nothing["changes"], nothing["facts"], nothing["papers"]) == ([], [], [])


@pytest.mark.parametrize("since", [0, 2, 10**9, -1])
def test_an_entry_that_is_none_is_refused_by_its_name(desk: Interface, number: int, since: int) -> None:
    refused = diff(desk, "nominator", number, since)
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json["errors"]] == ["since"]


def test_it_is_seen_by_whoever_sees_the_history_and_the_nominee_learns_no_names(
    desk: Interface, number: int
) -> None:
    assert diff(desk, "other_nominator", number, 1).status_code == 404
    own = desk.post("nominator", "/nominations", DRAFT | {"person": "NV01"}).json["id"]
    desk.act("nominator", own, "submit")
    desk.act("reviewer", own, "approve")
    told = diff(desk, "nominator", own, 2).json["changes"]
    events = desk.get("nominator", f"/nominations/{own}/events").json["items"]
    assert told == events[2:]
    assert told[0]["actor"] is None


@pytest.fixture
def slow(database: Database, clock: FixedClock, desk: Interface, number: int) -> Browser:
    """Have a second reviewer look at what waits for the seat, and then be slow."""
    desk.act("nominator", number, "submit")
    seated = browser(database.sessions, clock)
    assert seated.sign_in("nv02@example.vn").status_code == 303
    assert seated.open(f"/nominations/{number}").status_code == 200
    return seated


def test_a_screen_that_is_out_of_date_shows_who_did_what_and_keeps_what_was_typed(
    desk: Interface, number: int, slow: Browser
) -> None:
    desk.act("reviewer", number, "approve", comment="Đủ điều kiện.")
    late = slow.send("/actions/return", {"comment": "Thiếu biên bản.", "reason_code": "dossier_incomplete"})
    assert late.status_code == 409
    for words in (
        "đã thực hiện “Nhất trí đề nghị”",
        "Khâu: Bình xét tại đơn vị → ",
        "Thiếu biên bản.",
        "Đủ điều kiện.",
    ):
        assert words in slow.text
    assert "chưa được thực hiện" in slow.text


def test_a_closed_file_says_the_same(desk: Interface, number: int, slow: Browser) -> None:
    desk.act("nominator", number, "withdraw")
    late = slow.send("/actions/return", {"comment": "Thiếu biên bản.", "reason_code": "dossier_incomplete"})
    assert late.status_code == 409
    assert "đã thực hiện “Rút đề nghị”" in slow.text
    assert "Thiếu biên bản." in slow.text


def test_a_version_that_never_was_is_no_error_page(desk: Interface, number: int, slow: Browser) -> None:
    late = slow.send("/actions/return", {"version": "77", "comment": "x", "reason_code": "other"})
    assert late.status_code == 409
    assert "chưa được thực hiện" in slow.text
