"""What every route of the edge works with: the application's parts, and one request's session and instant.

A request has one session, one transaction at a time and one `now`, taken from the database when first asked.
Whoever asks with GET only reads: PostgreSQL refuses a write there, but where a view tries out what would be.
"""

from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

import structlog
from flask import Flask, Response, current_app, g, request
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.orm import Session

from api.meter import Meter
from api.permissions import View
from api.readiness import Readiness
from workflow.clock import Clock, deadline
from workflow.operations.papers.attach import Archive
from workflow.settings import Settings
from workflow.store.database import Sessions, local_day
from workflow.store.paper_files import PaperFolder
from workflow.store.reads import end_read, reads_only

REQUEST_SECONDS: Final = 20.0
"""How long one request may wait for the database, all its statements together."""

LONG_SECONDS: Final = 120.0
"""The same for the few that read a large file or write thousands of rows, for which somebody waits."""

READS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
"""The methods of requests that change nothing (RFC 9110, 9.2.1)."""

_EXTENSION: Final = "commendo"
_TAKES_LONG: Final = "commendo_takes_long"
_TRIES_OUT: Final = "commendo_tries_out"
_REFUSED: Final = 400

Wake = Callable[[], None]

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Edge:
    """The parts of one application: made once by `api.wsgi`, read by every route.

    `wake` tells the workers, after a commit, that there is something to do; it never fails and never waits.
    `reading` are the same sessions for whoever may not write.
    """

    settings: Settings
    sessions: Sessions
    clock: Clock
    wake: Wake
    readiness: Readiness
    meter: Meter
    reading: Sessions = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "reading", reads_only(self.sessions))

    @property
    def papers(self) -> PaperFolder:
        """The folder of this installation's papers."""
        return PaperFolder(self.settings.attachments_dir)

    @property
    def archive(self) -> Archive:
        """How this installation keeps papers."""
        return Archive(self.papers, self.settings.paper_quota, asks_secrecy=self.settings.asks_state_secrets)


def attach(app: Flask, parts: Edge) -> None:
    """Give an application its parts, and close each request's session when the request ends."""
    app.extensions[_EXTENSION] = parts
    app.before_request(_set_deadline)
    # Registered first, so that it comes after everything else that works on an answer.
    app.after_request(_end_answered)
    app.teardown_request(_close_session)


def takes_long(view: View) -> View:
    """Declare that a view may take longer than others: an administrator's, over a whole file."""
    setattr(view, _TAKES_LONG, True)
    return view


def tries_out(view: View) -> View:
    """Declare that a view finds out what would be by writing it and taking all of it back, whoever asks."""
    setattr(view, _TRIES_OUT, True)
    return view


def edge() -> Edge:
    """Return the parts of the application that serves this request."""
    parts: Edge = current_app.extensions[_EXTENSION]
    return parts


def request_session() -> Session:
    """Return this request's session, opened on first use; what an operation did not commit is rolled back."""
    if "session" not in g:
        parts = edge()
        reads = request.method in READS and not _is_declared(_TRIES_OUT)
        g.session = (parts.reading if reads else parts.sessions)()
    session: Session = g.session
    return session


def end_reading() -> None:
    """End the transaction this request is in and let go what it read; what follows begins anew.

    Before an operation, a slow file, or whatever needs a transaction of its own.
    """
    if "session" in g:
        end_read(g.session)


def give_up_transaction() -> None:
    """Roll back the transaction this request is in: what a refused operation began is undone.

    One that only read is committed where it still can be. Nothing else at the edge does so by hand.
    """
    if "session" not in g:
        return
    if request.method in READS:
        with suppress(SQLAlchemyError):
            end_reading()
    g.session.rollback()


def request_now() -> datetime:
    """Return the one instant at which this request happens."""
    if "now" not in g:
        g.now = edge().clock.now(request_session())
    now: datetime = g.now
    return now


def request_today() -> date:
    """Return the day on which this request happens, in the installation's zone."""
    return local_day(request_session(), request_now())


def _set_deadline() -> None:
    g.limits = ExitStack()
    g.limits.enter_context(deadline(LONG_SECONDS if _is_declared(_TAKES_LONG) else REQUEST_SECONDS))


def _is_declared(attribute: str) -> bool:
    """Tell whether the view of this request declares something."""
    return bool(getattr(current_app.view_functions.get(request.endpoint or ""), attribute, False))


def _end_answered(response: Response) -> Response:
    """End what an answer was read in, so that its statements stay prepared; a refused change is rolled back.

    Whoever only reads has nothing to take back, refused or not: one address that is not there would have the
    next pages of everybody planned anew.
    """
    if response.status_code < _REFUSED or request.method in READS:
        try:
            end_reading()
        except SQLAlchemyError as error:
            # The answer is whole already; what is left is undone when the session closes.
            _log.warning("reading_not_ended", error=type(error).__name__)
    return response


def _close_session(_error: BaseException | None) -> None:
    limits: ExitStack | None = g.pop("limits", None)
    if limits is not None:
        limits.close()
    session: Session | None = g.pop("session", None)
    if session is None:
        return
    try:
        session.close()
    except DBAPIError as error:
        # The server ended the connection; with it went the transaction, so nothing is left to roll back.
        session.invalidate()
        _log.warning("database_connection_lost", error=type(error.orig).__name__)
