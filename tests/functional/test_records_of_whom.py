"""What a record leaves out for whom it is about, who stands in for them, and where they have left."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.absences import go_away
from tests.support.interface import Interface
from tests.support.office import AG, DT, PAPER
from tests.support.patience import PATIENCE
from tests.support.undoing import WINDOW, undoable
from workflow.domain.eligibility.facts import Fact, FactKind
from workflow.domain.vocabulary import Via
from workflow.imports.reading.columns import ImportKind
from workflow.imports.reading.sheet import read_sheet
from workflow.imports.run import take_sheet
from workflow.operations.people.facts import say_fact
from workflow.queries.people.record import own_record
from workflow.store.access import Account
from workflow.store.organisation import Person, Unit

_BLOCKED = text(
    "SELECT count(*) FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid))"
)


def is_person(session: Session, interface: Interface, part: str, code: str) -> None:
    person_id = session.scalar(select(Person.id).where(Person.code == code))
    session.execute(
        update(Account).where(Account.id == interface.office.ids[part]).values(person_id=person_id)
    )
    session.commit()


def record(interface: Interface, part: str, code: str = "NV04") -> Any:
    return interface.get(part, f"/people/{code}/record")


def decided(interface: Interface) -> None:
    """Have NV04 be given Lao động tiên tiến by the head of their unit."""
    office, now = interface.office, interface.clock.now()
    made = office.draft(now, award_code="LDTT")
    office.act("nominator", made.nomination_id, "submit", now)
    office.act("reviewer", made.nomination_id, "approve", now)
    office.act("unit_head", made.nomination_id, "approve", now, decision=PAPER)


def test_whom_it_is_about_reads_of_a_decision_when_it_cannot_be_undone(
    interface: Interface, session: Session, database: Database
) -> None:
    decided(interface)
    is_person(session, interface, "stranger", "NV04")
    now = interface.clock.now()
    actor = interface.office.actor("stranger", now)
    with undoable(database)() as reading:
        found = own_record(reading, actor=actor, now=now)
        assert found.awards == ()
        [grassroots] = [one for one in found.advice if one.award.code == "CSTDCS"]
        [same_year, *_] = grassroots.rules[0].alternatives
        assert same_year.verdict == "unknown", "as if it were still under way"
        later = now + WINDOW + timedelta(seconds=1)
        assert [one.award.code for one in own_record(reading, actor=actor, now=later).awards] == ["LDTT"]
    assert record(interface, "reviewer").json["awards"], "who works on it reads it at once"


def test_whom_it_is_about_is_not_told_who_asks(interface: Interface, session: Session) -> None:
    asked = interface.post("reviewer", "/people/NV04/questions", {"kind": "grade", "year": 2026})
    [question] = asked.json["questions"]
    is_person(session, interface, "stranger", "NV04")
    [own] = record(interface, "stranger").json["questions"]
    assert own == {**question, "asked_by": None}


def test_who_stands_in_for_somebody_says_nothing_of_them(interface: Interface, session: Session) -> None:
    office = interface.office
    go_away(office, interface.clock, "nominator", "secretary")
    interface.post("reviewer", "/people/NV01/questions", {"kind": "grade", "year": 2025})
    interface.post("reviewer", "/people/NV04/questions", {"kind": "grade", "year": 2025})
    said = {"kind": "grade", "year": 2025, "value": "excellent"}
    waiting = interface.get("secretary", "/facts/asked").json["items"]
    assert [one["person"]["code"] for one in waiting] == ["NV04"]
    assert interface.post("secretary", "/people/NV01/facts", said).status_code == 403
    assert record(interface, "secretary", "NV01").json["may_say"] is False
    assert interface.post("secretary", "/people/NV04/facts", said).status_code == 200


@pytest.mark.parametrize("is_closed", [False, True], ids=["open", "closed"])
def test_a_unit_that_somebody_left_reads_their_record_while_its_nomination_is_open(
    interface: Interface, session: Session, *, is_closed: bool
) -> None:
    if is_closed:
        decided(interface)
    else:
        interface.office.draft(interface.clock.now())
    there = select(Unit.id).where(Unit.code == DT).scalar_subquery()
    session.execute(update(Person).where(Person.code == "NV04").values(unit_id=there))
    session.commit()
    for part in ("nominator", "deputy"):
        assert record(interface, part).status_code == (404 if is_closed else 200), (part, AG)
    assert record(interface, "other_reviewer").status_code == 200
    assert record(interface, "admin").status_code == 200


def test_who_says_something_while_a_file_says_it_waits_and_is_the_later_one(
    interface: Interface, session: Session, database: Database
) -> None:
    now = interface.clock.now()
    sheet = read_sheet(b"person,year,grade\nNV04,2025,good\n", "facts.csv", ImportKind.FACTS)
    said = Fact(FactKind.GRADE, 2025, "excellent")
    actor = interface.office.actor("nominator", now)

    def say_meanwhile() -> None:
        with database.sessions() as other:
            say_fact(other, actor=actor, person_code="NV04", fact=said, via=Via.API, now=now)

    take_sheet(session, actor=None, kind=ImportKind.FACTS, sheet=sheet, via=Via.CLI, now=now)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(say_meanwhile)
        while not session.scalar(_BLOCKED):
            assert not waiting.done(), "it waits for the file"
        session.commit()
        waiting.result(timeout=PATIENCE)
    assert [one["value"] for one in record(interface, "reviewer").json["facts"]] == ["excellent", "good"]
