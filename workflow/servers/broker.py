"""The private Redis: it carries hints only, so it keeps nothing on disk and is thrown away at every stop.

It listens on a unix socket in a private folder and nowhere else; being able to open the socket is the proof
that it is ours. It is spoken to in the three words this needs, because the rules and the record import no
client.
"""

import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from workflow.clock import wait_for
from workflow.servers.accounts import EmbeddedError
from workflow.servers.binaries import copy_redis, redis_program
from workflow.servers.places import Places

ANSWER_SECONDS = 1.0
START_SECONDS = 10
STOP_SECONDS = 2.0
CONFIGURATION = """\
# Written by Commendo at every start; changes here are lost.
port 0
unixsocket {socket}
unixsocketperm 700
daemonize yes
dir {folder}
logfile {log}
loglevel warning
save ""
appendonly no
maxmemory-policy noeviction
"""


@dataclass(frozen=True, slots=True)
class Broker:
    """The Redis of one set of places."""

    places: Places

    @property
    def url(self) -> str:
        """The URL of database 0, in the form that COMMENDO_REDIS_URL has."""
        return f"unix://{self._socket}?db=0"

    def is_running(self) -> bool:
        """Whether somebody listens on our socket; a Redis that is frozen or busy runs too."""
        try:
            self._ask("PING")
        except TimeoutError:
            return True
        except OSError:
            return False
        return True

    def start(self) -> bool:
        """Bring the server up and answer whether it was down; the caller holds the lock for changes.

        A server that a killed process left behind is taken over. There must be a program to start.
        """
        if self.is_running():
            return False
        program = redis_program()
        if program is None:
            raise EmbeddedError("There is no redis-server to start.")
        if not self.places.account.is_ours:
            program = copy_redis(program, self.places.shelf)
        log = self.places.logs / "redis.log"
        log.unlink(missing_ok=True)
        configuration = self.places.configuration / "redis.conf"
        configuration.write_text(
            CONFIGURATION.format(
                socket=_quoted(self._socket), folder=_quoted(self.places.sockets), log=_quoted(log)
            ),
            encoding="utf-8",
        )
        configuration.chmod(0o644)
        code, output = self.places.account.run([program, configuration], folder=self.places.home)
        if code != 0 or not wait_for(self.is_running, seconds=START_SECONDS, every=0.01):
            said = log.read_text(encoding="utf-8", errors="replace") if log.exists() else output
            raise EmbeddedError(
                f"The embedded Redis did not start. {self.places.lack_of_room()}{said.strip()}"
            )
        return True

    def stop(self) -> None:
        """Stop the server and return when it is gone; nothing happens when it does not run.

        One that does not answer is killed: it holds nothing that anybody would miss.
        """
        try:
            self._ask("SHUTDOWN NOSAVE")
        except TimeoutError:
            self._kill()
        except OSError:
            return
        if not wait_for(lambda: not self.is_running(), seconds=STOP_SECONDS, every=0.01):
            raise EmbeddedError(f"Redis at {self._socket} does not stop.")

    def _kill(self) -> None:
        for process in psutil.process_iter():
            with suppress(psutil.Error):
                if (
                    process.name().endswith("-server")
                    and Path(process.cwd()) == self._socket.parent.resolve()
                ):
                    process.kill()

    @property
    def _socket(self) -> Path:
        return self.places.sockets / "redis.sock"

    def _ask(self, words: str) -> bytes:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(ANSWER_SECONDS)
            connection.connect(str(self._socket))
            connection.sendall(words.encode() + b"\r\n")
            return connection.recv(256)


def is_available() -> bool:
    """Whether this machine has a redis-server, from the wheel or on PATH."""
    return redis_program() is not None


def _quoted(path: Path) -> str:
    """Quote a path for Redis's configuration file, whose double quotes know backslash escapes."""
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'
