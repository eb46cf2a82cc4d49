"""A running `commendo web`, as strangers and probes meet it: by its port."""

import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.conftest import Database
from tests.support.patience import PATIENCE
from tests.support.running import environment, free_port
from workflow.clock import wait_for

SHORT = "server.BODY_SECONDS = 1.0; server._HEAD_SECONDS = 1.0; server._IDLE_SECONDS = 2.0"


@dataclass
class Door:
    """A running `commendo web`."""

    port: int
    process: psutil.Process

    def ask(self) -> None:
        """Ask for the page before the door, the database included, as somebody without a session."""
        url = f"http://127.0.0.1:{self.port}/sign-in"
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            assert answer.status == 200
            assert answer.read()

    def answers(self) -> bool:
        try:
            self.ask()
        except OSError:
            return False
        return True

    def memory(self) -> int:
        """Return the bytes that its processes have for themselves."""
        family = [self.process, *self.process.children(recursive=True)]
        return sum(one.memory_full_info().uss for one in family)

    def said(self, request: bytes, *, more: Callable[[socket.socket], None] | None = None) -> bytes:
        """Send bytes and return all that comes back until the server ends the connection."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as client:
            client.sendall(request)
            if more is not None:
                more(client)
            return b"".join(iter(lambda: client.recv(65536), b""))


@contextmanager
def doors(database: Database, folder: Path) -> Iterator[Callable[..., Door]]:
    """Yield what starts the web, with changes to its limits as code; each ends well and without a trace."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(changes: str = "", **more: str) -> Door:
        port = free_port()
        code = f"from api.serving import server; {changes}\nfrom api.cli import main; main()"
        settings = {"COMMENDO_ENV": "development", "COMMENDO_DATABASE_URL": database.url}
        with (folder / "web.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-P", "-c", code, "web", "--port", str(port)],
                env={**environment(folder), **settings, **more},
                cwd=folder,
                stdout=log,
                stderr=log,
            )
        started.append(process)
        door = Door(port, psutil.Process(process.pid))
        assert wait_for(door.answers, seconds=PATIENCE), (folder / "web.log").read_text(encoding="utf-8")
        return door

    yield begin
    for process in started:
        process.terminate()
        assert process.wait(timeout=PATIENCE) == 0
    assert "Traceback" not in (folder / "web.log").read_text(encoding="utf-8")
