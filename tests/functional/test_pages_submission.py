"""A list on its page: what all of its names lack is said once, in words, with what was typed still there."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.support.pages import Browser, browser, form_of
from tests.support.sector import FIRST, ROUND, colleagues_of
from tests.support.unit_paper import Paper, waiting_paper
from workflow.clock import FixedClock

PEOPLE = colleagues_of(FIRST, 3)


@pytest.fixture
def paper(session: Session, database, clock: FixedClock, tmp_path: Path) -> Paper:
    """Have a unit's list wait for its head."""
    return waiting_paper(session, database, clock, tmp_path, PEOPLE)


@pytest.fixture
def head(paper: Paper, database, clock: FixedClock) -> Browser:
    seated = browser(database.sessions, clock)
    assert seated.sign_in(f"{FIRST.lower()}-tt@example.vn").status_code == 303
    return seated


def test_a_return_without_a_reason_is_asked_for_one_and_then_carried_out(paper: Paper, head: Browser) -> None:
    head.open(paper.path)
    assert head.send("/review", {"what": "return@unit_review@annual"}).status_code == 200
    refused = head.send("/actions/return", {"comment": "Bổ sung minh chứng."})
    assert refused.status_code == 422
    assert "Hãy chọn một lý do." in head.text
    assert "Bổ sung minh chứng." in refused.get_data(as_text=True)
    done = head.send("/actions/return", {"reason_code": "dossier_incomplete"})
    assert (done.status_code, "Đã xử lý 1 đề nghị." in head.text) == (200, True)
    assert sorted(paper.states().values()) == ["draft", "unit_review", "unit_review"]


def test_nobody_ticked_and_an_action_that_is_gone_are_said_on_the_list(paper: Paper, head: Browser) -> None:
    head.open(paper.path)
    assert head.send("/review", {"what": "return@unit_review@annual", "names": ""}).status_code == 422
    assert "Hãy đánh dấu ít nhất một đề nghị." in head.text
    assert head.send("/review", {"what": "approve@council@annual"}).status_code == 422
    assert "Việc này không còn thực hiện được với danh sách" in head.text


def test_an_extension_that_cannot_be_made_says_so_in_vietnamese(
    paper: Paper, database, clock: FixedClock
) -> None:
    office = browser(database.sessions, clock)
    assert office.sign_in("gs@example.vn").status_code == 303
    page = office.open(f"/rounds/{ROUND}")
    # Which date moves is chosen by whoever moves it, and by no order of dates.
    assert form_of(page, "/extend")["name"] == ""
    unsaid = office.send("/extend", {"day": "24/4/2026", "reason": "Bão số 3"})
    assert unsaid.status_code == 422
    assert 'data-wrong="name"' in unsaid.get_data(as_text=True)
    assert form_of(unsaid, "/extend")["reason"] == "Bão số 3"
    assert (
        office.send("/extend", {"day": "2026-04-24", "name": "unit_deadline", "reason": ""}).status_code
        == 422
    )
    assert "Hãy nêu lý do gia hạn." in office.text
    move = {"day": "2026-07-03", "name": "unit_deadline", "reason": "Bão số 3"}
    assert office.send("/extend", move).status_code == 200
    assert "Ngày mới vượt quá hạn gửi cấp trên." in office.text
    assert "không còn theo thứ tự" in office.text
    office.open(f"/rounds/{ROUND}")
    move["day"] = "2026-04-15"
    assert office.send("/extend", move).status_code == 409
    assert "Thời hạn đã là" in office.text
