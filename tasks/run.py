"""Running the processes behind the web: worker, beat, and the loop that stands in for both."""

import signal
import warnings
from collections.abc import Callable
from threading import Event
from types import FrameType
from typing import Final, Protocol

import structlog
from celery import signals
from sqlalchemy.exc import OperationalError

from tasks import logs
from tasks.app import make_app
from tasks.jobs import Desk, register, tell
from tasks.names import QueueName, TaskName
from tasks.post import open_post
from tasks.schedule import SWEEP_SECONDS
from tasks.wake import Bell, make_wake
from workflow.clock import DatabaseClock
from workflow.operations import sweep as sweeping
from workflow.operations.paper_tidy import tidy_papers
from workflow.operations.sweep import Swept
from workflow.settings import Settings
from workflow.store.database import Sessions
from workflow.store.paper_files import PaperFolder

# One process for deadlines while another waits for a mail server.
PROCESSES: Final = 2
# Its schedule is the code's: a file of last runs would be one more thing two beats fight over.
_SCHEDULER: Final = "celery.beat:Scheduler"
_log = structlog.get_logger("commendo.tasks")


class Reach(Protocol):
    """How a process reaches what it works with; the command line knows."""

    @property
    def settings(self) -> Settings:
        """The installation's settings."""

    @property
    def redis_url(self) -> str | None:
        """Where Redis is, None where there is none."""

    def sessions(self) -> Sessions:
        """Sessions of a new engine, made in the process that uses it."""


def worker(reach: Reach) -> int:
    """Serve all queues until a signal ends it, and answer the exit code; SIGTERM lets tasks end first."""
    redis_url = _redis(reach)
    app = make_app(redis_url)
    desk = Desk(reach.settings, reach.sessions)
    first_sweep = Bell(redis_url, TaskName.SWEEP)
    register(app, desk, ring=make_wake(redis_url))

    def open_desk(**_: object) -> None:
        desk.open()

    def begin(**_: object) -> None:
        # A hang-up ends it as SIGTERM does; Celery's own answer is to start again under another name.
        signal.signal(signal.SIGHUP, signal.getsignal(signal.SIGTERM))
        # What fell due while nobody swept does not wait for beat, nor for a beat that is not there.
        first_sweep()

    signals.worker_process_init.connect(open_desk, weak=False)
    signals.worker_ready.connect(begin, weak=False)
    # Root is usual in a container, and this worker takes JSON with ids only: the warning is about pickle.
    warnings.filterwarnings("ignore", message=r"\s*You're running the worker with superuser privileges")
    process = app.Worker(
        pool_cls="prefork",
        concurrency=PROCESSES,
        queues=[str(queue) for queue in QueueName],
        loglevel="INFO",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    process.start()
    return int(process.exitcode or 0)


def beat(reach: Reach) -> int:
    """Tell the workers to sweep at a fixed pace until a signal ends it; two beats do no harm."""
    app = make_app(_redis(reach))
    app.Beat(scheduler=_SCHEDULER, loglevel="INFO", quiet=True).run()
    return 0


def loop(reach: Reach) -> int:
    """Sweep in this process at beat's pace until a signal ends it: for a machine without Redis."""
    logs.configure(as_json=reach.settings.is_production)
    ended = Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        ended.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    sessions = reach.sessions()
    while not ended.is_set():
        try:
            done = _sweep(reach.settings, sessions, until_idle=False)
            tell("swept", done.fired)
            tell("delivered", done.delivered)
        except OperationalError as error:
            # The database may come back, and then this process must still be there.
            _log.warning("database away", error=type(error).__name__)
        ended.wait(SWEEP_SECONDS)
    return 0


def sweep(reach: Reach, *, until_idle: bool = False) -> Swept:
    """Do all due work once in this process, or until a pass changes nothing."""
    sessions = reach.sessions()
    try:
        return _sweep(reach.settings, sessions, until_idle=until_idle)
    finally:
        sessions.kw["bind"].dispose()


def waker(reach: Reach) -> Callable[[], None]:
    """Return the hint that a web process gives after a commit; it never waits and never raises."""
    return make_wake(reach.redis_url)


def _sweep(settings: Settings, sessions: Sessions, *, until_idle: bool) -> Swept:
    post = open_post(settings, sessions)
    tidy_papers(sessions, folder=PaperFolder(settings.attachments_dir), clock=DatabaseClock())
    return sweeping.sweep(sessions, clock=DatabaseClock(), post=post, until_idle=until_idle)


def _redis(reach: Reach) -> str:
    """Return where Redis is, with the logs of a Celery process set up as ours."""
    if reach.redis_url is None:
        raise ValueError("Celery needs a Redis; without one, run the loop.")
    logs.configure(as_json=reach.settings.is_production)

    def logging_is_ours(**_: object) -> None:
        """Do nothing: that somebody listens is what keeps Celery from configuring the logs."""

    signals.setup_logging.connect(logging_is_ours, weak=False)
    return reach.redis_url
