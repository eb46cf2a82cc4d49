"""Keeps the processes of `commendo up` alive: starts again what died or hangs, stops them all in time.

Each program runs in a session of its own, so a Ctrl-C in the terminal reaches the supervisor alone and the
order of the end is ours. If the supervisor itself is killed, the kernel asks its children to end (Linux;
elsewhere they stay and the next start takes the services over).
"""

import os
import select
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Protocol

from api.serving import processes
from workflow.clock import monotonic
from workflow.embedded import EmbeddedError

# Together with the services' own stop this stays under the ten seconds that Ctrl-C may take.
GRACE_SECONDS = 5.0
SERVICE_SECONDS = 1.0
READY_SECONDS = 0.05
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 30.0
# A program that ran this long has recovered: its next pause is the first one again.
SETTLED_SECONDS = 30.0
# A program that cannot even start, a taken port for example, ends the whole after so many attempts.
FIRST_ATTEMPTS = 3
# A program that has given no sign of life for so long hangs: it is killed and started again.
SIGN_SECONDS, HANG_SECONDS = 5.0, 60.0
# One that is not ready for the first time after so long hangs too; a slow machine has a while for it.
START_SECONDS = 120.0


class Restartable(Protocol):
    """Services that can be asked to bring back what died in them."""

    def ensure(self) -> tuple[str, ...]:
        """Start again what has died and answer its names."""


@dataclass(frozen=True, slots=True)
class Program:
    """One process to keep alive.

    `is_ready`, if it has one, is asked until it says yes for the first time, within START_SECONDS. `begun` is
    its first process where that was begun before there was anything to do. `is_alive`, if it has one, is
    asked every SIGN_SECONDS: after HANG_SECONDS without a yes the program is started again.
    """

    name: str
    argv: Sequence[str]
    is_ready: Callable[[], bool] | None = None
    begun: processes.Begun | None = None
    is_alive: Callable[[], bool] | None = None


@dataclass(slots=True)
class _Child:
    program: Program
    begun: processes.Begun | None
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_again_at: float = 0.0
    failures: int = 0
    was_ready: bool = False
    asked_at: float = 0.0
    alive_at: float = 0.0


def run(
    programs: Sequence[Program],
    *,
    folder: Path,
    environment: Mapping[str, str],
    services: Restartable | None,
    on_ready: Callable[[], None],
    say: Callable[[str], None],
) -> int:
    """Keep the programs and the services alive until a signal ends it, and answer the exit code.

    `folder` is the programs' working directory. `on_ready` is called once, when every program that can tell
    is ready. `say` gets one line for whatever happens. SIGINT, SIGTERM and SIGHUP stop all within
    GRACE_SECONDS and answer 0, a second one at once; a program that cannot start FIRST_ATTEMPTS times ends it
    with 1. The caller stops the services afterwards. It must be called in the main thread, with no other
    thread running.
    """
    supervisor = _Supervisor(
        children=[_Child(program, program.begun) for program in programs],
        folder=folder,
        environment=environment,
        services=services,
        on_ready=on_ready,
        say=say,
    )
    return supervisor.run()


