"""A link to a mail server whose every stage has an end, however slowly the server spells its answers."""

import re
import smtplib
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from math import inf
from threading import Condition, Thread, current_thread
from typing import Final

from workflow.clock import monotonic

CONNECT_SECONDS: Final = 10.0
_GREETING: Final = 220
_END: Final = b".\r\n"
_LINE_END: Final = re.compile(rb"\r\n|\r|\n")


class _Watch:
    """Calls `cut` when a stage lasts too long: one thread a link, which the next stage does not wake."""

    def __init__(self, cut: Callable[[], None]) -> None:
        self._cut = cut
        self._turn = Condition()
        self._ends_at = self._looks_at = inf
        self._thread: Thread | None = None

    def begin(self, seconds: float) -> None:
        with self._turn:
            self._ends_at = monotonic() + seconds
            if self._thread is None:
                self._thread = Thread(target=self._look, name="smtp watch", daemon=True)
                self._thread.start()
            elif self._ends_at < self._looks_at:
                self._turn.notify()

    def end(self) -> None:
        self._ends_at = inf

    def stop(self) -> None:
        with self._turn:
            self._ends_at, self._thread = inf, None
            self._turn.notify()

    def _look(self) -> None:
        with self._turn:
            while self._thread is current_thread():
                left = self._ends_at - monotonic()
                if left <= 0:
                    self._ends_at = left = inf
                    self._cut()
                self._looks_at = self._ends_at
                self._turn.wait(None if left == inf else left)


class SmtpLink(smtplib.SMTP):
    """SMTP with a bound for all that is said in one stage: a socket's timeout starts anew at each byte."""

    _watch: _Watch | None = None

    def call(self, host: str, port: int) -> None:
        """Connect and hear the greeting. Raises OSError, as everything here does."""
        self._host = host  # what TLS asks the certificate about
        code, words = self.connect(host, port)
        if code != _GREETING:
            raise smtplib.SMTPConnectError(code, words)

    def begin(self, seconds: float) -> None:
        """Begin a stage: after so many seconds the link is cut, and whoever waits gets an OSError."""
        self.timeout = seconds
        if self.sock is not None:
            self.sock.settimeout(seconds)
        self._watch = self._watch or _Watch(self._cut)
        self._watch.begin(seconds)

    def end(self) -> None:
        """End the stage: the link may rest."""
        if self._watch is not None:
            self._watch.end()

    def close(self) -> None:
        """Close the link; nobody watches it any more."""
        if self._watch is not None:
            self._watch.stop()
        super().close()

    def mail(self, sender: str, options: Sequence[str] = ()) -> tuple[int, bytes]:
        """Say from whom: one plain mailbox, as it was checked when the letter was written."""
        return self._name("mail FROM", sender, options)

    def rcpt(self, recip: str, options: Sequence[str] = ()) -> tuple[int, bytes]:
        """Say to whom, alike."""
        return self._name("rcpt TO", recip, options)

    def give(self, message: bytes) -> tuple[int, bytes]:
        """Send a message that the server said it wants, and return its answer (RFC 5321, section 4.5.2)."""
        lines = b"\r\n" + (message if _is_in_lines(message) else _LINE_END.sub(b"\r\n", message))
        dotted = lines.replace(b"\r\n.", b"\r\n..")[2:]
        self.send((dotted if dotted.endswith(b"\r\n") else dotted + b"\r\n") + _END)
        return self.getreply()

    def _name(self, command: str, address: str, options: Sequence[str]) -> tuple[int, bytes]:
        """Name a mailbox; smtplib would take it apart first, for a third of what a hand-over costs."""
        self.putcmd(" ".join((f"{command}:<{address}>", *options)))
        return self.getreply()

    def _cut(self) -> None:
        if self.sock is not None:
            with suppress(OSError):
                # Not TLS's own shutdown, which would talk to the server first.
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """Connect within CONNECT_SECONDS, whatever the stage allows."""
        link = socket.create_connection((host, port), CONNECT_SECONDS, self.source_address)
        link.settimeout(timeout)
        return link


def _is_in_lines(message: bytes) -> bool:
    """Tell whether every line ends as SMTP has it, as those of our own letters do."""
    return message.count(b"\r\n") == message.count(b"\n") == message.count(b"\r")


class TlsLink(smtplib.SMTP_SSL, SmtpLink):
    """The same, with TLS from the first byte."""
