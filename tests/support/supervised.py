"""The supervisor of `up` over small programs, as a test starts it and reads what it says."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

import psutil

from api.serving.supervisor import GRACE_SECONDS
from tests.support.patience import PATIENCE
from tests.support.servers import CHECKOUT
from workflow.clock import monotonic, wait_for

SUPERVISOR = """
import subprocess
import sys
from pathlib import Path
import psutil
from api.serving import supervisor
from api.serving.processes import Begun, start
from api.serving.supervisor import Program, run
from workflow.embedded import EmbeddedError
from workflow.settings import child_environment

folder, supervisor.GRACE_SECONDS = Path(sys.argv[1]), float(sys.argv[2])
supervisor.SIGN_SECONDS, supervisor.HANG_SECONDS = 1.0, 3.0
if (folder / "impatient").exists():
    supervisor.START_SECONDS, supervisor.SETTLED_SECONDS = 2.0, 1.0

class Services:
    def ensure(self):
        died = folder / "service-died"
        if not died.exists():
            return ()
        died.unlink()
        if (folder / "service-broken").exists():
            (folder / "service-broken").unlink()
            died.touch()
            raise EmbeddedError("It does not start.")
        return ("Redis",)

def say(line):
    print(line, flush=True)

def moves(name):
    # Asked of the kernel and of no clock, so that a busy machine changes nothing.
    note = folder / f"{name}.pid"
    try:
        return psutil.Process(int(note.read_text(encoding="utf-8"))).status() != psutil.STATUS_STOPPED
    except (OSError, ValueError, psutil.Error):
        return True

def program(name):
    code = (folder / f"{name}.py").read_text(encoding="utf-8")
    ready = (lambda: (folder / f"{name}.ready").exists()) if "ready" in code else None
    argv = (sys.executable, "-c", code)
    begun = Begun(argv, start(argv, stdin=subprocess.PIPE)) if "stdin.read" in code else None
    return Program(name, argv, ready, begun, lambda: moves(name))

sys.exit(run(
    [program(name) for name in sys.argv[3:]],
    folder=folder,
    environment=child_environment(data_dir=str(folder)),
    services=Services(),
    on_ready=lambda: say("ready"),
    say=say,
))
"""


@dataclass
class Supervised:
    """A running supervisor and what it said so far."""

    process: subprocess.Popen[str]
    folder: Path
    lines: SimpleQueue[str] = field(default_factory=SimpleQueue)
    said: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Take in its lines as they come: of two that come at once, a wait on the pipe would see one."""
        for line in self.process.stdout or ():
            self.lines.put(line.rstrip())

    def hear(self, words: str, seconds: float = PATIENCE) -> str:
        """Wait for a line with these words and answer it."""
        deadline = monotonic() + seconds
        with suppress(Empty):
            while True:
                self.said.append(self.lines.get(timeout=max(0.0, deadline - monotonic())))
                if words in self.said[-1]:
                    return self.said[-1]
        raise AssertionError(f"{words!r} was not said: {self.said}")

    def child(self, name: str, *, other_than: psutil.Process | None = None) -> psutil.Process:
        """Wait for the program's process, or the next one, and answer it."""
        note = self.folder / f"{name}.pid"

        def is_there() -> bool:
            text = note.read_text(encoding="utf-8") if note.exists() else ""
            return text != "" and (other_than is None or int(text) != other_than.pid)

        assert wait_for(is_there, seconds=PATIENCE)
        return psutil.Process(int(note.read_text(encoding="utf-8")))


@contextmanager
def supervised(folder: Path, *, grace: float = GRACE_SECONDS, **programs: str) -> Iterator[Supervised]:
    for name, code in programs.items():
        (folder / f"{name}.py").write_text(code.replace("{name}", name), encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, str(folder), str(grace), *programs],
        cwd=CHECKOUT,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    it = Supervised(process, folder)
    listener = Thread(target=it.listen)
    listener.start()
    try:
        yield it
    finally:
        _end_all(process)
        listener.join()
        process.wait()


def _end_all(supervisor: subprocess.Popen[str]) -> None:
    """End it with all below it, new ones included: whoever lives on would keep its output open for ever."""
    if supervisor.poll() is None:
        supervisor.send_signal(signal.SIGSTOP)
        for each in psutil.Process(supervisor.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                each.kill()
    supervisor.kill()
