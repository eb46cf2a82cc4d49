"""The mail server of the rig: it takes letters, notes each with its instants, and misbehaves when told to.

It can also hold whoever comes to a named point of a letter's way, so that a sender is killed exactly there.
"""

import re
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from io import RawIOBase
from threading import Event, Lock, Thread
from typing import Final

_NAME: Final = re.compile(rb"^Message-ID:\s*(<[^>]+>)", re.IGNORECASE | re.MULTILINE)
_ADDRESS: Final = re.compile(rb"<([^>]*)>")


class Point(StrEnum):
    """Where a link may be held: before it is greeted, in the middle of a message, after its last dot."""

    GREETING = "greeting"
    MESSAGE = "message"
    DOT = "dot"


@dataclass(frozen=True, slots=True)
class Taken:
    """One message that came whole; `is_told` says whether its 250 was written.

    `begun_at` is its MAIL command, of the first on a link the link's beginning: the sender looked before it.
    """

    message_id: str
    recipient: str
    begun_at: datetime
    taken_at: datetime
    is_told: bool


@dataclass(frozen=True, slots=True)
class Mood:
    """How the server answers; each field is one way to misbehave, the default has none.

    `line_seconds` are spent before every answer, `dot_seconds` between the end of a message and its 250.
    `recipient` answers RCPT by address, `message` the dot of a message. `cuts_after_dot`: it keeps the
    message and hangs up without a word; `cuts_before_dot`: it hangs up in the middle of one. Without a
    `greeting` it says nothing at all. After so many letters on a link as `letters` says it hangs up.
    """

    line_seconds: float = 0.0
    dot_seconds: float = 0.0
    sender: str = "250 OK"
    recipient: Callable[[str], str] = lambda _address: "250 OK"
    message: str = "250 taken"
    cuts_after_dot: bool = False
    cuts_before_dot: bool = False
    greeting: str | None = "220 ready"
    letters: int | None = None


@dataclass
class Sink:
    """`taken` has every message in order of arrival, `did` how often it misbehaved, and how."""

    port: int
    mood: Mood = field(default_factory=Mood)
    taken: list[Taken] = field(default_factory=list)
    did: Counter[str] = field(default_factory=Counter)
    reached: Event = field(default_factory=Event)
    _held_at: Point | None = None
    _opened: Event = field(default_factory=Event)
    _listener: socket.socket | None = None
    _links: set[socket.socket] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    @property
    def url(self) -> str:
        """Return how COMMENDO_SMTP_URL names it."""
        return f"smtp://127.0.0.1:{self.port}"

    def call(self) -> socket.socket:
        """Call it as a sender does."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=5)

    def start(self) -> None:
        """Listen, on the same port every time."""
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
        self.port = self._listener.getsockname()[1]
        Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def stop(self) -> None:
        """Close the port and cut every link, as a machine does that goes down."""
        listener, self._listener = self._listener, None
        if listener is not None:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        with self._lock:
            links, self._links = self._links, set()
        for link in links:
            with suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)

    def hold(self, point: Point) -> None:
        """Hold whoever comes to this point from now on; `reached` is set when somebody has."""
        self.reached.clear()
        self._opened = Event()
        self._held_at = point

    def open(self) -> None:
        """Hold nobody any more, and let go of whoever is held."""
        self._held_at = None
        self._opened.set()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                link, _ = listener.accept()
                with self._lock:
                    self._links.add(link)
                Thread(target=self._serve, args=(link,), daemon=True).start()

    def _serve(self, link: socket.socket) -> None:
        with suppress(OSError), link, link.makefile("rwb", buffering=0) as line:
            self._talk(line)
        with self._lock:
            self._links.discard(link)

    def _talk(self, line: RawIOBase) -> None:
        """Serve one link until it ends."""
        recipient, begun_at, count = "", datetime.now(UTC), 0
        first: datetime | None = begun_at
        self._pass(Point.GREETING)
        if not self._greet(line):
            return
        while word := line.readline():
            verb = word[:4].upper()
            if verb == b"MAIL":
                begun_at = first or datetime.now(UTC)
                first = None
                self._say(line, self._noted(self.mood.sender))
            elif verb == b"RCPT":
                recipient = _address_in(word)
                self._say(line, self._noted(self.mood.recipient(recipient)))
            elif verb == b"DATA":
                self._say(line, "354 go on")
                count += 1
                if not self._take(line, recipient, begun_at) or self._has_enough(count):
                    return
            else:
                self._say(line, "221 bye" if verb == b"QUIT" else "250 OK")

    def _greet(self, line: RawIOBase) -> bool:
        """Say the first word of a link; False when there is none, or it sends the other away."""
        greeting = self.mood.greeting
        if greeting is None:
            self.did["silent"] += 1
            while line.readline():
                pass
            return False
        self._say(line, self._noted(greeting))
        return greeting.startswith("2")

    def _has_enough(self, count: int) -> bool:
        has_enough = self.mood.letters is not None and count >= self.mood.letters
        self.did["closed"] += has_enough
        return has_enough

    def _say(self, line: RawIOBase, answer: str) -> None:
        if self.mood.line_seconds:
            self.did["slow"] += 1
            Event().wait(self.mood.line_seconds)
        line.write(answer.encode() + b"\r\n")

    def _noted(self, answer: str) -> str:
        if not answer.startswith("2"):
            self.did[answer.split(maxsplit=1)[0]] += 1
        return answer

    def _take(self, line: RawIOBase, recipient: str, begun_at: datetime) -> bool:
        """Read a message and answer; False when the link is over."""
        message = line.readline()
        if self._pass(Point.MESSAGE):
            # What the kernel still keeps of a sender that is dead now is not read: the wire was cut here.
            return False
        if self.mood.cuts_before_dot:
            self.did["cut before the dot"] += 1
            return False
        while not message.endswith(b"\r\n.\r\n"):
            more = line.readline()
            if not more:
                return False
            message += more
        found = _NAME.search(message)
        assert found is not None, message
        mood, taken_at = self.mood, datetime.now(UTC)
        if not mood.message.startswith("2"):
            self._say(line, self._noted(mood.message))
            return True
        is_told = not mood.cuts_after_dot
        with self._lock:
            self.taken.append(Taken(found[1].decode(), recipient, begun_at, taken_at, is_told))
        self._pass(Point.DOT)
        if not is_told:
            self.did["cut after the dot"] += 1
            return False
        if mood.dot_seconds:
            self.did["late"] += 1
            Event().wait(mood.dot_seconds)
        line.write(mood.message.encode() + b"\r\n")
        return True

    def _pass(self, point: Point) -> bool:
        """Wait here while this point is held, and return whether it was."""
        opened = self._opened
        if self._held_at is not point:
            return False
        self.reached.set()
        opened.wait()
        return True


@contextmanager
def sink() -> Iterator[Sink]:
    """Run one on a free port of loopback for as long as the block lasts."""
    running = Sink(0)
    running.start()
    try:
        yield running
    finally:
        running.open()
        running.stop()


def _address_in(word: bytes) -> str:
    found = _ADDRESS.search(word)
    return found[1].decode() if found else ""
