"""Who has work in hand, since when and how long; and who leads takes it over, on a page and as a program."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from tests.integration.test_grants import REVIEWER
from tests.support.interface import Interface
from tests.support.pages import browser, give_passwords
from tests.support.waiting import submitted
from workflow.store.access import Grant

WHY = "Đồng chí ấy đi công tác đột xuất."


@pytest.fixture
def number(interface: Interface, session: Session) -> int:
    """Have somebody of the group take a nomination at the unit's review."""
    office = interface.office
    session.add(Grant(account_id=office.ids["stranger"], key=REVIEWER, valid_from=date(2020, 1, 1)))
    session.commit()
    session.info["claim_days"] = 3
    number = submitted(office, interface.clock.now())
    office.act("stranger", number, "claim", interface.clock.now())
    return number


def test_others_read_who_has_it_since_when_and_may_still_look(interface, number):
    holder = interface.get("nominator", f"/nominations/{number}").json["holder"]
    assert holder["assignee"]["id"] == interface.office.ids["stranger"]
    assert (holder["since"][:10], holder["until"]) == ("2026-03-02", "2026-03-05")


def test_a_program_takes_over_with_a_reason_and_not_twice(interface, number):
    bare = interface.act("unit_head", number, "take_over")
    assert (bare.status_code, [one["code"] for one in bare.json["reasons"]]) == (422, ["comment_missing"])
    taken = interface.act("unit_head", number, "take_over", comment=WHY)
    assert taken.json["holder"]["assignee"]["id"] == interface.office.ids["unit_head"]
    assert interface.act("unit_head", number, "take_over", comment=WHY).status_code == 409
    assert interface.act("stranger", number, "approve").status_code == 409


def test_a_page_shows_it_and_takes_over_in_one_press(interface, database, session, clock, number):
    give_passwords(session)
    head = browser(database.sessions, clock)
    head.sign_in("nv02@example.vn")
    page = head.open(f"/nominations/{number}")
    assert "nhận từ" in page.text
    assert "chưa xong thì hết thứ Năm, ngày 5/3/2026 việc tự trở lại nhóm" in page.text
    assert "Lấy việc về xử lý" in page.text
    answer = head.send(f"/nominations/{number}/actions/take_over", {"comment": WHY})
    assert answer.status_code == 303
    page = head.open(f"/nominations/{number}")
    assert WHY in page.text
    assert "Lấy việc về xử lý" in page.text, "in the history"
