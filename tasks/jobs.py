"""What a worker does when the bell rings: look what is due. No rule lives here."""

from collections.abc import Callable
from dataclasses import astuple
from typing import Final

import structlog
from celery import Celery

from tasks.names import TaskName
from tasks.post import open_post
from workflow.clock import Clock, DatabaseClock
from workflow.operations.deliver import Delivered
from workflow.operations.firing import Fired
from workflow.operations.paper_tidy import tidy_papers
from workflow.operations.sweep import deliver_mails, fire_rungs
from workflow.settings import Settings
from workflow.store.database import Sessions
from workflow.store.paper_files import PaperFolder

# Well below the soft time limit: what is left over waits for the next pass, a few seconds later.
DELIVERY_SECONDS: Final = 8.0
_log = structlog.get_logger("commendo.tasks")


class Desk:
    """The database of one worker process, opened after the fork: a connection that crosses it hangs both."""

    def __init__(self, settings: Settings, database: Callable[[], Sessions]) -> None:
        self.settings = settings
        self.clock: Clock = DatabaseClock()
        self._database = database
        self._sessions: Sessions | None = None

    def open(self) -> None:
        """Make this process's own engine."""
        self._sessions = self._database()

    @property
    def sessions(self) -> Sessions:
        """Give this process's sessions; raises RuntimeError before `open`."""
        if self._sessions is None:
            raise RuntimeError("A worker process must open its database first.")
        return self._sessions


def register(app: Celery, desk: Desk, *, ring: Callable[[], None]) -> None:
    """Give the application its tasks; `ring` tells the workers that mails wait."""

    @app.task(name=str(TaskName.SWEEP))
    def sweep(**_: object) -> None:
        """Fire what is due, then ring for the mails that came of it."""
        tell("swept", fire_rungs(desk.sessions, clock=desk.clock))
        tidy_papers(desk.sessions, folder=PaperFolder(desk.settings.attachments_dir), clock=desk.clock)
        ring()

    @app.task(name=str(TaskName.DELIVER))
    def deliver(**_: object) -> None:
        """Send what waits; a hint that comes twice finds nothing left to do."""
        post = open_post(desk.settings, desk.sessions)
        delivered = deliver_mails(desk.sessions, clock=desk.clock, post=post, seconds=DELIVERY_SECONDS)
        tell("delivered", delivered)


def tell(what: str, counts: Fired | Delivered) -> None:
    """Log what a pass did, when it did anything: counts only."""
    if any(astuple(counts)):
        names = counts.__dataclass_fields__
        _log.info(what, **{name: getattr(counts, name) for name in names if getattr(counts, name)})
