"""Questions to what lies outside this process, each with a limit of its own.

A probe is a function that returns when its part is well and raises when not. It runs in a thread of its own,
because neither a disk that hangs nor a half-open link can be interrupted; while one hangs no second is begun.
"""

import errno
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from shutil import disk_usage
from threading import Condition, Thread
from typing import Final

import structlog

from workflow.clock import monotonic
from workflow.settings import Settings

Probe = Callable[[], None]

_DISK_SECONDS: Final = 2.0
_OUTSIDE: Final[Mapping[str, tuple[str, str, float, float]]] = {
    "broker": (
        "Redis takes no message",
        (
            "Start Redis, or see that it has memory left and that COMMENDO_REDIS_URL names it. Reminders and "
            "letters go on, ten seconds later."
        ),
        2.5,
        1.0,
    ),
    "mail_server": (
        "the mail server does not let us in",
        (
            "See that the mail server runs and that COMMENDO_SMTP_URL names it, with a password that holds. "
            "Letters are tried for five days and go by themselves."
        ),
        4.0,
        15.0,
    ),
}
"""Of each part outside: what is said of it, what helps, its limit and how long an answer counts (seconds)."""

_DATABASE_ROOM: Final = 64 * 1024 * 1024
"""Four segments of PostgreSQL's log: with less it may have to stop at any moment."""

_PAPERS: Final = (
    "Make room where attachments/ of the data folder lies, or give that folder to the account of Commendo."
)
_DATABASE: Final = "Make room where the embedded database lies; PostgreSQL stops when none is left."
_DISK_WORDS: Final[Mapping[int, str]] = {
    errno.ENOSPC: "there is no room for one more of the largest files",
    errno.EDQUOT: "its quota is used up",
    errno.EROFS: "it can only be read",
    errno.EACCES: "it may not be written",
    errno.EPERM: "it may not be written",
}
_log = structlog.get_logger(__name__)


class Unwell(Exception):  # noqa: N818 - a finding, told in its words
    """A part is not well. The words go to strangers: no address, no path, no name."""


@dataclass(slots=True)
class Question:
    """One part of the installation and how it is asked; safe to use from several threads.

    The answer counts for `fresh_seconds`, so that no stranger makes us knock at a mail server as often as
    they like, and one that takes longer than `limit_seconds` is a no.
    """

    name: str
    remedy: str
    probe: Probe
    limit_seconds: float
    fresh_seconds: float = 0.0
    _turn: Condition = field(default_factory=Condition)
    _is_running: bool = False
    _asked_at: float = 0.0
    _answered_at: float | None = None
    _answer: str | None = None

    def begin(self) -> None:
        """Ask, unless it is being asked already or the last answer still counts."""
        with self._turn:
            if self._is_running or self._is_fresh():
                return
            self._is_running, self._asked_at = True, monotonic()
            Thread(target=self._ask, name=f"probe {self.name}", daemon=True).start()

    def answer(self) -> str | None:
        """Wait for the answer, never beyond the limit: None when all is well, else what is wrong."""
        with self._turn:
            while self._is_running:
                left = self._asked_at + self.limit_seconds - monotonic()
                if left <= 0:
                    return f"it did not answer within {self.limit_seconds:g} s"
                self._turn.wait(left)
            return self._answer

    def _is_fresh(self) -> bool:
        return self._answered_at is not None and monotonic() - self._answered_at < self.fresh_seconds

    def _ask(self) -> None:
        answer = None
        try:
            self.probe()
        except Unwell as found:
            answer = str(found)
        except OSError as error:
            answer = _DISK_WORDS.get(error.errno or 0, "it does not answer")
        except Exception as error:  # noqa: BLE001 - a part that cannot even be asked is not well
            answer = "it does not answer"
            _log.warning("probe_failed", check=self.name, error=type(error).__name__)
        with self._turn:
            self._answer, self._answered_at, self._is_running = answer, monotonic(), False
            self._turn.notify_all()


def outside_questions(probes: Mapping[str, Callable[[], bool]]) -> Iterator[Question]:
    """Give the questions that the composition root knows how to ask."""
    for name, probe in probes.items():
        words, remedy, limit, fresh = _OUTSIDE[name]
        yield Question(name, remedy, partial(_demand, probe, words), limit, fresh)


def disk_questions(settings: Settings, demand_room: Callable[[int], None]) -> Iterator[Question]:
    """Give the questions about the disks this process can see; `demand_room` asks that of the papers."""
    most = settings.attachment_bytes
    yield Question("papers", _PAPERS, lambda: demand_room(most), _DISK_SECONDS)
    if settings.uses_embedded_services and (folder := embedded_folder(settings)).exists():
        yield Question("database_disk", _DATABASE, lambda: _demand_room(folder), _DISK_SECONDS)


def embedded_folder(settings: Settings) -> Path:
    """Return where the private PostgreSQL lies: run by root, where the link `home` leads."""
    base = settings.data_dir / "embedded"
    home = base / "home"
    return home if home.is_symlink() else base


def ask_all(questions: Sequence[Question]) -> dict[str, str | None]:
    """Ask all at once and return each answer by name, None for what is well."""
    for question in questions:
        question.begin()
    return {question.name: question.answer() for question in questions}


def _demand(probe: Callable[[], bool], words: str) -> None:
    if not probe():
        raise Unwell(words)


def _demand_room(folder: Path) -> None:
    if disk_usage(folder).free < _DATABASE_ROOM:
        raise Unwell(f"less than {_DATABASE_ROOM // 1024**2} MB are left")
