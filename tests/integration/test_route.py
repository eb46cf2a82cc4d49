"""A nomination travels its whole route through the real operations on a real database."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.support.office import PAPER, furnish
from workflow.clock import FixedClock
from workflow.domain.errors import Forbidden, NotFound, RequirementsMissing, StaleNomination
from workflow.store.history import Event
from workflow.store.nominations import Nomination, Rung, Visit


def test_a_persons_nomination_goes_from_draft_to_a_signed_decision(
    session: Session, clock: FixedClock
) -> None:
    office, now = furnish(session, now=clock.now()), clock.now()
    nomination_id = office.draft(now).nomination_id
    office.act("nominator", nomination_id, "submit", now)
    office.act("reviewer", nomination_id, "approve", now)
    office.act("secretary", nomination_id, "approve", now)
    office.act("head", nomination_id, "approve", now, decision=PAPER)
    nomination = session.get_one(Nomination, nomination_id, populate_existing=True)
    assert (nomination.state, nomination.stage, nomination.version) == ("approved", "approved", 5)
    steps = session.scalars(
        select(Visit.step).where(Visit.nomination_id == nomination_id).order_by(Visit.ordinal)
    )
    assert list(steps) == ["draft", "unit_review", "council", "decision"]
    actions = session.scalars(
        select(Event.action).where(Event.stream == f"nomination:{nomination_id}").order_by(Event.seq)
    )
    assert list(actions) == ["create", "submit", "approve", "approve", "approve"]
    assert session.scalar(select(Rung.id).where(Rung.fire_at.is_not(None))) is None


def test_a_second_decision_on_the_same_version_is_refused(session: Session, clock: FixedClock) -> None:
    office, now = furnish(session, now=clock.now()), clock.now()
    nomination_id = office.draft(now).nomination_id
    office.act("nominator", nomination_id, "submit", now)
    with pytest.raises(RequirementsMissing) as refused:
        office.act("reviewer", nomination_id, "return", now)
    assert {reason.code for reason in refused.value.reasons} == {"reason_code_missing", "comment_missing"}
    session.rollback()
    with pytest.raises(Forbidden):
        office.act("nominator", nomination_id, "approve", now)
    session.rollback()
    with pytest.raises(NotFound):
        office.act("stranger", nomination_id, "approve", now)
    session.rollback()
    assert StaleNomination.status == 409


def test_history_refuses_to_be_rewritten_even_by_its_owner(session: Session, clock: FixedClock) -> None:
    furnish(session, now=clock.now())
    with pytest.raises(Exception, match="permission denied"):
        session.execute(text("UPDATE event SET action = 'x'"))
