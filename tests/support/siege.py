"""Strangers at the door: half-sent heads, idle connections, bodies in drops, readers who do not read.

Loopback only. Each connection that the server ends is opened again, as a stranger would.
"""

import selectors
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Thread

from workflow.clock import monotonic

_HOST = b"Host: localhost\r\n"
HALF_A_HEAD = b"GET /sign-in HTTP/1.1\r\n" + _HOST
BODY_IN_DROPS = b"POST /sign-in HTTP/1.1\r\n" + _HOST + b"Content-Length: 100000\r\n\r\n"
DROP_SECONDS = 1.0


@dataclass
class Siege:
    """How often each kind of stranger came, and how many stand there now."""

    port: int
    crowd: Mapping[bytes, int]
    came: dict[bytes, int] = field(default_factory=dict)
    standing: dict[socket.socket, bytes] = field(default_factory=dict)
    _over: Event = field(default_factory=Event)

    def press(self) -> None:
        """Keep the whole crowd before the door until it is over."""
        with selectors.DefaultSelector() as selector:
            while not self._over.is_set():
                self._fill(selector)
                self._notice_ended(selector)
            for one in list(self.standing):
                one.close()

    def end(self) -> None:
        """Let everybody go."""
        self._over.set()

    def _fill(self, selector: selectors.DefaultSelector) -> None:
        there = list(self.standing.values())
        for opening, wanted in self.crowd.items():
            for _ in range(wanted - there.count(opening)):
                one = socket.socket()
                # A small window: what is not read stays with the server.
                one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                with suppress(OSError):
                    one.settimeout(2)
                    one.connect(("127.0.0.1", self.port))
                    one.sendall(opening)
                    one.settimeout(0)
                    self.standing[one] = opening
                    self.came[opening] = self.came.get(opening, 0) + 1
                    if not opening.startswith(b"GET /api"):
                        selector.register(one, selectors.EVENT_READ)

    def _notice_ended(self, selector: selectors.DefaultSelector) -> None:
        until = monotonic() + DROP_SECONDS
        while (left := until - monotonic()) > 0 and not self._over.is_set():
            for key, _ in selector.select(left):
                one = key.fileobj
                assert isinstance(one, socket.socket)
                try:
                    is_over = not one.recv(4096)
                except BlockingIOError:
                    continue
                except OSError:
                    is_over = True
                if is_over:
                    selector.unregister(one)
                    self.standing.pop(one)
                    one.close()
        for one, opening in self.standing.items():
            if opening == BODY_IN_DROPS:
                with suppress(OSError):
                    one.send(b"x")


@contextmanager
def siege(port: int, crowd: Mapping[bytes, int]) -> Iterator[Siege]:
    """Keep a crowd before the door of a port during the block; each kind is named by what it sends first."""
    around = Siege(port, crowd)
    thread = Thread(target=around.press, daemon=True)
    thread.start()
    try:
        yield around
    finally:
        around.end()
        thread.join()


def probed(ask: Callable[[], None], *, seconds: float, every: float) -> list[float]:
    """Ask at a steady pace; return how long after it was due each answer was there."""
    took, begun = [], monotonic()
    turn = 0
    while (due := begun + turn * every) < begun + seconds:
        Event().wait(max(0.0, due - monotonic()))
        ask()
        took.append(monotonic() - due)
        turn += 1
    return took
