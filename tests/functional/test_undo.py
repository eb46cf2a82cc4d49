"""Undoing what was just decided: one button on the page of results and of a nomination, and over JSON."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.pages import Browser, browser
from tests.support.sector import FIRST, colleagues_of
from tests.support.undoing import WINDOW
from tests.support.unit_paper import Paper, waiting_paper
from workflow.clock import FixedClock

COLLEAGUES = colleagues_of(FIRST, 3)
HEAD = f"{FIRST}-TT"


@pytest.fixture
def paper(session: Session, database: Database, clock: FixedClock, tmp_path: Path) -> Paper:
    """Have a unit's list wait for its head, where decisions may be undone for ten minutes."""
    database.sessions.configure(info={**database.sessions.kw["info"], "undo_window": WINDOW})
    return waiting_paper(session, database, clock, tmp_path, COLLEAGUES)


@pytest.fixture
def head(paper: Paper, database: Database, clock: FixedClock) -> Browser:
    seated = browser(database.sessions, clock)
    assert seated.sign_in(f"{HEAD}@example.vn".lower()).status_code == 303
    return seated


def decided(paper: Paper, head: Browser) -> None:
    head.open(f"{paper.path}/decide")
    head.send("/decide")
    assert head.send("/decisions").status_code == 200, head.text


def test_all_names_just_decided_are_undone_with_one_press(paper: Paper, head: Browser) -> None:
    decided(paper, head)
    assert "Hoàn tác được đến" in head.text
    assert "Lấy lại những đề nghị" not in head.text, "nobody takes back what can be undone"
    assert head.send("/undo").status_code == 200
    assert "Đã xử lý 3 đề nghị." in head.text
    assert head.text.count("Hoàn tác →") == 3
    assert set(paper.states().values()) == {"unit_review"}
    assert "Còn 3 đề nghị chờ bạn" in head.text


def test_chosen_names_are_undone_and_one_that_somebody_has_begun_with_says_who(
    paper: Paper, head: Browser
) -> None:
    decided(paper, head)
    second, third = (paper.names[one] for one in COLLEAGUES[1:])
    assert paper.act("TD", "claim", nominations=[second]).json["done"] == 1
    head.send("/undo", {f"pick-{third}": ""})
    assert "Đã xử lý 1 đề nghị." in head.text
    assert "đã thay đổi hồ sơ lúc" in head.text
    assert [paper.states()[one] for one in COLLEAGUES] == ["unit_review", "reception", "reception"]


def test_after_the_time_the_page_offers_taking_back_and_a_late_press_says_what_to_do(
    paper: Paper, head: Browser, clock: FixedClock
) -> None:
    decided(paper, head)
    clock.advance(WINDOW)
    head.send("/undo")
    assert "Đã quá thời gian hoàn tác" in head.text
    assert set(paper.states().values()) == {"reception"}


def test_a_single_decision_is_undone_on_the_page_it_leads_to(paper: Paper, head: Browser) -> None:
    number = paper.names[COLLEAGUES[0]]
    head.open(f"/nominations/{number}")
    assert head.send("/actions/approve").status_code == 303
    head.open(f"/nominations/{number}")
    assert "Bạn hoàn tác được việc vừa làm đến" in head.text
    assert head.send("/actions/undo").status_code == 303
    head.open(f"/nominations/{number}")
    assert "Bạn hoàn tác được" not in head.text
    assert paper.states()[COLLEAGUES[0]] == "unit_review"
    assert "Hoàn tác" in head.text, "the history says so"


def test_programs_undo_one_nomination_or_a_whole_list(paper: Paper) -> None:
    assert paper.act(HEAD, "approve").json["done"] == 3
    answer = paper.act(HEAD, "undo").json
    assert (answer["done"], answer["refused"]) == (3, 0)
    assert {item["state"] for item in answer["items"]} == {"unit_review"}
    number = paper.names[COLLEAGUES[0]]
    seen = paper.sector.get(HEAD, f"/nominations/{number}")
    again = paper.sector.post(
        HEAD, f"/nominations/{number}/actions/undo", {}, headers={"If-Match": seen.headers["ETag"]}
    )
    assert again.status_code == 409
    assert [reason["code"] for reason in again.json["reasons"]] == ["undone_already"]
