"""Saying once what the data of an installation are."""

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from workflow.domain.vocabulary import InstallationKind, Via
from workflow.operations.history.streams import append_event
from workflow.store.access import Account
from workflow.store.installation import Installation
from workflow.store.organisation import Unit


def mark_installation(session: Session, kind: InstallationKind, *, now: datetime) -> bool:
    """Write what the data are, where nothing says so yet, and return whether it did. Never commits."""
    row = {"id": 1, "kind": kind, "created_at": now}
    added = session.execute(insert(Installation).values(row).on_conflict_do_nothing())
    if not added.rowcount:  # type: ignore[attr-defined]  # an insert's result counts its rows
        return False
    append_event(session, "installation", "mark", actor=None, via=Via.CLI, now=now, data={"kind": str(kind)})
    return True


def mark_live(session: Session, *, now: datetime) -> None:
    """Write that the data are live, where nothing says yet what they are, and commit."""
    mark_installation(session, InstallationKind.LIVE, now=now)
    session.commit()


def is_untouched(session: Session) -> bool:
    """Return whether nobody has put anything into the database yet: no unit, no account, no mark."""
    tables = (Unit, Account, Installation)
    return not any(session.scalar(select(exists().select_from(table))) for table in tables)
