"""The only reader of any clock. Everything else receives `now` as an argument.

Instants come from the database, never from the host: one transaction has one time, and two hosts agree.
The monotonic clock below measures how long a child process or a socket may take; no rule ever sees it.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Final, Protocol

from sqlalchemy import Connection
from sqlalchemy.orm import Session

# As text: to work a statement out for SQLAlchemy takes the client longer than the server needs to answer.
REAL_TIME: Final = "SELECT clock_timestamp()"
"""The server's own time, whatever transaction it is asked in."""

_DEADLINE: Final[ContextVar[float]] = ContextVar("deadline", default=inf)


class Clock(Protocol):
    """Whoever can say what time it is for one transaction."""

    def now(self, connection: Session | Connection) -> datetime:
        """Answer the present instant, aware and in UTC."""


class DatabaseClock:
    """The clock of production: the database server's own."""

    def now(self, connection: Session | Connection) -> datetime:
        """Ask the server for the real time of this statement, not of the start of its transaction.

        A link that was asked whether it is there has just said what time it is; it is not asked again.
        """
        link = connection.connection() if isinstance(connection, Session) else connection
        heard_now = getattr(link.connection.driver_connection, "heard_now", lambda: None)
        at: datetime = heard_now() or link.exec_driver_sql(REAL_TIME).scalar_one()
        return at.astimezone(UTC)


class FixedClock:
    """A clock that stands still until it is moved: for tests, replays and simulated seasons."""

    def __init__(self, at: datetime) -> None:
        if at.tzinfo is None:
            raise ValueError("A clock needs an instant with a time zone.")
        self._at = at.astimezone(UTC)

    def now(self, connection: Session | Connection | None = None) -> datetime:  # noqa: ARG002 - the protocol's shape
        """Answer the instant at which this clock stands; the database is not asked."""
        return self._at

    def advance(self, by: timedelta) -> datetime:
        """Move the clock forward and answer its new instant; it refuses to go back."""
        if by < timedelta(0):
            raise ValueError("A clock does not go back.")
        self._at += by
        return self._at


def monotonic() -> float:
    """Answer seconds of a clock that never jumps; only differences mean anything."""
    return time.monotonic()


def wait_for(question: Callable[[], bool], *, seconds: float, every: float = 0.02) -> bool:
    """Ask every `every` seconds until the answer is yes, at most for `seconds`; answer whether it was."""
    deadline = monotonic() + seconds
    while not question():
        if monotonic() >= deadline:
            return False
        time.sleep(every)
    return True


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Let nothing in this block wait for the database beyond `seconds` from now, all waits together."""
    token = _DEADLINE.set(min(_DEADLINE.get(), monotonic() + seconds))
    try:
        yield
    finally:
        _DEADLINE.reset(token)


def before_deadline() -> float:
    """Answer how many seconds are left until the deadline in force, infinitely many without one."""
    return _DEADLINE.get() - monotonic()
