"""Annulling an award by the page and by the interface: the form, what it says after, and what it refuses."""

from datetime import datetime

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.interface import PAPER, Interface
from tests.support.pages import Browser, browser, give_passwords
from tests.support.undoing import WINDOW, undoable
from workflow.queries.people.own_status import own_statuses
from workflow.queries.people.record import own_record
from workflow.store.access import Account
from workflow.store.nominations import Nomination
from workflow.store.organisation import Person

EMAILS = {"head": "nv22@example.vn", "nominator": "nv01@example.vn"}
WORDS = {
    "decision_number": "200/QĐ-VKSTC",
    "decision_on": "2026-03-02",
    "decision_signer": "Nguyễn Minh Trí",
    "comment": "Kê khai thành tích không đúng.",
}
BY_JSON = {**PAPER, "number": "200/QĐ-VKSTC"}


@pytest.fixture
def awarded(interface: Interface) -> int:
    number = interface.drafted()
    for part, action in (("nominator", "submit"), ("reviewer", "approve"), ("secretary", "approve")):
        assert interface.act(part, number, action).status_code == 200
    assert interface.act("head", number, "approve", decision=PAPER).status_code == 200
    return number


def seated(session: Session, interface: Interface, database, part: str) -> Browser:
    give_passwords(session)
    one = browser(database.sessions, interface.clock)
    assert one.sign_in(EMAILS[part]).status_code == 303
    return one


def test_the_office_annuls_by_the_page_and_takes_it_back(
    interface: Interface, session: Session, database, awarded: int
) -> None:
    head, path = seated(session, interface, database, "head"), f"/nominations/{awarded}"
    head.open(path)
    assert "Hủy bỏ quyết định khen thưởng" in head.text
    assert head.send(f"{path}/actions/annul", {**WORDS, "decision_number": ""}).status_code == 422
    assert "Hãy nhập số quyết định" in head.text
    assert head.send(f"{path}/actions/annul", WORDS).status_code == 303
    head.follow()
    for words in (
        "Đã hủy bỏ quyết định",
        "Số 200/QĐ-VKSTC",
        "125/QĐ-VKSTC",
        "Kê khai thành tích không đúng.",
    ):
        assert words in head.text
    head.open("/people/NV04")
    assert "đã bị hủy bỏ, không tính" in head.text
    head.open("/nominations?stage=withdrawn")
    assert "Đặng Quốc Dũng" in head.text
    head.open(path)
    assert head.send(f"{path}/actions/reinstate", {"comment": "Ghi nhầm hồ sơ."}).status_code == 303
    session.expire_all()
    assert session.get_one(Nomination, awarded).stage == "approved"


def test_who_nominated_reads_that_it_was_annulled_and_has_no_button(
    interface: Interface, session: Session, database, awarded: int
) -> None:
    assert interface.act("head", awarded, "annul", decision=BY_JSON, comment="Sai.").status_code == 200
    reader, path = seated(session, interface, database, "nominator"), f"/nominations/{awarded}"
    reader.open(path)
    assert "Đã hủy bỏ quyết định" in reader.text
    assert "Thu lại việc hủy bỏ" not in reader.text


def test_a_program_annuls_once_and_is_told_why_not(interface: Interface, awarded: int) -> None:
    offered = {
        one["name"]: one for one in interface.get("head", f"/nominations/{awarded}/actions").json["items"]
    }
    assert (offered["annul"]["needs_decision"], offered["annul"]["comment_required"]) == (True, True)
    assert interface.act("nominator", awarded, "annul", decision=BY_JSON, comment="Sai.").status_code == 403
    assert interface.act("head", awarded, "annul", comment="Sai.").status_code == 422
    done = interface.act("head", awarded, "annul", decision=BY_JSON, comment="Sai.").json
    assert (done["state"], done["stage"], done["annulment"]["number"]) == (
        "annulled",
        "withdrawn",
        "200/QĐ-VKSTC",
    )
    assert done["decision"]["number"] == PAPER["number"]
    again = interface.act("head", awarded, "annul", decision=BY_JSON, comment="Sai.")
    assert (again.status_code, again.json["reasons"][0]["code"]) == (409, "annulled_already")
    [award] = interface.get("head", "/people/NV04/record").json["awards"]
    assert award["is_annulled"] is True
    events = interface.get("head", f"/nominations/{awarded}/events").json["items"]
    assert [one["action"] for one in events][-2:] == ["approve", "annul"]


def test_whom_it_is_about_reads_of_an_annulment_when_it_cannot_be_taken_back_unseen(
    interface: Interface, session: Session, database: Database, awarded: int
) -> None:
    dung = session.scalar(select(Person.id).where(Person.code == "NV04"))
    reads = Account.id == interface.office.ids["stranger"]
    session.execute(update(Account).where(reads).values(person_id=dung))
    session.commit()
    interface.clock.advance(WINDOW)
    assert interface.act("head", awarded, "annul", decision=BY_JSON, comment="Sai.").status_code == 200
    now = interface.clock.now()
    actor = interface.office.actor("stranger", now)

    with undoable(database)() as theirs:

        def told(at: datetime) -> tuple[list[bool], list[str]]:
            record = own_record(theirs, actor=actor, now=at)
            stands = [one.stands.vi for one in own_statuses(theirs, actor=actor, now=at) if one.stands]
            return [one.is_annulled for one in record.awards], stands

        before, after = told(now), told(now + WINDOW)
    assert before == ([False], ["Đã có quyết định"]), "as its letter waits so long"
    assert after == ([True], ["Đã hủy bỏ quyết định"])
    [seen] = interface.get("head", "/people/NV04/record").json["awards"]
    assert seen["is_annulled"] is True, "who works on it reads it at once"
