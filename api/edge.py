"""What every route of the edge works with: the application's parts, and one request's session and instant.

A request has one session, one transaction at a time and one `now`, taken from the database when first asked.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import structlog
from flask import Flask, current_app, g
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from api.meter import Meter
from api.readiness import Readiness
from workflow.clock import Clock, deadline
from workflow.operations.papers.attach import Archive
from workflow.settings import Settings
from workflow.store.database import Sessions, local_day
from workflow.store.paper_files import PaperFolder

REQUEST_SECONDS: Final = 20.0
"""How long one request may wait for the database, all its statements together."""

_EXTENSION: Final = "commendo"

Wake = Callable[[], None]

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Edge:
    """The parts of one application: made once by `api.wsgi`, read by every route.

    `wake` tells the workers, after a commit, that there is something to do; it never fails and never waits.
    """

    settings: Settings
    sessions: Sessions
    clock: Clock
    wake: Wake
    readiness: Readiness
    meter: Meter

    @property
    def papers(self) -> PaperFolder:
        """The folder of this installation's papers."""
        return PaperFolder(self.settings.attachments_dir)

    @property
    def archive(self) -> Archive:
        """How this installation keeps papers."""
        return Archive(self.papers, self.settings.paper_quota, asks_secrecy=self.settings.ask_state_secrets)


def attach(app: Flask, parts: Edge) -> None:
    """Give an application its parts, and close each request's session when the request ends."""
    app.extensions[_EXTENSION] = parts
    app.before_request(_set_deadline)
    app.teardown_request(_close_session)


def edge() -> Edge:
    """Return the parts of the application that serves this request."""
    parts: Edge = current_app.extensions[_EXTENSION]
    return parts


def request_session() -> Session:
    """Return this request's session, opened on first use; what an operation did not commit is rolled back."""
    if "session" not in g:
        g.session = edge().sessions()
    session: Session = g.session
    return session


def end_transaction() -> None:
    """End the transaction this request is in: what it read is let go, what a refused operation began undone.

    Nothing else at the edge does so by hand. What follows, a slow file or another operation, begins anew.
    """
    if "session" in g:
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
    g.limits.enter_context(deadline(REQUEST_SECONDS))


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
