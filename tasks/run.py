"""Running the processes behind the web: the worker with its lanes, and beat."""

import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from celery import Celery, signals

from tasks import logs
from tasks.app import make_app
from tasks.errands import do_errands
from tasks.jobs import register
from tasks.lanes import Lane, Lanes, Pipe, Signs
from tasks.names import QueueName
from tasks.post import open_post
from tasks.schedule import PASS_SECONDS
from tasks.wake import make_wake
from tasks.work import SENDERS, Reach, Trouble, deliver_on, sweep_on
from workflow.clock import DatabaseClock
from workflow.operations.mail.deliver import ServerMemory
from workflow.operations.obstacles.look import look_for_obstacles
from workflow.operations.papers.tidy import tidy_papers
from workflow.operations.sweep import sweep as sweeping
from workflow.operations.sweep.sum_stays import sum_stays
from workflow.operations.sweep.sweep import Swept
from workflow.settings import Settings
from workflow.store.database import Sessions
from workflow.store.paper_files import PaperFolder

# Its schedule is the code's: a file of last runs would be one more thing two beats fight over.
_SCHEDULER: Final = "celery.beat:Scheduler"


def worker(reach: Reach) -> int:
    """Do all due work until a signal ends it, and answer the exit code; SIGTERM lets letters end first.

    Sweep and delivery keep their own pace. Where there is a Redis, a third process listens for hints to look
    earlier, and nothing else depends on it.
    """
    logs.configure(as_json=reach.settings.is_production)
    due, mails, mood = Pipe(), [Pipe() for _ in range(SENDERS)], ServerMemory()
    lanes = [
        Lane("sweep", partial(sweep_on, reach, ring=partial(_ring, mails)), due),
        *(Lane("deliver", partial(deliver_on, reach, mood), wake) for wake in mails),
    ]
    if reach.redis_url is not None:
        app = make_app(reach.redis_url)
        lanes.append(Lane("hints", partial(_listen, app, due, mails), Pipe(), is_quiet=True))
    return Lanes(lanes).run()


def _ring(lanes: Sequence[Pipe]) -> None:
    for lane in lanes:
        lane.ring()


def _listen(app: Celery, due: Pipe, mails: Sequence[Pipe], signs: Signs) -> None:
    """Consume hints with Celery and pass them on to the lanes, until the lane is ended."""

    def heard(*lanes: Pipe) -> None:
        signs.done()
        _ring(lanes)

    register(app, sweep=partial(heard, due), deliver=partial(heard, *mails))
    _keep_logs()
    # Root is usual in a container, and this worker takes JSON with ids only: the warning is about pickle.
    warnings.filterwarnings("ignore", message=r"\s*You're running the worker with superuser privileges")
    app.Worker(
        pool_cls="solo",
        queues=[str(queue) for queue in QueueName],
        loglevel="INFO",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    ).start()


def beat(reach: Reach) -> int:
    """Tell the workers to sweep at a fixed pace until a signal ends it; two beats do no harm."""
    if reach.redis_url is None:
        raise ValueError("Beat needs a Redis; without one, the worker keeps the pace alone.")
    logs.configure(as_json=reach.settings.is_production)
    _keep_logs()
    make_app(reach.redis_url).Beat(scheduler=_SCHEDULER, loglevel="INFO", quiet=True).run()
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
    papers = PaperFolder(settings.attachments_dir)
    with Trouble("papers").told(None):
        tidy_papers(sessions, folder=papers, clock=DatabaseClock())
    sum_stays(sessions, seconds=PASS_SECONDS)
    # Before the mails: what moves due dates writes some.
    do_errands(sessions, folder=papers, clock=DatabaseClock())
    swept = sweeping.sweep(sessions, clock=DatabaseClock(), post=post, until_idle=until_idle)
    look_for_obstacles(sessions, clock=DatabaseClock())
    return swept


def _keep_logs() -> None:
    """Keep Celery from configuring the logs: they are ours already."""

    def logging_is_ours(**_: object) -> None:
        """Do nothing: that somebody listens is what it asks."""

    signals.setup_logging.connect(logging_is_ours, weak=False)
