"""Handing mails to a mail server over SMTP, several over one connection.

The URL says how: `smtps://` speaks TLS from the first byte. `smtp://` turns to TLS as soon as the server
offers it, except on this machine itself; with a password it insists on it, and on a certificate that holds.
"""

import smtplib
import ssl
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

from workflow.messages.envelope import mailbox_of
from workflow.operations.post import MailDelayedError, MailRefusedError, MailServerAwayError, Parcel
from workflow.settings import is_loopback

SECONDS: Final = 10.0
_SMTPS: Final = "smtps"
_DEFAULT_PORTS: Final = {"smtp": 25, _SMTPS: 465}
_ACCEPTED: Final = frozenset({250, 251, 252})
_CLOSING: Final = 421
_PERMANENT: Final = 500


@dataclass(frozen=True, slots=True)
class Server:
    """Where mails are handed in, and as whom."""

    host: str
    port: int
    speaks_tls: bool
    user: str | None
    password: str | None = field(repr=False)

    @classmethod
    def at(cls, url: str) -> "Server":
        """Read a URL such as smtp://user:password@mail.example.org:587, as the settings checked it."""
        parts = urlsplit(url)
        user, password = (unquote(part) if part else None for part in (parts.username, parts.password))
        port = parts.port or _DEFAULT_PORTS[parts.scheme]
        return cls(parts.hostname or "", port, parts.scheme == _SMTPS, user, password)


class SmtpTransport:
    """Sends over one connection, opened by the first mail and again when the server has hung up meanwhile."""

    def __init__(self, url: str) -> None:
        self._server = Server.at(url)
        self._link: smtplib.SMTP | None = None

    def send(self, parcel: Parcel) -> None:
        """Hand one mail over; each step may take ten seconds.

        Raises `MailServerAwayError` when there is no server to talk to, `MailRefusedError` when it says no
        for good, `MailDelayedError` when it says not now, or when the link broke with the mail on its way.
        """
        is_fresh = self._link is None
        try:
            self._introduce(parcel)
        except MailServerAwayError:
            if is_fresh:
                raise
            # A server may end an idle or long-used connection whenever it likes; that is no outage.
            self._introduce(parcel)
        self._transfer(parcel)

    def close(self) -> None:
        """Say goodbye; a server that does not answer is left without."""
        link, self._link = self._link, None
        if link is not None:
            try:
                link.quit()
            except OSError:
                link.close()

    def _introduce(self, parcel: Parcel) -> None:
        """Say from whom and to whom; until here a broken link has cost nothing."""
        sender, recipient = (mailbox_of(parcel.message, name) for name in ("From", "To"))
        try:
            link = self._link or self._open()
            sender_code, sender_words = link.mail(sender)
            code, words = link.rcpt(recipient) if sender_code in _ACCEPTED else (0, b"")
        except OSError as error:
            raise self._away(error) from error
        if sender_code not in _ACCEPTED:
            # What is wrong with the sender is wrong with every mail: no single one is to blame.
            self._drop()
            raise MailServerAwayError(_said("sender not accepted", sender_code, sender_words))
        if code not in _ACCEPTED:
            raise self._refusal("recipient", code, words)

    def _transfer(self, parcel: Parcel) -> None:
        if self._link is None:
            raise MailServerAwayError("the connection is closed")
        try:
            code, words = self._link.data(parcel.message.as_bytes())
        except smtplib.SMTPDataError as error:
            raise self._refusal("message", error.smtp_code, error.smtp_error) from error
        except OSError as error:
            self._drop()
            raise MailDelayedError(f"the link broke: {error}", maybe_sent=True) from error
        if code not in _ACCEPTED:
            raise self._refusal("message", code, words)

    def _open(self) -> smtplib.SMTP:
        server = self._server
        if server.speaks_tls:
            context = ssl.create_default_context()
            link: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=SECONDS, context=context)
        else:
            link = smtplib.SMTP(server.host, server.port, timeout=SECONDS)
        self._link = link
        link.ehlo_or_helo_if_needed()
        if not server.speaks_tls and not is_loopback(server.host):
            self._turn_to_tls(link)
        if server.user is not None:
            link.login(server.user, server.password or "")
        return link

    def _turn_to_tls(self, link: smtplib.SMTP) -> None:
        if not link.has_extn("starttls"):
            if self._server.user is not None:
                raise smtplib.SMTPNotSupportedError("no STARTTLS, and a password is not sent in the clear")
            return
        context = ssl.create_default_context()
        if self._server.user is None:
            # Without a secret to protect, hiding the mails from listeners is better than nothing (RFC 7435).
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        link.starttls(context=context)
        link.ehlo_or_helo_if_needed()

    def _refusal(
        self, what: str, code: int, words: bytes | str
    ) -> MailServerAwayError | MailDelayedError | MailRefusedError:
        """Turn a refusing answer into its meaning, and make the link ready for the next mail."""
        said = _said(f"{what} not accepted", code, words)
        if code == _CLOSING:
            self._drop()
            return MailServerAwayError(said)
        try:
            if self._link is not None:
                self._link.rset()
        except OSError:
            self._drop()
        return MailRefusedError(said) if code >= _PERMANENT else MailDelayedError(said)

    def _away(self, error: OSError) -> MailServerAwayError:
        self._drop()
        return MailServerAwayError(f"{type(error).__name__}: {error}")

    def _drop(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.close()


def _said(what: str, code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{what}: {code} {text}"
