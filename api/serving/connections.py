"""Connections that hold no thread: waitress' loop takes a request in and an answer out, within limits.

A thread of the application sees whole requests only. A body that does not come whole in time, or is larger
than any address takes, is given to it cut short, so that whoever sent it reads the application's own answer.
"""

import select
import socket
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer

from api.serving.requests import Parser, Request, Unreadable
from workflow.clock import monotonic

_LINGER_SECONDS: Final = 2.0
_CHUNK: Final = 65536


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """What one process gives to strangers: seconds, bytes, bytes a second, and connections.

    `slowest` bytes of a body or an answer are worth one second more than its own. A connection that asks
    nothing has `silent_seconds`, a reader who takes nothing `idle_seconds`. All bodies on their way have
    `bodies_bytes` together.
    """

    head_seconds: float
    body_seconds: float
    answer_seconds: float
    silent_seconds: float
    idle_seconds: float
    slowest: int
    head_bytes: int
    body_bytes: int
    form_bytes: int
    bodies_bytes: int
    connections: int
    connections_of_one: int


class Connection(HTTPChannel):  # type: ignore[misc]  # as above
    """One connection, and since when it does what it does."""

    parser_class, task_class, error_task_class = Parser, Request, Unreadable
    request: Parser | None
    close_when_flushed: bool
    will_close: bool
    connected: bool

    def __init__(self, server: "ConnectionServer", *rest: Any, **named: Any) -> None:  # noqa: ANN401 - as above
        self.moved_at = self._since = monotonic()
        self._doing: tuple[object, ...] = ()
        self._sent = self._sent_before = 0
        self._leaves_at: float | None = None
        super().__init__(server, *rest, **named)
        # Else as much as the kernel takes, some megabytes for a reader who takes nothing of it.
        self.sendbuf_len = _CHUNK
        server.make_room(self)

    @property
    def is_waiting(self) -> bool:
        """Whether nothing of the application's would be lost with this connection."""
        return not self.requests and not self.total_outbufs_len

    @property
    def is_in_hand(self) -> bool:
        """Whether it has a request or an answer on its way, or reads what is still sent after the answer."""
        return not self.is_waiting or self.request is not None or self._leaves_at is not None

    def hurry(self, now: float) -> None:
        """End what takes longer than its limit; called each second."""
        doing = self._what()
        if doing != self._doing:
            self._doing, self._since, self._sent_before = doing, now, self._sent
        if self._leaves_at is not None:
            self.will_close |= now >= self._leaves_at
        elif self.total_outbufs_len:
            self.will_close |= now >= min(self._answer_ends(), self.moved_at + self._limits.idle_seconds)
        elif self.requests:
            return
        elif self.request is None:
            self.will_close |= now - self.moved_at >= self._limits.silent_seconds
        elif not self.request.headers_finished:
            self.will_close |= now - self._since >= self._limits.head_seconds
        elif now >= self._body_ends(self.request):
            self._cut(self.request)

    @property
    def body_bytes(self) -> int:
        """How much of a body has come that is not whole yet."""
        return 0 if self.request is None else int(self.request.body_bytes_received)

    def cut(self) -> None:
        """Answer what is being taken in as far as it came."""
        if self.request is not None:
            self._cut(self.request)

    def recv(self, buffer_size: int) -> bytes:
        """Read from the socket and note that something came."""
        data: bytes = super().recv(buffer_size)
        self.moved_at = monotonic()
        return data

    def send(self, data: bytes, do_close: bool = True) -> int:  # noqa: FBT001, FBT002 - waitress' signature
        """Write to the socket and note that something went."""
        count: int = super().send(data, do_close)
        if count:
            self._sent, self.moved_at = self._sent + count, monotonic()
        return count

    def readable(self) -> bool:
        """Whether bytes are wanted; also the last ones of somebody who is still sending."""
        return self._leaves_at is not None or bool(super().readable())

    def writable(self) -> bool:
        """Whether there is something to send or to end."""
        return bool(self.will_close or (self._leaves_at is None and super().writable()))

    def handle_read(self) -> None:
        """Take bytes in; after the last answer they are thrown away."""
        if self._leaves_at is None:
            super().handle_read()
        else:
            with suppress(OSError):
                self.recv(_CHUNK)

    def handle_write(self) -> None:
        """Send, and after the last answer say so and listen a little longer.

        A socket closed with bytes unread is reset, and the answer may be lost on its way (RFC 9112, 9.6).
        """
        if not self.close_when_flushed or self.will_close:
            super().handle_write()
            return
        _, has_failed = self._flush_exception(self._flush_some)
        if has_failed:
            self.handle_close()
        elif self.connected and not self.total_outbufs_len:
            self.close_when_flushed, self._leaves_at = False, monotonic() + _LINGER_SECONDS
            with suppress(OSError):
                self.socket.shutdown(socket.SHUT_WR)

    def _what(self) -> tuple[object, ...]:
        """Return what it does, equal as long as it is the same request or answer."""
        return (self.request, bool(self.total_outbufs_len), self.request and self.request.headers_finished)

    @property
    def _limits(self) -> ConnectionLimits:
        limits: ConnectionLimits = self.adj.limits
        return limits

    def _body_ends(self, request: Parser) -> float:
        worth: float = request.body_bytes_received / self._limits.slowest
        return self._since + self._limits.body_seconds + worth

    def _answer_ends(self) -> float:
        count = self._sent - self._sent_before
        return self._since + self._limits.answer_seconds + count / self._limits.slowest

    def _cut(self, request: Parser) -> None:
        with self.requests_lock:
            self.request = None
            request.cut()
            self.requests.append(request)
            self.server.add_task(self)


