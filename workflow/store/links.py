"""Links to PostgreSQL that never wait for ever: whoever is silent for too long has gone.

The server's own time limits need a server that answers. A link can be half open (its peer frozen, or a router
that forgot it) and TCP notices late or never, so each wait is bounded here too, and a link that kept us
waiting is closed: the pool then drops all others of its age.
"""

from typing import Any, Final, TypeVar

import psycopg
from psycopg.abc import PQGen

from workflow.clock import before_deadline, monotonic

PATIENCE_SECONDS: Final = 8.0
"""How long an answer may take: the server gives a statement five seconds, and the way there takes a while."""

PING_SECONDS: Final = 2.5
"""How long a link from the pool may take to say that it is there."""

_Answer = TypeVar("_Answer")


class DatabaseLink(psycopg.Connection[Any]):
    """A connection that waits for each answer `patience` seconds, and never beyond the deadline in force."""

    patience: float = PATIENCE_SECONDS

    def wait(self, gen: PQGen[_Answer], interval: float = 0.1, timeout: float | None = None) -> _Answer:
        """Wait as the driver does; raises OperationalError, with the link closed, when it was too long."""
        bound = min(self.patience if timeout is None else timeout, before_deadline())
        until = monotonic() + bound
        try:
            return super().wait(gen, interval=interval, timeout=max(bound, 0.001))
        except psycopg.OperationalError:
            if monotonic() >= until:
                self.close()
            raise


def link(patience: float, *args: Any, **given: Any) -> DatabaseLink:  # noqa: ANN401 - the driver's own parameters
    """Connect, within the time that `connect_timeout` says."""
    made = DatabaseLink.connect(*args, **given)
    made.patience = patience
    return made


def ping(connection: DatabaseLink) -> bool:
    """Ask a link whether it is there, for PING_SECONDS; raises OperationalError, with the link closed."""
    before, connection.patience = connection.patience, PING_SECONDS
    # Outside any transaction: what kind of transaction follows is decided after this.
    connection.autocommit = True
    try:
        connection.execute("SELECT 1")
        return True
    finally:
        connection.patience = before
        if not connection.closed:
            connection.autocommit = False


def set_read_only(connection: DatabaseLink, value: object) -> None:
    """Begin the transactions that follow as READ ONLY, or as the server itself decides.

    Never READ WRITE: a server that takes no writes now refuses the write, by an error that we know, and not
    the transaction.
    """
    # A link that broke goes back to no pool, and takes no order any more.
    if not connection.closed:
        connection.read_only = True if value else None
