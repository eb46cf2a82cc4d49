"""What each lane of the worker does, pass after pass, until it has to end. No rule lives here."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple
from functools import partial
from traceback import extract_tb
from typing import Final, Protocol

import structlog
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from tasks.errands import ErrandThread, do_errands
from tasks.lanes import Signs
from tasks.post import open_post
from tasks.schedule import LOOK_SECONDS, PASS_SECONDS, SUM_PASSES, SWEEP_SECONDS
from tasks.smtp import SmtpTransport
from workflow.clock import DatabaseClock, monotonic
from workflow.operations.mail.deliver import ServerMemory
from workflow.operations.mail.fate import Delivered
from workflow.operations.obstacles.look import Looked, look_for_obstacles
from workflow.operations.papers.tidy import tidy_papers
from workflow.operations.sweep.firing import Fired
from workflow.operations.sweep.sum_stays import BATCH, sum_stays
from workflow.operations.sweep.sweep import deliver_mails, fire_rungs
from workflow.settings import Settings
from workflow.store.database import Sessions
from workflow.store.paper_files import PaperFolder

SENDERS: Final = 4
"""How many letters may be on their way at once: one slow answer must not hold up all others.

Each is a lane: in one process they wait for each other's Python, and four send hardly more than two.
"""

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


def sweep_on(reach: Reach, signs: Signs, *, ring: Callable[[], None]) -> None:
    """Fire what is due, pass after pass; `ring` says that mails came of it."""
    sessions, clock, trouble = reach.sessions(), DatabaseClock(), Trouble("sweep")
    papers, tidying = PaperFolder(reach.settings.attachments_dir), Trouble("papers")
    # The first quiet pass looks for what an upgrade has left to sum.
    errands = ErrandThread(partial(_do_errands, sessions, papers, Trouble("errands"), signs))
    is_cut, quiet, look_at = False, SUM_PASSES - 1, monotonic()
    while signs.rest(0.0 if is_cut else SWEEP_SECONDS):
        is_cut = False
        errands.wake()
        with trouble.told(signs):
            fired = fire_rungs(sessions, clock=clock, seconds=PASS_SECONDS)
            tell("swept", fired)
            if fired.mails:
                ring()
            is_cut = fired.cut > 0
            if not is_cut:
                with tidying.told(signs):
                    tidy_papers(sessions, folder=papers, clock=clock)
                if monotonic() >= look_at:
                    look_at = monotonic() + LOOK_SECONDS
                    tell("looked", look_for_obstacles(sessions, clock=clock, on_part=signs.done))
                quiet += 1
                if quiet % SUM_PASSES == 0 and sum_stays(sessions, seconds=PASS_SECONDS) >= BATCH:
                    quiet -= 1  # there are more: the next pass begins at once and goes on
                    is_cut = True
    errands.end()


def _do_errands(
    sessions: Sessions, papers: PaperFolder, trouble: "Trouble", signs: Signs, is_ended: Callable[[], bool]
) -> None:
    with trouble.told(signs):
        do_errands(sessions, folder=papers, clock=DatabaseClock(), is_ended=is_ended)


def deliver_on(reach: Reach, mood: ServerMemory, signs: Signs) -> None:
    """Send what waits, one letter after the other, until the lane has to end; SENDERS lanes do so at once."""
    sessions, trouble, server = reach.sessions(), Trouble("deliver"), ServerTrouble()
    is_cut = False
    while signs.rest(0.0 if is_cut else SWEEP_SECONDS):
        is_cut = False
        with trouble.told(signs):
            post = open_post(reach.settings, sessions)
            done = deliver_mails(
                sessions,
                clock=DatabaseClock(),
                post=post,
                seconds=PASS_SECONDS,
                is_ended=signs.is_ended,
                on_wait=signs.done,
                mood=mood,
            )
            tell("delivered", done)
            if isinstance(post.transport, SmtpTransport):
                server.heed(post.transport.away, has_taken=done.sent > 0)
            is_cut = done.sent > 0


class Trouble:
    """Tells of passes that fail: one line when it begins and one when it is over, not one for each."""

    def __init__(self, lane: str) -> None:
        self._lane = lane
        self._told: str | None = None

    @contextmanager
    def told(self, signs: Signs | None) -> Iterator[None]:
        """Give the lane's sign when the block has done its work, or could not for want of a database.

        Without signs nobody waits for one. What is beside the due work, as a folder of papers that cannot be
        read, has a trouble of its own inside: it is told, and the rest goes on.
        """
        try:
            yield
        except (OperationalError, PoolTimeoutError) as error:
            # The database may come back, and then this process must still be there.
            _sign(signs)
            self._tell("database away", error)
        except Exception as error:  # noqa: BLE001 - a lane that is no better in a minute is replaced
            self._tell("pass failed", error)
        else:
            _sign(signs)
            if self._told is not None:
                _log.info("well again", lane=self._lane, was=self._told)
                self._told = None

    def _tell(self, what: str, error: Exception) -> None:
        name = type(getattr(error, "orig", None) or error).__name__
        if f"{what}: {name}" != self._told:
            self._told = f"{what}: {name}"
            place = extract_tb(error.__traceback__)[-1]
            _log.warning(what, lane=self._lane, error=name, at=f"{place.name}:{place.lineno}")


class ServerTrouble:
    """Tells once that the mail server takes nothing, and why, and once that it does again.

    That letters wait was all that a log said of a wrong password. What it said stands with each letter.
    """

    def __init__(self) -> None:
        self._told: str | None = None

    def heed(self, why: str | None, *, has_taken: bool) -> None:
        """Take in what a pass has met: what kept the server from taking any, and whether it took one."""
        if why is not None and not has_taken and why != self._told:
            self._told = why
            _log.warning("mail server away", error=why)
        elif has_taken and self._told is not None:
            _log.info("mail server takes letters again", was=self._told)
            self._told = None


def _sign(signs: Signs | None) -> None:
    if signs is not None:
        signs.done()


def tell(what: str, counts: Fired | Delivered | Looked) -> None:
    """Log what a pass did, when it did anything: counts only."""
    if any(astuple(counts)):
        names = counts.__dataclass_fields__
        _log.info(what, **{name: getattr(counts, name) for name in names if getattr(counts, name)})
