"""A mail server that holds every link at a named point, so that a sender can be killed exactly there."""

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Event, Thread
from typing import BinaryIO

from workflow.clock import monotonic

_NAME = re.compile(rb"^Message-ID:\s*(<[^>]+>)", re.IGNORECASE | re.MULTILINE)


class Point(StrEnum):
    """Where a link is held: before it is greeted, in the middle of a message, after its last dot."""

    GREETING = "greeting"
    MESSAGE = "message"
    DOT = "dot"


@dataclass
class GatedServer:
    """Takes messages: `taken` has the Message-ID of each that came whole, copies too, `taken_at` when."""

    port: int
    taken: list[str] = field(default_factory=list)
    taken_at: list[float] = field(default_factory=list)
    held_at: Point | None = None
    reached: Event = field(default_factory=Event)
    _opened: Event = field(default_factory=Event)

    @property
    def url(self) -> str:
        """Return how COMMENDO_SMTP_URL names it."""
        return f"smtp://127.0.0.1:{self.port}"

    def hold(self, point: Point) -> None:
        """Hold whoever comes to this point from now on; `reached` is set when somebody has."""
        self.reached.clear()
        self._opened = Event()
        self.held_at = point

    def open(self) -> None:
        """Hold nobody any more, and let go of whoever is held."""
        self.held_at = None
        self._opened.set()

    def talk(self, link: socket.socket) -> None:
        """Serve one link until it ends."""
        with suppress(OSError), link, link.makefile("rwb", buffering=0) as line:
            self._pass(Point.GREETING)
            line.write(b"220 ready\r\n")
            while word := line.readline().upper():
                if word.startswith(b"DATA") and not self._take(line):
                    return
                line.write(b"221 bye\r\n" if word.startswith(b"QUIT") else b"250 OK\r\n")

    def _take(self, line: BinaryIO) -> bool:
        """Read a message; False when it was cut in the middle."""
        line.write(b"354 go on\r\n")
        message = line.readline()
        if self._pass(Point.MESSAGE):
            # What the kernel still keeps of a sender that is dead now is not read: the wire was cut here.
            return False
        while not message.endswith(b"\r\n.\r\n"):
            more = line.readline()
            if not more:
                return False
            message += more
        found = _NAME.search(message)
        assert found is not None, message
        self.taken_at.append(monotonic())
        self.taken.append(found[1].decode())
        self._pass(Point.DOT)
        return True

    def _pass(self, point: Point) -> bool:
        """Wait here while this point is held, and return whether it was."""
        opened = self._opened
        if self.held_at is not point:
            return False
        self.reached.set()
        opened.wait()
        return True


@contextmanager
def gated_server() -> Iterator[GatedServer]:
    """Run one on a free port of loopback for as long as the block lasts."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = GatedServer(listener.getsockname()[1])

        def accept() -> None:
            with suppress(OSError):
                while True:
                    Thread(target=server.talk, args=(listener.accept()[0],), daemon=True).start()

        Thread(target=accept, daemon=True).start()
        try:
            yield server
        finally:
            server.open()
            listener.shutdown(socket.SHUT_RDWR)
