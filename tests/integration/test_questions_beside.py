"""A question beside what else happens to a nomination: absences, another calendar, the sentinel."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.integration.test_actions import open_work, submitted
from tests.integration.test_questions import ANSWER, ASKED, open_visit, step_work
from tests.support.absences import go_away, staffed, waits
from tests.support.office import Office
from tests.support.recount import BEFORE, count_anew, import_days
from tests.support.waiting import events, is_chained
from tests.support.yearly import collective_draft
from workflow.clock import FixedClock
from workflow.domain.vocabulary import NoticeKind, WorkKind
from workflow.operations.deadlines.emptied_seats import tell_of_emptied_seats
from workflow.operations.obstacles.look import find_obstacles
from workflow.store.mail import Outbox


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return staffed(session, clock)


def of_empty_seats(session: Session, number: int) -> list[int]:
    session.rollback()
    found = select(Outbox.account_id).where(
        Outbox.nomination_id == number, Outbox.notice == NoticeKind.SEAT_EMPTY
    )
    return list(session.scalars(found))


def test_a_substitute_of_who_nominates_has_the_question_and_answers_it(
    office: Office, session: Session, clock: FixedClock
) -> None:
    number = submitted(office, clock)
    office.act("reviewer", number, "request_info", clock.now(), **ASKED)
    go_away(office, clock, "nominator", "deputy")
    assert [one[0] for one in waits(office, "deputy", clock)] == [number]
    office.act("deputy", number, "answer_info", clock.now(), **ANSWER)
    said = events(session, number)[-1]
    assert (said.action, said.data.get("taken_back")) == ("answer_info", None)
    assert open_work(session, number).kind == WorkKind.STAGE


def test_a_substitute_of_the_reviewer_asks_and_takes_it_back(
    office: Office, session: Session, clock: FixedClock
) -> None:
    number = submitted(office, clock)
    go_away(office, clock, "reviewer", "deputy")
    office.act("deputy", number, "request_info", clock.now(), **ASKED)
    assert open_work(session, number).owner_key == "nominator@unit:VKS-AG"
    office.act("deputy", number, "answer_info", clock.now(), **ANSWER)
    assert events(session, number)[-1].data["taken_back"] is True
    assert is_chained(events(session, number))


def test_another_calendar_moves_no_day_of_a_question_and_is_counted_by_after_the_answer(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    number = submitted(office, clock)
    office.act("reviewer", number, "request_info", clock.now(), **ASKED, answer_by=date(2026, 3, 6))
    asked = open_work(session, number).due_at
    import_days(session, clock)
    count_anew(database, clock)
    assert open_work(session, number).due_at == asked
    assert step_work(session, number).due_at is None
    office.act("nominator", number, "answer_info", clock.now(), **ANSWER)
    due_at = open_visit(session, number).due_at
    assert due_at is not None
    assert due_at > BEFORE


@pytest.mark.parametrize("whose", ["colleague", "nominator"])
def test_nothing_stands_in_the_way_of_what_is_asked_and_no_seat_is_empty(
    office: Office, session: Session, clock: FixedClock, database: Database, whose: str
) -> None:
    """The nominee who drafts may answer: nobody above has anything to mend."""
    number = submitted(office, clock, **({"person_code": "NV01"} if whose == "nominator" else {}))
    office.act("reviewer", number, "request_info", clock.now(), **ASKED)
    assert find_obstacles(session, now=clock.now()) == {}
    session.rollback()
    tell_of_emptied_seats(database.sessions, clock=clock)
    assert of_empty_seats(session, number) == []
    assert [one[:2] for one in waits(office, "nominator", clock)] == [(number, "group")]


def test_a_unit_that_is_asked_about_itself_at_its_cluster_can_answer(
    office: Office, session: Session, clock: FixedClock
) -> None:
    number = collective_draft(office, "CTDCP", clock.now())
    for part, action in (("nominator", "submit"), ("reviewer", "approve")):
        office.act(part, number, action, clock.now())
    before = find_obstacles(session, now=clock.now())
    office.act("cluster_head", number, "request_info", clock.now(), **ASKED)
    assert find_obstacles(session, now=clock.now()) == before == {}
