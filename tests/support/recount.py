"""Help for tests of a calendar that changes under open work: a storm, and what is promised after it."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.importing import Desk
from workflow.clock import FixedClock
from workflow.domain.vocabulary import Via
from workflow.operations.calendars.counts import Replanned
from workflow.operations.calendars.replan import replan
from workflow.store.nominations import Rung, Visit, WorkItem

# Work that arrives on Monday, 2 March has until Monday the 9th. These days off move it to Wednesday the 11th.
STORM = "ngày,loại,tên,căn cứ\n04/03/2026,nghỉ,Bão,CĐ 7\n05/03/2026,nghỉ,Bão,CĐ 7\n"
LATER = datetime(2026, 3, 11, 10, tzinfo=UTC)
BEFORE = datetime(2026, 3, 9, 10, tzinfo=UTC)


def count_anew(database: Database, clock: FixedClock, reason: str = "Nghỉ bão") -> Replanned:
    return replan(database.sessions, actor=None, reason=reason, via=Via.CLI, clock=clock)


def import_days(session: Session, clock: FixedClock, text: str = STORM) -> None:
    session.rollback()
    Desk(session, clock.now()).take("calendar", text)


def mornings(session: Session, nomination_id: int) -> list[str]:
    """List the promises that wait, by the Vietnamese day on which they fire."""
    session.rollback()
    rows = session.scalars(
        select(Rung.fire_at)
        .where(Rung.nomination_id == nomination_id, Rung.fired_at.is_(None), Rung.fire_at.is_not(None))
        .order_by(Rung.fire_at)
    )
    return [f"{at + timedelta(hours=7):%d/%m %H:%M}" for at in rows if at is not None]


def due_of(session: Session, nomination_id: int) -> datetime | None:
    session.rollback()
    rows = session.execute(
        select(Visit.due_at, WorkItem.due_at, Visit.calendar_version)
        .join(WorkItem, WorkItem.visit_id == Visit.id)
        .where(Visit.nomination_id == nomination_id, Visit.left_at.is_(None))
    ).one()
    assert rows[0] == rows[1]
    return rows[0]
