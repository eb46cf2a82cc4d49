"""A fact that is missing is asked of the unit by name in one press, with a day, and answered by saying it."""

from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tests.support.importing import Desk
from tests.support.interface import Interface
from tests.support.office import AG, DT
from tests.support.pages import BASE, forms_of
from workflow.queries.history.audit import verify_chains
from workflow.store.access import Account
from workflow.store.history import Event
from workflow.store.organisation import Person, Unit
from workflow.store.records import FactQuestion

GRADE = {"kind": "grade", "year": 2026}


@pytest.fixture
def council_sees(interface: Interface) -> None:
    """Have a nomination of NV04 reach the council, whose secretary then sees the person."""
    now = interface.clock.now()
    made = interface.office.draft(now)
    interface.office.act("nominator", made.nomination_id, "submit", now)
    interface.office.act("reviewer", made.nomination_id, "approve", now)


def ask(interface: Interface, part: str, **said: Any) -> Any:
    return interface.post(part, "/people/NV04/questions", {**GRADE, **said})


def asked_of(interface: Interface, part: str) -> list[tuple[str, str, int, str]]:
    found = interface.get(part, "/facts/asked").json["items"]
    return [(one["person"]["code"], one["kind"], one["year"], one["due_on"]) for one in found]


@pytest.mark.usefixtures("council_sees")
def test_a_question_waits_for_the_unit_until_the_fact_is_said(interface: Interface, session: Session) -> None:
    found = ask(interface, "secretary").json["questions"]
    # Five working days from Monday, the second of March.
    assert [(one["kind"], one["due_on"], one["asked_by"]) for one in found] == [
        ("grade", "2026-03-09", "secretary NV21")
    ]
    # Asked twice, by whomever and until whenever, it is one question with its first day.
    assert ask(interface, "reviewer", due_on="2026-04-01").json["questions"] == found
    for part in ("nominator", "reviewer", "deputy"):
        assert asked_of(interface, part) == [("NV04", "grade", 2026, "2026-03-09")]
    for part in ("secretary", "other_reviewer", "stranger", "supervisor"):
        assert asked_of(interface, part) == []
    said = interface.post("nominator", "/people/NV04/facts", {**GRADE, "value": "good"})
    assert said.json["questions"] == []
    assert asked_of(interface, "reviewer") == []
    known = ask(interface, "secretary")
    assert (known.status_code, known.json["reasons"][0]["code"]) == (409, "fact_known")
    actions = (
        select(Event.action, func.count()).where(Event.stream.startswith("person:")).group_by(Event.action)
    )
    assert {row.action: row[1] for row in session.execute(actions)} == {"ask_fact": 1, "say_fact": 1}
    assert verify_chains(session).problems == ()


def test_a_file_answers_and_taking_it_back_asks_again(interface: Interface, session: Session) -> None:
    ask(interface, "reviewer")
    ask(interface, "reviewer", kind="recruited")
    desk = Desk(session, interface.clock.now())
    desk.take("facts", "person,year,grade,recruited_on\nNV04,2026,good,2019-09-01\nNV05,2026,good,\n")
    assert asked_of(interface, "nominator") == []
    desk.undo()
    assert len(asked_of(interface, "nominator")) == 2


def test_who_moves_takes_their_questions_along(interface: Interface, session: Session) -> None:
    ask(interface, "reviewer")
    there = select(Unit.id).where(Unit.code == DT).scalar_subquery()
    session.execute(update(Person).where(Person.code == "NV04").values(unit_id=there))
    session.commit()
    assert asked_of(interface, "nominator") == []
    assert len(asked_of(interface, "other_nominator")) == 1


def test_what_cannot_be_asked_is_refused(interface: Interface, session: Session) -> None:
    for part, status in (("stranger", 404), ("other_reviewer", 404), ("secretary", 404)):
        assert ask(interface, part).status_code == status
    for wrong, field in (({"year": 2027}, "year"), ({"due_on": "2026-03-01"}, "due_on")):
        refused = ask(interface, "reviewer", **wrong)
        assert (refused.status_code, refused.json["errors"][0]["field"]) == (422, field)
    person_id = session.scalar(select(Person.id).where(Person.code == "NV04"))
    session.execute(
        update(Account).where(Account.id == interface.office.ids["nominator"]).values(person_id=person_id)
    )
    session.commit()
    refused = ask(interface, "nominator")
    assert (refused.status_code, refused.json["reasons"][0]["code"]) == (403, "not_yours_to_ask")
    ask(interface, "reviewer")
    # What is asked of oneself is for others to say.
    assert asked_of(interface, "nominator") == []
    assert len(asked_of(interface, "deputy")) == 1


def test_at_a_desk(desk: Any, session: Session, clock: Any) -> None:
    importing = Desk(session, clock.now())
    importing.take("people", f"code,name,unit\nNV61,Nguyễn Huy Tiến,{AG}\n")
    importing.take(
        "history",
        "year,award,person,unit,number\n"
        + "".join(f"{year},CSTDCS,NV61,{AG},{year}/QĐ\n" for year in (2023, 2024, 2025)),
    )
    reviewer = desk("nv02@example.vn")
    assert 'href="/people/NV61"' in reviewer.open("/people?q=nguyen+huy+tien").get_data(as_text=True)
    page = reviewer.open("/people/NV61").get_data(as_text=True)
    for words in (
        "2023/QĐ",
        "2024/QĐ",
        "2025/QĐ",
        "Đã đạt các năm 2023, 2024, 2025",
        "Sáng kiến, đề tài, năm 2026",
    ):
        assert words in page
    form = next(
        one
        for one in forms_of(reviewer.page, "/people/NV61/questions")
        if (one["kind"], one["year"]) == ("grade", "2026")
    )
    sent = reviewer.client.post(form.pop(""), data=form, base_url=BASE)
    assert sent.status_code == 303
    shown = reviewer.open("/people/NV61").get_data(as_text=True)
    assert "đã hỏi, hạn" in shown
    nominator = desk("nv01@example.vn")
    nominator.open("/")
    assert "Nguyễn Huy Tiến: Xếp loại năm 2026" in nominator.text
    assert "Nguyễn Huy Tiến" in nominator.open("/facts/asked").get_data(as_text=True)
    nominator.open("/people/NV61/facts/grade?year=2026")
    assert nominator.send("/facts/grade", {"year": "2026", "value": "excellent"}).status_code == 303
    assert "Nguyễn Huy Tiến" not in nominator.open("/").get_data(as_text=True)
    assert session.scalar(select(func.count()).where(FactQuestion.answered_at.is_(None))) == 0
    assert "hoàn thành xuất sắc nhiệm vụ" in reviewer.open("/people/NV61").get_data(as_text=True)
