"""The worker's lanes: each does one kind of work in a process of its own, replaced when it dies or hangs.

The parent does no work: it opens no database and no broker, so nothing outside can hang it. A lane does its
passes at a monotonic pace, whoever else is there to ask for them; a byte in its pipe only makes it look
earlier. After each pass a lane gives a sign. One that gives none for SILENT_SECONDS is killed and forked
again, and when that has not helped either, the worker ends itself for its supervisor to start afresh.
"""

import os
import select
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Final

import structlog

from tasks import service
from workflow.clock import monotonic
from workflow.forking import keep_shared

SILENT_SECONDS: Final = 60.0
GRACE_SECONDS: Final = 30.0
_LOOK_SECONDS: Final = 1.0
_ASLEEP_SECONDS: Final = 10.0
# With the pauses between them, as many deaths in a row without a sign take a minute.
_MOST_FAILURES: Final = 9
_FIRST_PAUSE: Final = 0.2
_LONGEST_PAUSE: Final = 30.0
_FORK: Final = get_context("fork")
_ENDS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_log = structlog.get_logger("commendo.tasks")


class Pipe:
    """A pipe of bytes that mean nothing but "now"; writing never waits, and one unread byte is enough."""

    def __init__(self) -> None:
        self.reading, self.writing = os.pipe()
        os.set_blocking(self.reading, False)
        os.set_blocking(self.writing, False)

    def ring(self) -> None:
        """Write a byte, from whatever process or thread."""
        with suppress(BlockingIOError, BrokenPipeError):
            os.write(self.writing, b".")

    def drain(self) -> bool:
        """Take all bytes out and answer whether there were any."""
        with suppress(BlockingIOError):
            return bool(os.read(self.reading, 65536))
        return False


@dataclass(frozen=True, slots=True)
class Signs:
    """A lane's side of its pipes, in its own process."""

    wake: Pipe
    sign: Pipe
    life: int
    end: Pipe

    def done(self) -> None:
        """Tell the parent that work was done."""
        self.sign.ring()

    def rest(self, seconds: float) -> bool:
        """Wait until woken, at most `seconds`; False when the lane has to end, as when its parent is gone."""
        readable, _, _ = select.select([self.wake.reading, self.life, self.end.reading], [], [], seconds)
        self.wake.drain()
        return self.life not in readable and self.end.reading not in readable

    def is_ended(self) -> bool:
        """Say in the middle of a pass whether the lane has to end."""
        return bool(select.select([self.life, self.end.reading], [], [], 0.0)[0])


@dataclass(frozen=True, slots=True)
class Lane:
    """One kind of work. `run` is called in a process of its own and works until `Signs.rest` says no.

    Of one that `is_quiet` no sign is expected before its first: it waits for others.
    """

    name: str
    run: Callable[[Signs], None]
    wake: Pipe
    is_quiet: bool = False


@dataclass(slots=True)
class _Running:
    lane: Lane
    sign: Pipe = field(default_factory=Pipe)
    process: BaseProcess | None = None
    start_at: float = 0.0
    sign_at: float | None = None
    failures: int = 0
    was_replaced: bool = False


class Lanes:
    """Keeps lanes alive until a signal ends it."""

    def __init__(self, lanes: Sequence[Lane]) -> None:
        self._running = [_Running(lane) for lane in lanes]
        self._end = Pipe()
        self._life, self._held = os.pipe()
        self._looked_at = monotonic()

    def run(self) -> int:
        """Work until SIGTERM, SIGINT or SIGHUP and answer 0; 1 when a lane cannot be helped."""

        def end(_number: int, _frame: FrameType | None) -> None:
            self._end.ring()

        for number in _ENDS:
            signal.signal(number, end)
        keep_shared()
        for running in self._running:
            self._start(running)
        _log.info("worker ready", lanes=[running.lane.name for running in self._running])
        service.notify("READY=1")
        try:
            while not self._is_ended():
                for running in self._running:
                    if not self._look_after(running):
                        return 1
                service.notify("WATCHDOG=1")
            return 0
        finally:
            service.notify("STOPPING=1")
            self._stop()

    def _is_ended(self) -> bool:
        """Wait for something to look after, and answer whether a signal asked for the end."""
        asleep = monotonic() - self._looked_at
        if asleep > _ASLEEP_SECONDS:
            # We were stopped ourselves, with the whole machine perhaps: nobody was listening for signs.
            for running in self._running:
                running.sign_at = running.sign_at and monotonic()
        self._looked_at = monotonic()
        signs = [running.sign.reading for running in self._running]
        deaths = [running.process.sentinel for running in self._running if running.process is not None]
        readable, _, _ = select.select([self._end.reading, *signs, *deaths], [], [], _LOOK_SECONDS)
        return self._end.reading in readable

    def _look_after(self, running: _Running) -> bool:
        """Start a lane that is not there, replace one that hangs; False when it has been in vain."""
        now = monotonic()
        if running.sign.drain():
            running.sign_at, running.failures, running.was_replaced = now, 0, False
        if running.process is None:
            if running.failures >= _MOST_FAILURES and not running.lane.is_quiet:
                return False
            if now >= running.start_at:
                self._start(running)
            return True
        if not running.process.is_alive():
            self._mourn(running)
        elif self._is_silent(running, now):
            self._tell_of_silence(running.lane)
            if running.was_replaced and not running.lane.is_quiet:
                return False
            # Its death takes a moment to arrive, and until then it must not be found silent a second time.
            running.was_replaced, running.sign_at = True, now
            running.process.kill()
        return True

    def _is_silent(self, running: _Running, now: float) -> bool:
        return running.sign_at is not None and now - running.sign_at >= SILENT_SECONDS

    def _tell_of_silence(self, lane: Lane) -> None:
        if lane.is_quiet:
            # Nobody may have had anything to say: without beat that is usual.
            _log.info("lane heard nothing", lane=lane.name, silent_seconds=SILENT_SECONDS)
        else:
            _log.error("lane hangs", lane=lane.name, silent_seconds=SILENT_SECONDS)

    def _start(self, running: _Running) -> None:
        running.process = _FORK.Process(target=self._become, args=(running,), name=running.lane.name)
        running.process.start()
        # What its forerunner had in hand, or what fell due while nobody looked, does not wait for its pace.
        running.lane.wake.ring()
        running.sign_at = None if running.lane.is_quiet else monotonic()

    def _become(self, running: _Running) -> None:
        """Be a lane, in the process just forked."""
        os.close(self._held)
        ended = Pipe()

        def end(_number: int, _frame: FrameType | None) -> None:
            ended.ring()

        signal.signal(signal.SIGTERM, end)
        for number in (signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        service.end_with_parent()
        service.take_name(running.lane.name)
        running.lane.run(Signs(running.lane.wake, running.sign, self._life, ended))

    def _mourn(self, running: _Running) -> None:
        process, running.process = running.process, None
        code = process.exitcode if process is not None else None
        running.failures += 1
        pause = min(_FIRST_PAUSE * 2 ** (running.failures - 1), _LONGEST_PAUSE)
        running.start_at = monotonic() + pause
        _log.warning("lane ended", lane=running.lane.name, exit_code=code, again_in_seconds=round(pause, 1))

    def _stop(self) -> None:
        """Let lanes finish what they have in hand; those that only wait for others are not waited for."""
        deadline = monotonic() + GRACE_SECONDS
        processes = [(running, running.process) for running in self._running if running.process is not None]
        for running, process in processes:
            if running.lane.is_quiet:
                process.kill()
            else:
                process.terminate()
        for _, process in processes:
            process.join(max(0.0, deadline - monotonic()))
            process.kill()
            process.join()
