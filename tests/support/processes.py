"""The processes behind the web as they run in production, with a Redis that can be killed or frozen."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.support.hours import noon_zone
from tests.support.patience import PATIENCE
from workflow.clock import wait_for
from workflow.servers.binaries import redis_program
from workflow.settings import child_environment


@dataclass
class Broker:
    """A Redis of this test's own on a socket in its folder; it keeps nothing on disk."""

    folder: Path
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Return how COMMENDO_REDIS_URL names it."""
        return f"unix://{self._socket}?db=0"

    @property
    def client(self) -> Redis:
        """Return a client with short patience that asks once."""
        return Redis(unix_socket_path=str(self._socket), socket_timeout=2, retry=Retry(NoBackoff(), 0))

    def start(self) -> None:
        program = redis_program()
        assert program is not None, "this machine has no redis-server"
        command = [str(program), "--port", "0", "--unixsocket", str(self._socket), "--save", ""]
        self._process = subprocess.Popen(command, cwd=self.folder, stdout=subprocess.DEVNULL)
        assert wait_for(self._answers, seconds=PATIENCE)

    def kill(self) -> None:
        """End it as a power cut would; every message in it is gone."""
        self.signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait()

    def signal(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    @property
    def _socket(self) -> Path:
        return self.folder / "redis.sock"

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except OSError:
            return False
        except Exception as error:
            if "connect" in str(error).lower():
                return False
            raise


@contextmanager
def broker(folder: Path) -> Iterator[Broker]:
    """Run a Redis in a folder whose path is short enough for a socket."""
    running = Broker(folder)
    running.start()
    try:
        yield running
    finally:
        running.signal(signal.SIGCONT)
        running.kill()


@dataclass
class Crew:
    """Started `commendo` processes of one installation; all are gone at the end of the test."""

    folder: Path
    settings: dict[str, str]
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        """Start `commendo` with these words, in a group of its own as the supervisor starts it."""
        log = (self.folder / f"{words[0]}-{len(self.started)}.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "api.cli", *words],
            cwd=self.folder,
            env=child_environment(**self.settings),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        log.close()
        self.started.append(process)
        return process

    def log_of(self, process: subprocess.Popen[bytes]) -> str:
        """Return what a process has said so far."""
        [found] = self.folder.glob(f"*-{self.started.index(process)}.log")
        return found.read_text(encoding="utf-8", errors="replace")

    def kill_group(self, process: subprocess.Popen[bytes]) -> None:
        """End a process and its children at once, as a power cut would."""
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        process.wait()
        assert wait_for(lambda: not members_of(process.pid), seconds=PATIENCE)


@contextmanager
def crew(folder: Path, **settings: str) -> Iterator[Crew]:
    """Let a test start processes with these settings, named as in `Settings`.

    Mails leave as they come unless it says otherwise, and it is about noon there: most tests ask what is
    told, whatever the real hour.
    """
    folder.mkdir(exist_ok=True)
    own = {
        "env": "development",
        "data_dir": str(folder),
        "task_mail": "at_once",
        "quiet_hours": "none",
        "timezone": noon_zone(datetime.now(UTC)),
        "undo_seconds": "0",
    }
    running = Crew(folder, own | settings)
    try:
        yield running
    finally:
        for process in running.started:
            running.kill_group(process)


def members_of(group: int) -> list[psutil.Process]:
    """Return the living processes of a process group."""
    found = []
    for process in psutil.process_iter():
        try:
            if os.getpgid(process.pid) == group and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (ProcessLookupError, psutil.Error):
            continue
    return found
