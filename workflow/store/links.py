"""Links to PostgreSQL that never wait for ever: whoever is silent for too long has gone.

The server's own time limits need a server that answers. A link can be half open (its peer frozen, or a router
that forgot it) and TCP notices late or never, so each wait is bounded here too, and a link that kept us
waiting is closed: the pool then drops all others of its age.
"""

from datetime import datetime
from typing import Any, Final, TypeVar

import psycopg
from psycopg.abc import PQGen

from workflow.clock import REAL_TIME, before_deadline, monotonic

PATIENCE_SECONDS: Final = 8.0
"""How long an answer may take: the server gives a statement five seconds, and the way there takes a while."""

PING_SECONDS: Final = 2.5
"""How long a link from the pool may take to say that it is there."""

SPOKEN: Final = (
    "-c TimeZone=UTC -c DateStyle=ISO -c IntervalStyle=postgres -c bytea_output=hex"
    " -c standard_conforming_strings=on -c search_path=public"
)
"""How server and driver speak, whatever the server, the database or the role is set to otherwise."""

_FRESH_SECONDS: Final = 0.005

_Answer = TypeVar("_Answer")


class CommitUnansweredError(psycopg.OperationalError):
    """The link ended while a commit waited for its answer: whether it was carried out, nobody here knows."""


class DatabaseLink(psycopg.Connection[Any]):
    """A connection that waits for each answer `patience` seconds, and never beyond the deadline in force."""

    patience: float = PATIENCE_SECONDS
    _heard: tuple[datetime, float] | None = None

    def wait(self, gen: PQGen[_Answer], interval: float = 0.1, timeout: float | None = None) -> _Answer:
        """Wait as the driver does; raises OperationalError, with the link closed, when it was too long."""
        self._heard = None
        bound = min(self.patience if timeout is None else timeout, before_deadline())
        until = monotonic() + bound
        try:
            return super().wait(gen, interval=interval, timeout=max(bound, 0.001))
        except psycopg.OperationalError:
            if monotonic() >= until:
                self.close()
            raise

    def commit(self) -> None:
        """Commit as the driver does; raises `CommitUnansweredError` where the link ends before the answer."""
        try:
            super().commit()
        except psycopg.OperationalError as error:
            if self.closed:
                raise CommitUnansweredError(str(error)) from error
            raise

    def ask_the_time(self) -> None:
        """Ask the server what time it is, outside any transaction, for whoever asks that first of all."""
        self.autocommit = True
        try:
            [[at]] = self.execute(REAL_TIME).fetchall()
        finally:
            if not self.closed:
                self.autocommit = False
        self._heard = at, monotonic()

    def begin_read_only(self, *, value: bool | None) -> None:
        """Say how the transactions that follow begin. Nothing is asked by this, so what was heard stands."""
        heard = self._heard
        self.read_only = value
        self._heard = heard

    def heard_now(self) -> datetime | None:
        """Return the server's time where `ask_the_time` was the last thing asked, just now; else None."""
        if self._heard is None or monotonic() - self._heard[1] > _FRESH_SECONDS:
            return None
        return self._heard[0]


def link(patience: float, *args: Any, **given: Any) -> DatabaseLink:  # noqa: ANN401 - the driver's own parameters
    """Connect, within the time that `connect_timeout` says."""
    made = DatabaseLink.connect(*args, **given)
    made.patience = patience
    return made


def ping(connection: DatabaseLink) -> bool:
    """Ask a link whether it is there, for PING_SECONDS; raises OperationalError, with the link closed."""
    before, connection.patience = connection.patience, PING_SECONDS
    try:
        # What kind of transaction follows is decided after this, and most begin by asking the time.
        connection.ask_the_time()
        return True
    finally:
        connection.patience = before


def set_read_only(connection: DatabaseLink, value: object) -> None:
    """Begin the transactions that follow as READ ONLY, or as the server itself decides.

    Never READ WRITE: a server that takes no writes now refuses the write, by an error that we know, and not
    the transaction.
    """
    # A link that broke goes back to no pool, and takes no order any more.
    if not connection.closed:
        connection.begin_read_only(value=True if value else None)