class ConnectionServer(TcpWSGIServer):  # type: ignore[misc]  # as above
    """All connections of one process."""

    channel_class = Connection

    def maintenance(self, _now: float) -> None:
        """Look at every connection; waitress calls this each second."""
        now = monotonic()
        everybody: list[Connection] = list(self.active_channels.values())
        for connection in everybody:
            connection.hurry(now)
        self._make_space(everybody)

    def _make_space(self, everybody: Iterable[Connection]) -> None:
        """Cut bodies while they are too much together: they lie on the disk before anybody is known.

        First the largest of the address that brought most, so that whoever sends much loses his own first.
        """
        sending = {one: one.body_bytes for one in everybody if one.body_bytes}
        while sum(sending.values()) > self.adj.limits.bodies_bytes:
            brought = Counter[str]()
            for one, size in sending.items():
                brought[one.addr[0]] += size
            largest = max(sending, key=lambda one: (brought[one.addr[0]], sending[one]))
            del sending[largest]
            largest.cut()

    def make_room(self, newest: Connection) -> None:
        """End the connection that has waited longest when there are too many: of its address, or at all.

        Whoever opens many loses his own first, and nobody is refused.
        """
        limits: ConnectionLimits = self.adj.limits
        everybody: list[Connection] = list(self.active_channels.values())
        neighbours = [one for one in everybody if one.addr[0] == newest.addr[0]]
        if len(neighbours) > limits.connections_of_one:
            _end_quietest(neighbours, newest)
        elif len(everybody) > limits.connections:
            _end_quietest(everybody, newest)

    @property
    def is_busy(self) -> bool:
        """Whether a request has come, is being taken in, worked at or answered."""
        everybody: list[Connection] = list(self.active_channels.values())
        return any(one.is_in_hand for one in everybody) or _has_come(one.socket for one in everybody)

    @property
    def is_knocked_at(self) -> bool:
        """Whether somebody has connected whom nobody has let in yet."""
        return _has_come([self.socket])

    def stop_listening(self) -> None:
        """Take no further connection; those there are go on.

        The socket is closed at once: what connected to it from now on would be reset unread, and a proxy
        that is refused asks another server.
        """
        self.accepting = False
        self.del_channel()
        self.socket.close()


def adjustments(limits: ConnectionLimits, *, threads: int) -> Adjustments:
    """Return waitress' settings; what `ConnectionLimits` holds, it shall not count or time by itself."""
    adjusted = Adjustments(
        threads=threads,
        ident=None,
        cleanup_interval=1,
        asyncore_use_poll=True,
        connection_limit=1_000_000,
        # Beyond this a thread would wait for the reader; what is over a megabyte lies in a file meanwhile.
        outbuf_high_watermark=1 << 40,
        max_request_header_size=limits.head_bytes,
        max_request_body_size=limits.form_bytes + 1,
        clear_untrusted_proxy_headers=False,
        log_socket_errors=False,
    )
    adjusted.limits = limits
    return adjusted


def _has_come(sockets: Iterable[socket.socket]) -> bool:
    """Return whether one of them has something that nobody has read; a closed one resets it unread."""
    look = select.poll()
    for one in sockets:
        look.register(one, select.POLLIN)
    return bool(look.poll(0))


def _end_quietest(among: Iterable[Connection], newest: Connection) -> None:
    waiting = [one for one in among if one is not newest and one.is_waiting and not one.will_close]
    if waiting:
        min(waiting, key=lambda one: (one.request is not None, one.moved_at)).handle_close()
    else:
        newest.will_close = True
