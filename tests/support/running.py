"""The whole product as a newcomer runs it: `commendo up` in a folder of its own, spoken to over HTTP."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Timer
from typing import Any

import psutil
import redis

from tests.support.patience import PATIENCE
from tests.support.servers import clear
from workflow import embedded
from workflow.clock import wait_for

CHECKOUT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "api.cli"]
NOTHING_SET: Mapping[str, str] = {}
MAILS_AT_ONCE: Mapping[str, str] = {"task_mail": "at_once", "quiet_hours": "none"}
"""Letters wait for the morning of a working day: whatever the day is on which a test runs, these leave."""


@dataclass(frozen=True)
class Answer:
    """What a request got: status, headers in lower case, and the body read as JSON."""

    status: int
    headers: dict[str, str]
    body: Any


@dataclass(frozen=True)
class Running:
    """A `commendo up` that answers, and the means to use it and to break it."""

    folder: Path
    port: int
    process: subprocess.Popen[str] | subprocess.Popen[bytes]
    said: str
    program: Sequence[str] = tuple(COMMAND)
    at: Path = CHECKOUT
    settings: Mapping[str, str] = field(default_factory=dict)

    def command(self, *words: str) -> str:
        """Run another command on the same folder and return what it said."""
        done = subprocess.run(
            [*self.program, *words],
            cwd=self.at,
            env=environment(self.folder, self.settings),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=True,
        )
        return done.stdout

    def token(self, email: str) -> str:
        """Return a bearer token for an account."""
        token: str = json.loads(self.command("account", "token", email, "--json"))["token"]
        return token

    def ask(self, path: str, token: str, body: object = None, **headers: str) -> Answer:
        """Send a GET, or with a body a POST, and return the answer, refusals included."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/json",
                **{name.replace("_", "-"): value for name, value in headers.items()},
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as response:  # noqa: S310 - as above
                return _answer(response.status, response.headers, response.read())
        except urllib.error.HTTPError as error:
            return _answer(error.code, error.headers, error.read())

    def is_ready(self) -> bool:
        """Whether /readyz finds nothing wrong; False too while nobody answers."""
        try:
            return self.ask("/readyz", "").status == 200
        except OSError:
            return False

    def kill(self, name: str) -> int:
        """Kill a child (`web`, `worker`, `beat`) with all below it, as a power cut would; return its pid."""
        tree = self.tree(name)
        for each in tree:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        return tree[-1].pid

    def tree(self, name: str) -> list[psutil.Process]:
        """Return the processes below a child (`web`, `worker`, `beat`), and the child as the last."""
        [child] = self._children(name)
        return [*child.children(recursive=True), child]

    def is_running(self, name: str) -> bool:
        """Whether there is such a child now; one that died is started again after a pause."""
        return bool(self._children(name))

    def _children(self, name: str) -> list[psutil.Process]:
        children = psutil.Process(self.process.pid).children()
        return [found for found in children if name in _words_of(found)[1:]]

    def kill_redis(self) -> None:
        """Kill the private Redis."""
        with embedded.start(self.folder) as services:
            assert services.redis_url is not None
            pid = redis.Redis.from_url(services.redis_url).info("server")["process_id"]
        os.kill(pid, signal.SIGKILL)

    def stop(self) -> int:
        """Press Ctrl-C and return the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=PATIENCE)


def environment(folder: Path, settings: Mapping[str, str] = NOTHING_SET) -> dict[str, str]:
    """Return the environment of a newcomer: no setting but the folder, and those named as in `Settings`."""
    given = {name: value for name, value in os.environ.items() if not name.startswith("COMMENDO_")}
    own = {f"COMMENDO_{name.upper()}": value for name, value in settings.items()}
    return {**given, "COMMENDO_DATA_DIR": str(folder), **own}


@contextmanager
def cleared(folder: Path) -> Iterator[Path]:
    """Give a folder to run in, and remove at the end what its servers keep elsewhere when root runs them."""
    try:
        yield folder
    finally:
        clear(folder)


@contextmanager
def running(
    folder: Path,
    *words: str,
    program: Sequence[str] = tuple(COMMAND),
    at: Path = CHECKOUT,
    settings: Mapping[str, str] = NOTHING_SET,
) -> Iterator[Running]:
    """Start `commendo up`, wait until it says that it is up, and stop it at the end.

    `program` is how `commendo` is called, and `at` the working directory of whoever calls it.
    """
    port = free_port()
    process = subprocess.Popen(
        [*program, "up", "--port", str(port), *words],
        cwd=at,
        env=environment(folder, settings),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        said = _read_until_up(process)
        up = Running(folder, port, process, said, program, at, settings)
        assert wait_for(up.is_ready, seconds=PATIENCE, every=0.2), up.ask("/readyz", "").body
        yield up
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=PATIENCE)


def free_port() -> int:
    """Return a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _words_of(process: psutil.Process) -> list[str]:
    """Return a process's command line; one that died a moment ago has none any more."""
    try:
        words: list[str] = process.cmdline()
    except psutil.NoSuchProcess:
        return []
    return words


def _read_until_up(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    lines = []
    # Else only pytest's own limit would end a start that hangs, and it takes the whole test process with it.
    limit = Timer(PATIENCE, process.kill)
    limit.start()
    try:
        for line in process.stdout:
            lines.append(line)
            if "Ctrl-C" in line:
                return "".join(lines)
    finally:
        limit.cancel()
    raise AssertionError(f"commendo up ended with {process.wait()}: {''.join(lines)}")


def _answer(status: int, headers: Any, content: bytes) -> Answer:
    is_json = "json" in headers.get("Content-Type", "")
    body = json.loads(content) if content and is_json else content.decode()
    return Answer(status, {name.lower(): value for name, value in headers.items()}, body)
