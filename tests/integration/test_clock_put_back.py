"""A database server whose clock is put back an hour: no stay ends before it began."""

from datetime import timedelta
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.office import furnish
from workflow.clock import FixedClock
from workflow.store.history import Event
from workflow.store.nominations import Visit, WorkItem


def test_stays_follow_one_another_though_the_clock_was_put_back(session: Session, clock: FixedClock) -> None:
    office = furnish(session, now=clock.now())
    number = office.draft(clock.now()).nomination_id
    office.act("nominator", number, "submit", clock.now())
    earlier = clock.now() - timedelta(hours=1)
    office.act("reviewer", number, "approve", earlier)
    stays = session.scalars(select(Visit).where(Visit.nomination_id == number).order_by(Visit.ordinal)).all()
    for one, after in pairwise(stays):
        assert one.left_at == after.entered_at
        assert after.entered_at >= one.entered_at
        assert one.working_minutes == 0
    opened = session.scalars(select(WorkItem.opened_at).where(WorkItem.closed_at.is_(None))).one()
    assert opened == stays[-1].entered_at == clock.now()
    # What was recorded when is told as the server told it.
    events = session.scalars(select(Event.recorded_at).where(Event.stream == f"nomination:{number}"))
    assert max(events) == clock.now()
