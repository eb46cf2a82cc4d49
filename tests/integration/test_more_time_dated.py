"""More time for work that is due by a date of its round: no later counting takes it back."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.definitions import text_of
from tests.support.office import Office, furnish
from tests.support.rounds import NEXT, opened
from tests.support.waiting import HEAD_AT
from workflow.clock import FixedClock
from workflow.domain.time.reasons import DueBasis
from workflow.domain.vocabulary import RoundDate, Via
from workflow.operations.escalations.more_time import MoreTime, give_more_time
from workflow.operations.rounds.extend import Extend, extend_round
from workflow.operations.setup.publish import publish_definition
from workflow.operations.sweep.escalate import fire_due
from workflow.store.awards import AwardEdition
from workflow.store.conditions import is_open
from workflow.store.counted import due_reasons
from workflow.store.nominations import Visit, WorkItem

OF_REVIEW = "    owner: unit_reviewer@subject.unit\n    due: 5 working_days"
DATE, EARLIER = "round.unit_deadline", "earlier(round.unit_deadline, 5 working_days)"


@pytest.fixture
def office(session: Session, clock: FixedClock, request: pytest.FixtureRequest) -> Office:
    """Open a round whose unit review is due by Friday 6 March."""
    office = furnish(session, now=clock.now())
    text = text_of("standard").replace(OF_REVIEW, OF_REVIEW.replace("5 working_days", request.param), 1)
    text = text.replace("key: standard", "key: dated", 1)
    publish_definition(session, text=text, filename="dated.yaml", actor=None, via=Via.CLI, now=clock.now())
    session.execute(update(AwardEdition).values(workflow_key="dated"))
    session.commit()
    opened(session, clock.now(), dates={RoundDate.UNIT_DEADLINE: date(2026, 3, 6)}, proposes_dates=False)
    return office


@pytest.fixture
def given(office: Office, session: Session, clock: FixedClock, database: Database) -> int:
    """Return a nomination that was reported as late and has time until Friday 20 March."""
    number = office.draft(clock.now(), round_code=NEXT).nomination_id
    office.act("nominator", number, "submit", clock.now())
    while clock.now() < HEAD_AT:
        clock.advance(min(timedelta(hours=12), HEAD_AT - clock.now()))
        fire_due(database.sessions, clock=clock)
    session.rollback()
    wanted = MoreTime(number, date(2026, 3, 20), "Chờ kết luận của đoàn kiểm tra")
    overseer = office.actor("supervisor", clock.now())
    give_more_time(session, actor=overseer, wanted=wanted, via=Via.WEB, now=clock.now())
    return number


def due_on(session: Session, number: int) -> str:
    session.rollback()
    stay = session.scalars(select(Visit).where(Visit.nomination_id == number, Visit.left_at.is_(None))).one()
    return f"{stay.due_at:%m-%d}"


def basis_of(session: Session, number: int) -> DueBasis:
    [work] = session.scalars(select(WorkItem.id).where(WorkItem.nomination_id == number, is_open(WorkItem)))
    return due_reasons(session, [work])[work].basis


@pytest.mark.parametrize("office", [DATE, EARLIER, "5 working_days"], indirect=True)
def test_a_pause_keeps_it_and_it_is_told_as_given(
    office: Office, session: Session, clock: FixedClock, given: int
) -> None:
    assert basis_of(session, given) is DueBasis.GIVEN
    office.act("reviewer", given, "hold", clock.now(), comment="Chờ xác minh")
    office.act("reviewer", given, "release_hold", clock.now())
    assert due_on(session, given) == "03-20"
    assert basis_of(session, given) is DueBasis.GIVEN


@pytest.mark.parametrize(
    ("office", "day", "expected"),
    [
        (DATE, date(2026, 3, 12), "03-20"),
        (EARLIER, date(2026, 3, 12), "03-20"),
        (DATE, date(2026, 3, 27), "03-27"),
        (EARLIER, date(2026, 3, 27), "03-20"),
    ],
    indirect=["office"],
)
def test_an_extension_of_the_round_never_shortens_it(
    session: Session,
    clock: FixedClock,
    given: int,
    day: date,
    expected: str,
) -> None:
    extend = Extend(NEXT, RoundDate.UNIT_DEADLINE, day, "Bão số 3")
    extend_round(session, actor=None, extend=extend, via=Via.CLI, now=clock.now())
    assert due_on(session, given) == expected
