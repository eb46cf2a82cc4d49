"""A proxy between two processes that can fall silent: links stay open, bytes are swallowed."""

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Final

from sqlalchemy.engine import make_url

_CHUNK: Final = 65536


@dataclass
class Wire:
    """One link through the proxy; silent, it takes what comes and passes nothing on; mute, no answer."""

    near: socket.socket
    far: socket.socket
    silent: Event = field(default_factory=Event)
    mute: Event = field(default_factory=Event)

    def run(self) -> None:
        for source, target in ((self.near, self.far), (self.far, self.near)):
            Thread(target=self._pump, args=(source, target), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(_CHUNK):
                if not self.silent.is_set() and not (self.mute.is_set() and source is self.far):
                    target.sendall(data)
        if not self.silent.is_set():
            with suppress(OSError):
                target.shutdown(socket.SHUT_RDWR)


@dataclass
class Proxy:
    """Listens on a port of loopback and leads to `target`, a TCP address or a socket's path."""

    target: tuple[str, int] | Path
    listener: socket.socket
    wires: list[Wire] = field(default_factory=list)
    swallows_new: bool = False
    is_cut: bool = False
    fired: int = 0
    refused: int = 0

    @property
    def port(self) -> int:
        port: int = self.listener.getsockname()[1]
        return port

    def silence(self, *, new_too: bool = False) -> int:
        """Make every link that is open silent, with `new_too` also those to come; return how many it hit."""
        self.swallows_new = new_too
        hit = [wire for wire in self.wires if not wire.silent.is_set()]
        for wire in hit:
            wire.silent.set()
        self.fired += len(hit)
        return len(hit)

    def mute(self) -> int:
        """Let what is sent on open links arrive, and no answer come back; return how many it hit."""
        for wire in self.wires:
            wire.mute.set()
        return len(self.wires)

    def cut(self) -> None:
        """End every link and every new one at once, as where nobody listens any more."""
        self.is_cut = True
        self.fired += len(self.wires)
        for wire in self.wires:
            for end in (wire.near, wire.far):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)

    def heal(self) -> None:
        """Serve new links again; the silent ones stay silent."""
        self.swallows_new = self.is_cut = False

    def forget(self) -> None:
        """End the far side of silent links, as the far host's kernel does when nobody answers its probes."""
        for wire in self.wires:
            if wire.silent.is_set():
                with suppress(OSError):
                    wire.far.shutdown(socket.SHUT_RDWR)

    def _reach(self) -> socket.socket:
        if self.is_cut:
            self.refused += 1
            raise ConnectionRefusedError
        if not isinstance(self.target, Path):
            return socket.create_connection(self.target)
        far = socket.socket(socket.AF_UNIX)
        try:
            far.connect(str(self.target))
        except OSError:
            far.close()
            raise
        return far

    def accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                try:
                    # Where nothing arrives, nothing begins on the far side either.
                    far = socket.socketpair()[0] if self.swallows_new else self._reach()
                except OSError:
                    # Nobody listens there now: whoever comes sees the link end at once.
                    near.close()
                    continue
                wire = Wire(near, far)
                if self.swallows_new:
                    wire.silent.set()
                    self.fired += 1
                self.wires.append(wire)
                wire.run()


def socket_of(url: str) -> Path:
    """Return the socket on which the PostgreSQL of a test listens."""
    return Path(str(make_url(url).query["host"])) / ".s.PGSQL.5432"


def through(url: str, wire: Proxy) -> str:
    """Return the same database, reached through a proxy."""
    named = make_url(url)
    return named.set(host="127.0.0.1", port=wire.port, query={}).render_as_string(hide_password=False)


@contextmanager
def proxy(target: tuple[str, int] | Path) -> Iterator[Proxy]:
    """Run a proxy for as long as the block lasts."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        running = Proxy(target, listener)
        Thread(target=running.accept, daemon=True).start()
        try:
            yield running
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            for wire in running.wires:
                for end in (wire.near, wire.far):
                    with suppress(OSError):
                        end.shutdown(socket.SHUT_RDWR)
                    end.close()
