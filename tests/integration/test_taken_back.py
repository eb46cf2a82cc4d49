"""What was sent is taken back: due as before, by its sender alone, once, without a sign of a return."""

from datetime import datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.integration.test_actions import RETURN, open_work, submitted
from tests.support.office import Office, furnish
from workflow.clock import FixedClock
from workflow.domain.errors import (
    AlreadyClaimed,
    Forbidden,
)
from workflow.queries.nominations.nomination import NominationView, get_nomination
from workflow.store.nominations import Rung


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    """Furnish the small sector on Monday morning."""
    return furnish(session, now=clock.now())


def standing(
    session: Session, office: Office, part: str, nomination_id: int, now: datetime
) -> NominationView:
    session.expire_all()
    return get_nomination(session, actor=office.actor(part, now), nomination_id=nomination_id, now=now)


def promised(session: Session, nomination_id: int) -> int | None:
    """Return how many reminders the open work still promises."""
    work = open_work(session, nomination_id)
    waiting = select(func.count()).where(Rung.work_item_id == work.id, Rung.fire_at.is_not(None))
    return session.scalar(waiting)


@pytest.mark.parametrize("back_from", ["reviewer", "secretary"])
def test_a_returned_draft_sent_and_taken_back_is_due_and_returned_as_before(
    office: Office, session: Session, clock: FixedClock, back_from: str
) -> None:
    nomination_id = submitted(office, clock)
    if back_from == "secretary":
        office.act("reviewer", nomination_id, "approve", clock.now())
    office.act(back_from, nomination_id, "return", clock.now(), to_step="draft", **RETURN)
    before = standing(session, office, "nominator", nomination_id, clock.now())
    assert (before.is_returned, before.due_at is not None, promised(session, nomination_id)) == (
        True,
        True,
        3,
    )
    for _time in range(2):
        office.act("nominator", nomination_id, "submit", clock.now())
        office.act("nominator", nomination_id, "recall", clock.now())
        after = standing(session, office, "nominator", nomination_id, clock.now())
        assert (after.state, after.is_returned, after.due_at) == ("draft", True, before.due_at)
        assert after.last_return == before.last_return
        assert promised(session, nomination_id) == 3
    # A pause in between leaves it as it is.
    office.act("nominator", nomination_id, "submit", clock.now())
    office.act("reviewer", nomination_id, "hold", clock.now(), comment="Chờ xác minh.")
    office.act("reviewer", nomination_id, "release_hold", clock.now())
    office.act("nominator", nomination_id, "recall", clock.now())
    after = standing(session, office, "nominator", nomination_id, clock.now())
    assert (after.is_returned, after.due_at, after.last_return) == (True, before.due_at, before.last_return)


def test_what_was_taken_back_is_taken_back_by_nobody_once_more(
    office: Office, session: Session, clock: FixedClock
) -> None:
    """Neither by the sender nor by whoever had returned it: it lies with somebody who has begun."""
    nomination_id = submitted(office, clock)
    office.act("reviewer", nomination_id, "return", clock.now(), to_step="draft", **RETURN)
    office.act("nominator", nomination_id, "submit", clock.now())
    office.act("nominator", nomination_id, "recall", clock.now())
    for part, refusal in (("nominator", Forbidden), ("reviewer", AlreadyClaimed)):
        with pytest.raises(refusal):
            office.act(part, nomination_id, "recall", clock.now())
        session.rollback()


def test_a_return_taken_back_leaves_no_sign_of_a_return(
    office: Office, session: Session, clock: FixedClock
) -> None:
    nomination_id = submitted(office, clock)
    office.act("reviewer", nomination_id, "return", clock.now(), to_step="draft", **RETURN)
    office.act("reviewer", nomination_id, "recall", clock.now())
    after = standing(session, office, "reviewer", nomination_id, clock.now())
    assert (after.state, after.is_returned, after.last_return) == ("unit_review", False, None)
    assert open_work(session, nomination_id).due_at is not None
