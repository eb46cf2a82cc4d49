"""Help for tests of undoing: all that has to be the same before a decision and after it was undone."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import TIMEZONE, Database
from workflow.store.database import Sessions, make_sessions
from workflow.store.nominations import Nomination, Rung, Visit, WorkItem
from workflow.store.submissions import ExpectedReturn

WINDOW: Final = timedelta(minutes=10)
_GONE: Final = select(WorkItem.id).where(WorkItem.outcome == "undone")
_MOVES_ON: Final = frozenset({"version", "audience"})


def undoable(database: Database) -> Sessions:
    """Return sessions of an installation in which a decision may be undone for ten minutes."""
    return make_sessions(database.engine, timezone=TIMEZONE, undo_window=WINDOW)


def standing(session: Session, nomination_id: int) -> dict[str, Any]:
    """Return the rows by which a nomination stands and counts; what was undone is not among them."""
    session.rollback()
    of_it = nomination_id
    return {
        "nomination": _rows(session, Nomination, Nomination.id == of_it, without=_MOVES_ON),
        "visits": _rows(session, Visit, Visit.nomination_id == of_it, Visit.voided_at.is_(None)),
        "work": _rows(session, WorkItem, WorkItem.nomination_id == of_it, WorkItem.id.not_in(_GONE)),
        "rungs": _rows(session, Rung, Rung.nomination_id == of_it, Rung.work_item_id.not_in(_GONE)),
        "owed": _rows(session, ExpectedReturn),
        "owed work": _rows(session, WorkItem, WorkItem.expected_return_id.is_not(None)),
        "owed rungs": _rows(session, Rung, Rung.expected_return_id.is_not(None)),
    }


def _rows(
    session: Session,
    model: Any,
    *conditions: Any,
    without: Collection[str] = (),
) -> list[dict[str, Any]]:
    columns = [column for column in model.__table__.columns if column.name not in without]
    rows = session.execute(select(*columns).where(*conditions).order_by(model.id))
    return [dict(row._mapping) for row in rows]
