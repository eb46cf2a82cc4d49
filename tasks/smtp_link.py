"""A link to a mail server whose every stage has an end, however slowly the server spells its answers."""

import smtplib
import socket
from contextlib import suppress
from threading import Timer
from typing import Final

CONNECT_SECONDS: Final = 10.0
_GREETING: Final = 220
_END: Final = b".\r\n"


class SmtpLink(smtplib.SMTP):
    """SMTP with a bound for all that is said in one stage: a socket's timeout starts anew at each byte."""

    _timer: Timer | None = None

    def call(self, host: str, port: int) -> None:
        """Connect and hear the greeting. Raises OSError, as everything here does."""
        self._host = host  # what TLS asks the certificate about
        code, words = self.connect(host, port)
        if code != _GREETING:
            raise smtplib.SMTPConnectError(code, words)

    def begin(self, seconds: float) -> None:
        """Begin a stage: after so many seconds the link is cut, and whoever waits gets an OSError."""
        self.end()
        self.timeout = seconds
        if self.sock is not None:
            self.sock.settimeout(seconds)
        self._timer = Timer(seconds, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def end(self) -> None:
        """End the stage: the link may rest."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def give(self, message: bytes) -> tuple[int, bytes]:
        """Send a message that the server said it wants, and return its answer (RFC 5321, section 4.5.2)."""
        lines = message.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
        dotted = b"\r\n".join(b"." + line if line.startswith(b".") else line for line in lines)
        self.send((dotted if dotted.endswith(b"\r\n") else dotted + b"\r\n") + _END)
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


class TlsLink(smtplib.SMTP_SSL, SmtpLink):
    """The same, with TLS from the first byte."""