@dataclass(slots=True)
class _Supervisor:
    children: list[_Child]
    folder: Path
    environment: Mapping[str, str]
    services: Restartable | None
    on_ready: Callable[[], None]
    say: Callable[[str], None]
    stop_requests: int = 0
    is_ready: bool = False
    service_failures: int = 0
    services_checked_at: float = field(default_factory=monotonic)

    def run(self) -> int:
        with _wakes() as wake, self._signals():
            try:
                return self._keep_alive(wake)
            finally:
                self._stop_all(wake)

    def _keep_alive(self, wake: int) -> int:
        while not self.stop_requests:
            for child in self.children:
                if child.process is None and child.start_again_at <= monotonic() and self._has_turn(child):
                    gives_up = self._start(child)
                else:
                    gives_up = child.process is not None and self._mourn(child.process, child)
                if gives_up:
                    return 1
            self._check_ready()
            self._check_alive()
            self._check_services()
            _sleep(wake, self._pause())
        return 0

    def _has_turn(self, child: _Child) -> bool:
        """Whether a program may start: those that somebody waits for have the machine to themselves first."""
        return child.program.is_ready is not None or all(
            other.was_ready for other in self.children if other.program.is_ready is not None
        )

    def _start(self, child: _Child) -> bool:
        """Start a program, and answer whether to give up."""
        begun, child.begun = child.begun, None
        try:
            if begun is None:
                child.process = processes.start(
                    child.program.argv, folder=self.folder, environment=self.environment
                )
            else:
                begun.tell(self.environment)
                child.process = begun.process
        except (OSError, subprocess.SubprocessError) as error:
            # There is no process, descriptor or memory for one more just now, or its folder is gone.
            return self._put_off(child, f"could not be started ({error})")
        child.started_at = child.asked_at = child.alive_at = monotonic()
        return False

    def _mourn(self, process: subprocess.Popen[bytes], child: _Child) -> bool:
        """Note a death, clear away the program's own children, and answer whether to give up."""
        if process.poll() is None:
            return False
        _signal_group(process, signal.SIGKILL)
        child.process = None
        return self._put_off(child, _how_it_ended(process.returncode))

    def _put_off(self, child: _Child, how: str) -> bool:
        """Have a program started after a pause that grows, and answer whether to give up."""
        settled = child.was_ready and monotonic() - child.started_at >= SETTLED_SECONDS
        child.failures = 1 if settled else child.failures + 1
        if child.program.is_ready and not child.was_ready and child.failures >= FIRST_ATTEMPTS:
            self.say(f"{child.program.name} {how} {child.failures} times before it was ready; giving up.")
            return True
        pause = min(FIRST_PAUSE * 2 ** (child.failures - 1), LONGEST_PAUSE)
        child.start_again_at = monotonic() + pause
        self.say(f"{child.program.name} {how}; starting it again in {pause:.1f} s.")
        return False

    def _check_ready(self) -> None:
        if self.is_ready:
            return
        for child in self.children:
            if child.was_ready or child.process is None:
                continue
            question = child.program.is_ready
            child.was_ready = question is None or question()
            if not child.was_ready and monotonic() - child.started_at >= START_SECONDS:
                self.say(f"{child.program.name} was not ready within {START_SECONDS:.0f} s.")
                _signal_group(child.process, signal.SIGKILL)
                child.started_at = monotonic()
        if all(child.was_ready for child in self.children):
            self.is_ready = True
            self.on_ready()

    def _check_alive(self) -> None:
        for child in self.children:
            question, rested = child.program.is_alive, monotonic() - child.asked_at
            if question is None or child.process is None or not child.was_ready or rested < SIGN_SECONDS:
                continue
            # Whoever was stopped himself, with the whole machine perhaps, has not been listening meanwhile.
            if question() or rested > 3 * SIGN_SECONDS:
                child.alive_at = monotonic()
            child.asked_at = monotonic()
            if child.asked_at - child.alive_at >= HANG_SECONDS:
                self.say(f"{child.program.name} has given no sign of life for {HANG_SECONDS:.0f} s.")
                _signal_group(child.process, signal.SIGKILL)

    def _check_services(self) -> None:
        if self.services is None or monotonic() - self.services_checked_at < SERVICE_SECONDS:
            return
        try:
            for name in self.services.ensure():
                self.say(f"{name} had died; it runs again.")
            self.service_failures = 0
            pause = 0.0
        except EmbeddedError as error:
            self.service_failures += 1
            pause = min(2.0**self.service_failures, LONGEST_PAUSE)
            self.say(f"{error} Trying again in {pause:.0f} s.")
        self.services_checked_at = monotonic() + pause

    def _pause(self) -> float:
        """Answer how long nothing needs doing unless a child dies or a signal comes; either wakes us."""
        if not self.is_ready:
            return READY_SECONDS
        waits = [child.start_again_at - monotonic() for child in self.children if child.process is None]
        return max(0.0, min([SERVICE_SECONDS, *waits]))

    def _stop_all(self, wake: int) -> None:
        """Ask every program to end, in reverse order of its start, and end those that do not in time."""
        running = [child.process for child in reversed(self.children) if child.process is not None]
        for process in running:
            process.terminate()
        requests = self.stop_requests
        deadline = monotonic() + GRACE_SECONDS
        while any(process.poll() is None for process in running):
            if monotonic() >= deadline or self.stop_requests > requests:
                break
            _sleep(wake, max(0.0, min(0.2, deadline - monotonic())))
        for process in running:
            _signal_group(process, signal.SIGKILL)
            process.wait()

    @contextmanager
    def _signals(self) -> Iterator[None]:
        def stop(_number: int, _frame: FrameType | None) -> None:
            self.stop_requests += 1

        def notice(_number: int, _frame: FrameType | None) -> None:
            """Do nothing: a handler of ours is what makes the wake-up pipe hear of a child's death."""

        stops = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, stop) for number in stops}
        before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, notice)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


@contextmanager
def _wakes() -> Iterator[int]:
    """Answer a descriptor that becomes readable with every signal, so that nothing has to be polled for."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    try:
        yield reading
    finally:
        signal.set_wakeup_fd(before)
        os.close(reading)
        os.close(writing)


def _sleep(wake: int, seconds: float) -> None:
    """Rest for at most `seconds`, or until the next signal."""
    if select.select([wake], [], [], seconds)[0]:
        with suppress(BlockingIOError):
            os.read(wake, 4096)


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Reach a program together with the processes that it made; it leads a group of its own."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _how_it_ended(code: int) -> str:
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"
