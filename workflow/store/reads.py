"""Transactions that only read: PostgreSQL refuses every write in them, and they end in a commit.

The driver forgets every statement that it has prepared when a transaction is rolled back, and has the server
forget them too; each would be planned anew. A commit costs as much as a rollback and keeps them.
See docs/adr/0039-reads-commit.md.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow.store.database import Sessions, alike, is_alone

_OPTION: Final = "postgresql_readonly"
_WROTE: Final = select(func.pg_current_xact_id_if_assigned().is_not(None))


def reads_only(sessions: Sessions) -> Sessions:
    """Return the factory of sessions like these in which nothing can be written or locked.

    They share the pool. Sessions of one connection inside one transaction are returned as they are.
    """
    return alike(sessions, _OPTION, value=True)


@contextmanager
def reading(sessions: Sessions) -> Iterator[Session]:
    """Open a session in which nothing can be written, and end it in a commit unless the block raises."""
    with reads_only(sessions)() as session:
        yield session
        end_read(session, is_alone=is_alone(sessions))


@contextmanager
def reading_at_one_instant(sessions: Sessions) -> Iterator[Session]:
    """Open a session as `reading` does in which every statement sees what there was at the first.

    For what compares tables with each other while people go on working.
    """
    with reads_only(sessions)() as session:
        if not is_alone(sessions):
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield session
        end_read(session, is_alone=is_alone(sessions))


def end_read(session: Session, *, is_alone: bool = False) -> None:
    """Commit the session's transaction when it wrote nothing, else roll it back; without one do nothing.

    What `is_alone` is inside the one transaction of a demo, of which the server cannot tell who wrote in it;
    a rollback to its savepoint would have the driver forget what it has prepared all the same.
    """
    if not session.in_transaction():
        return
    if not is_alone and wrote(session):
        session.rollback()
    else:
        session.commit()


def wrote(session: Session) -> bool:
    """Return whether the transaction wrote or locked a row, or is about to."""
    if session.new or session.dirty or session.deleted:
        return True
    if session.connection().get_execution_options().get(_OPTION):
        return False
    return bool(session.scalar(_WROTE))
