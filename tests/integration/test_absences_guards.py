"""A route's own guard on people of the nominated unit asks the absent too, and the sentinel says the same."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.support.absences import go_away, staffed
from tests.support.definitions import text_of
from tests.support.office import Office
from workflow.clock import FixedClock
from workflow.domain.errors import RequirementsMissing
from workflow.domain.obstacles import ObstacleReason
from workflow.domain.vocabulary import Via
from workflow.operations.obstacles.look import find_obstacles
from workflow.operations.setup.publish import publish_definition
from workflow.queries.nominations.moves import moves_for
from workflow.store.awards import AwardEdition
from workflow.store.nominations import WorkItem


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    """Have a route in which nobody of a unit decides about its people."""
    office = staffed(session, clock)
    text = text_of("standard").replace("key: standard", "key: apart", 1)
    text = text.replace("not_own_subject]", "not_own_subject, not_own_unit]")
    publish_definition(session, text=text, filename="apart.yaml", actor=None, via=Via.CLI, now=clock.now())
    session.execute(update(AwardEdition).values(workflow_key="apart"))
    session.commit()
    return office


def collective(office: Office, clock: FixedClock) -> int:
    number = office.draft(clock.now(), award_code="TTLDXS", person_code=None).nomination_id
    office.act("nominator", number, "submit", clock.now())
    return number


def test_who_stands_in_from_above_does_not_do_what_the_absent_may_not(office, session, clock):
    nomination_id = collective(office, clock)
    for who in ("reviewer", "head"):
        with pytest.raises(RequirementsMissing, match="own unit"):
            office.act(who, nomination_id, "approve", clock.now())
        session.rollback()
        actor = office.actor(who, clock.now())
        moves = moves_for(session, actor=actor, nomination_id=nomination_id, now=clock.now())
        session.rollback()
        approve = next(move for move in moves if move.name == "approve")
        assert [one.code for one in approve.refusals] == ["own_unit"]
        if who == "reviewer":
            go_away(office, clock, "reviewer", "head")


@pytest.mark.parametrize("is_away", [False, True])
def test_the_sentinel_tells_that_nobody_may_move_it(office, session, clock, is_away):
    nomination_id = collective(office, clock)
    if is_away:
        go_away(office, clock, "reviewer", "head")
    open_work = (WorkItem.nomination_id == nomination_id, WorkItem.closed_at.is_(None))
    [work_id] = session.scalars(select(WorkItem.id).where(*open_work)).all()
    assert (work_id, ObstacleReason.NO_MOVE) in find_obstacles(session, now=clock.now())
