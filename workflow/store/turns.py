"""One at a time over all processes and hosts, for as long as a pass lasts, by a lock of the database."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError

from workflow.store.database import Sessions, is_alone
from workflow.store.reads import end_read


@contextmanager
def own_turn(sessions: Sessions, number: int) -> Iterator[bool]:
    """Say whether the turn with this number is ours, and keep it until the block ends.

    The lock is that of an idle transaction: it goes with its holder, and the server ends the transaction of a
    holder that has stopped moving (`idle_in_transaction_session_timeout`), whose turn it then is no longer.
    """
    if is_alone(sessions):
        yield True
        return
    session = sessions()
    try:
        yield bool(session.scalar(select(func.pg_try_advisory_xact_lock(number))))
    finally:
        try:
            end_read(session)
            session.close()
        except DBAPIError:
            session.invalidate()
