"""Work on a stranger's file in a process of its own: a hostile one costs seconds, and nothing else stops.

The process is given no secret (no setting reaches it). What comes in and what goes out are bytes. To open
the libraries of a kind of file takes longer than most files do, so a process that has them open stands by
for each kind (`standing_by.py`), and a fork of it works on one file.
"""

import atexit
import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from threading import Lock
from typing import Final

from workflow.clock import monotonic
from workflow.standing_by import BEGUN, DONE, FAILED, LENGTH, ORDER, OUT_OF_MEMORY

# All that the process is told of its surroundings: where our packages lie. Settings hold secrets.
_ENVIRONMENT: Final = {"PYTHONPATH": str(Path(__file__).parents[1])}
_AT_ONCE: Final = 2**16
_GRACE: Final = 5.0
"""Seconds that a process whose time is up has to be gone."""
_PATIENCE: Final = 30.0
"""Seconds in which an order is taken by a process that stands by; it takes one in no time, so it hangs."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one piece of work may take: seconds of a processor, bytes of memory, seconds by the clock."""

    cpu_seconds: int = 20
    memory_bytes: int = 1024 * 2**20
    wall_seconds: int = 120


class Ended(StrEnum):
    """Why a process came to no answer: one of the limits, or an error of its own."""

    WALL = "wall"
    MEMORY = "memory"
    CPU = "cpu"
    ERROR = "error"


class NoAnswerError(Exception):
    """Work that came to no answer; `why` says what ended it."""

    def __init__(self, why: Ended) -> None:
        """Keep what ended it."""
        super().__init__(why)
        self.why = why


def run_within(limits: Limits, module: str, given: bytes) -> bytes:
    """Give bytes to a module of ours that ends in `stand_by`, and return its answer.

    Raises `NoAnswerError`.
    """
    until = monotonic() + limits.wall_seconds
    with _begun(limits, module, until) as job:
        told = _told(job, given, until + _GRACE)
    mark, answer = told[:1], told[1 + LENGTH.size :]
    if mark == DONE and told[1 : 1 + LENGTH.size] == LENGTH.pack(len(answer)):
        return answer
    if mark in _WHY:
        raise NoAnswerError(_WHY[mark])
    # It was ended before it had said all: by its alarm, or by the limit of its processor.
    raise NoAnswerError(Ended.WALL if monotonic() >= until else Ended.CPU)


_WHY: Final = {OUT_OF_MEMORY: Ended.MEMORY, FAILED: Ended.ERROR}


def _told(job: socket.socket, given: bytes, until: float) -> bytes:
    """Return all that is said of what is given, until the process is gone or the time is over."""
    told = bytearray()
    try:
        job.settimeout(max(0.1, until - monotonic()))
        job.sendall(given)
        job.shutdown(socket.SHUT_WR)
        while part := job.recv(_AT_ONCE):
            told += part
            job.settimeout(max(0.1, until - monotonic()))
    except OSError:
        # Gone in the midst of it, or not gone in time: what it said is not whole, and its length tells.
        pass
    return bytes(told)


def _begun(limits: Limits, module: str, until: float) -> socket.socket:
    """Return the socket of a process that has begun and was given nothing yet.

    What stood by may have been ended by somebody, or have ended after some quiet minutes: once more, then.
    """
    for _ in range(2):
        standby = _STANDBYS.of(module)
        job = standby.begun(limits, until)
        if job is not None:
            return job
        _STANDBYS.drop(module, standby)
    if monotonic() >= until:
        raise NoAnswerError(Ended.WALL)
    raise OSError(f"No process takes orders for {module}.")


class _Standby:
    """A process that stands by for one kind of file, and the socket by which it takes orders."""

    def __init__(self, module: str) -> None:
        self._orders, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._orders.settimeout(_PATIENCE)
        self._lock = Lock()
        with theirs:
            # Not a fork: whoever asks may be a server with threads.
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [sys.executable, "-P", "-m", module], env=_ENVIRONMENT, stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip

    def begun(self, limits: Limits, until: float) -> socket.socket | None:
        """Return the socket of a fork that has begun, or None where there is none to be had."""
        order = ORDER.pack(limits.cpu_seconds, limits.memory_bytes, limits.wall_seconds)
        job, theirs = socket.socketpair()
        try:
            with theirs, self._lock:
                socket.send_fds(self._orders, [order], [theirs.fileno()])
            job.settimeout(max(0.1, min(_PATIENCE, until - monotonic())))
            if job.recv(len(BEGUN)) == BEGUN:
                return job
        except OSError:
            pass
        job.close()
        return None

    def end(self) -> None:
        """End the process; what it forked goes on to the end of its own limits."""
        with self._lock:
            self._orders.close()
        self._process.kill()
        self._process.wait()

    def leave(self) -> None:
        """Forget, in a fork of whoever had it started, what is not this process's to end."""
        self._orders.close()
        self._process.returncode = 0


class _Standbys:
    """What stands by for this process, by the module that it runs."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._found: dict[str, _Standby] = {}

    def of(self, module: str) -> _Standby:
        """Return what stands by, started where nothing does yet."""
        with self._lock:
            found = self._found.get(module)
            if found is None:
                found = self._found[module] = _Standby(module)
            return found

    def drop(self, module: str, standby: _Standby) -> None:
        """End what takes no orders, so that the next is asked of another."""
        with self._lock:
            if self._found.get(module) is standby:
                del self._found[module]
                standby.end()

    def end(self) -> None:
        """End all of them, before this process ends."""
        while self._found:
            self._found.popitem()[1].end()

    def forget(self) -> None:
        """Begin anew in a fork: what stands by for the parent stands by for it alone."""
        for standby in self._found.values():
            standby.leave()
        self._lock, self._found = Lock(), {}


_STANDBYS: Final = _Standbys()
atexit.register(_STANDBYS.end)
os.register_at_fork(after_in_child=_STANDBYS.forget)
