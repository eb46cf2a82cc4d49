"""What is asked of who nominates is marked on boards and lists; asked three times it is told above."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.integration.test_actions import submitted
from tests.integration.test_questions import ANSWER, ASKED
from tests.support.office import AG, ROUND, Office, furnish
from workflow.clock import FixedClock
from workflow.domain.obstacles import ObstacleReason
from workflow.operations.obstacles.look import look_for_obstacles
from workflow.queries.board.board import board
from workflow.queries.nominations.filters import Flag, NominationFilters
from workflow.queries.nominations.nominations import list_nominations
from workflow.queries.obstacles.obstacles import ObstacleFilters, list_obstacles
from workflow.queries.progress import Progress
from workflow.store.obstacles import Obstacle


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish(session, now=clock.now())


def ask(office: Office, clock: FixedClock, number: int) -> None:
    clock.advance(timedelta(hours=1))
    office.act("reviewer", number, "request_info", clock.now(), **ASKED)


def answered(office: Office, clock: FixedClock, number: int) -> None:
    ask(office, clock, number)
    clock.advance(timedelta(hours=1))
    office.act("nominator", number, "answer_info", clock.now(), **ANSWER)


def asked(office: Office, clock: FixedClock, **narrowed: object) -> list[tuple[int, bool]]:
    office.session.rollback()
    actor, now = office.actor("reviewer", clock.now()), clock.now()
    filters = NominationFilters(**narrowed)  # type: ignore[arg-type]  # words of tests, as an address has them
    found = list_nominations(office.session, actor=actor, filters=filters, limit=9, cursor=None, now=now)
    return [(one.id, one.is_asked) for one in found.items]


def counted(office: Office, clock: FixedClock) -> int:
    office.session.rollback()
    actor = office.actor("supervisor", clock.now())
    shown = board(office.session, actor=actor, code=ROUND, now=clock.now())
    [row] = [one for one in shown.rows if one.unit.code == AG]
    assert shown.totals[Progress.ASKED] == row.counts[Progress.ASKED]
    return row.counts[Progress.ASKED].total


def standing(office: Office, clock: FixedClock, database: Database) -> list[tuple[str, int]]:
    office.session.rollback()
    look_for_obstacles(database.sessions, clock=clock)
    actor = office.actor("supervisor", clock.now())
    found = list_obstacles(
        office.session, actor=actor, filters=ObstacleFilters(), limit=9, cursor=None, now=clock.now()
    )
    return [(one.reason, one.work_count) for one in found.items]


def test_a_name_that_is_asked_is_marked_on_the_list_and_counted_on_the_board(
    office: Office, clock: FixedClock
) -> None:
    number = submitted(office, clock)
    assert (asked(office, clock), counted(office, clock)) == ([(number, False)], 0)
    assert asked(office, clock, flag=Flag.ASKED) == []
    ask(office, clock, number)
    assert (asked(office, clock), counted(office, clock)) == ([(number, True)], 1)
    assert asked(office, clock, flag=Flag.ASKED) == [(number, True)]
    assert asked(office, clock, progress=Progress.ASKED) == [(number, True)]
    office.act("nominator", number, "answer_info", clock.now(), **ANSWER)
    assert (asked(office, clock), counted(office, clock)) == ([(number, False)], 0)


def test_a_name_that_was_asked_three_times_is_told_until_it_gets_through(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    number = submitted(office, clock)
    for _ in range(2):
        answered(office, clock, number)
    assert standing(office, clock, database) == []
    ask(office, clock, number)
    assert standing(office, clock, database) == [(ObstacleReason.ASKED_OFTEN, 3)]
    office.act("nominator", number, "answer_info", clock.now(), **ANSWER)
    assert standing(office, clock, database) == [(ObstacleReason.ASKED_OFTEN, 3)]
    answered(office, clock, number)
    assert standing(office, clock, database) == [(ObstacleReason.ASKED_OFTEN, 4)]
    office.act("reviewer", number, "approve", clock.now())
    assert ObstacleReason.ASKED_OFTEN not in {reason for reason, _ in standing(office, clock, database)}
    session.rollback()
    rows = session.scalars(select(Obstacle).where(Obstacle.reason == ObstacleReason.ASKED_OFTEN)).all()
    assert all(one.closed_at is not None for one in rows)
