"""Handing mails to a mail server over SMTP, several over one connection.

The URL says how: `smtps://` speaks TLS from the first byte. `smtp://` turns to TLS as soon as the server
offers it, except on this machine itself; with a password it insists on it, and on a certificate that holds.
"""

import smtplib
import ssl
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import unquote, urlsplit

import structlog

from tasks.replies import DialogueStage, Meaning, meaning_of
from tasks.smtp_link import CONNECT_SECONDS, SmtpLink, TlsLink
from workflow.operations.mail.post import MailDelayedError, MailRefusedError, MailServerAwayError, Parcel
from workflow.settings import is_loopback

OPENING_SECONDS: Final = 60.0
"""How long a server may take to greet us, agree on TLS and let us sign in, all of it together."""

ENVELOPE_SECONDS: Final = 60.0
"""How long it may take from the sender's name to its word that it wants the message."""

ANSWER_SECONDS: Final = 600.0
"""How long it may think about a message it has (RFC 5321, section 4.5.3.2.6): asking again makes copies."""

LETTERS_A_LINK: Final = 100
"""How many letters go over one link: servers end those that go on, some in the middle of a letter."""

_SMTPS: Final = "smtps"
_GO_ON: Final = 354
# RFC 5321, 3.3 and 3.4: taken, or taken to be sent on.
_TAKES: Final = frozenset({250, 251})
_log = structlog.get_logger("commendo.mail")
_DEFAULT_PORTS: Final = {"smtp": 25, _SMTPS: 465}


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are handed in, and as whom."""

    host: str
    port: int
    speaks_tls: bool
    user: str | None
    password: str | None = field(repr=False)

    @classmethod
    def at(cls, url: str) -> "MailServer":
        """Read a URL such as smtp://user:password@mail.example.org:587, as the settings checked it."""
        parts = urlsplit(url)
        user, password = (unquote(part) if part else None for part in (parts.username, parts.password))
        port = parts.port or _DEFAULT_PORTS[parts.scheme]
        return cls(parts.hostname or "", port, parts.scheme == _SMTPS, user, password)


def _options(link: SmtpLink, parcel: Parcel) -> tuple[str, ...]:
    """Ask a server that can (RFC 3461) to name the letter in reports, and to return its headers alone."""
    if parcel.receipt is None or not link.has_extn("dsn"):
        return ()
    return ("RET=HDRS", f"ENVID={parcel.receipt}")


def _note_no_copy(parcel: Parcel, why: str) -> None:
    _log.warning("copy_not_taken", message_id=parcel.message_id, why=why)


class SmtpTransport:
    """Sends over one connection, opened by the first mail and again when the server has hung up meanwhile."""

    def __init__(self, url: str, *, opening_seconds: float = OPENING_SECONDS) -> None:
        self._server = MailServer.at(url)
        self._opening_seconds = opening_seconds
        self._link: SmtpLink | None = None
        self._sent_count = 0
        self._has_named_copy = False
        self.away: str | None = None
        """What kept the server from taking anything, last: kinds and codes for a log, none of its words."""

    def greet(self) -> None:
        """Be let in and send nothing. Raises `MailServerAwayError` when there is no server that does."""
        try:
            self._open()
        except OSError as error:
            raise self._away(error) from error

    def send(self, parcel: Parcel) -> None:
        """Hand one mail over, within the sum of the bounds above; twice that where the copy is in the way.

        What fails once the mailbox that gets a copy was named is tried without it: its reader has nothing to
        do with it. Raises `MailServerAwayError` when there is no server to talk to, `MailRefusedError` when
        it says no for good, `MailDelayedError` when it says not now, or when the link broke with the mail on
        its way.
        """
        try:
            self._hand_over(parcel)
        except (MailServerAwayError, MailRefusedError, MailDelayedError) as error:
            if not self._has_named_copy or (isinstance(error, MailDelayedError) and error.maybe_sent):
                raise
            _note_no_copy(parcel, str(error))
            self._hand_over(replace(parcel, message=replace(parcel.message, copied_to=None)))

    def _hand_over(self, parcel: Parcel) -> None:
        if self._sent_count >= LETTERS_A_LINK:
            self.close()
        self._sent_count += 1
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
                link.begin(CONNECT_SECONDS)
                link.quit()
            except OSError:
                link.close()
            finally:
                link.end()

    def _introduce(self, parcel: Parcel) -> None:
        """Say from whom and to whom; until here a broken link has cost nothing."""
        self._has_named_copy = False
        try:
            link = self._link or self._open()
            link.begin(ENVELOPE_SECONDS)
            sender = parcel.return_path or parcel.message.sender
            self._heed(DialogueStage.SENDER, *link.mail(sender, _options(link, parcel)))
            self._heed(DialogueStage.RECIPIENT, *link.rcpt(parcel.message.recipient))
            self._name_copy(link, parcel)
        except OSError as error:
            raise self._away(error) from error

    def _name_copy(self, link: SmtpLink, parcel: Parcel) -> None:
        """Name the mailbox that gets a copy; where it is not taken the letter goes on without.

        No report is wanted of it (RFC 3461, 4.1), so that none can be taken for one of the letter.
        """
        if parcel.message.copied_to is None:
            return
        self._has_named_copy = True
        options = ("NOTIFY=NEVER",) if link.has_extn("dsn") else ()
        code, words = link.rcpt(parcel.message.copied_to, options)
        if code not in _TAKES:
            _note_no_copy(parcel, f"{code} {words!r}")

    def _transfer(self, parcel: Parcel) -> None:
        """Give the message away; from the server's 354 on nobody but the server knows whether it has it."""
        if self._link is None:
            raise MailServerAwayError("the connection is closed")
        link, message = self._link, parcel.message.octets
        try:
            parcel.before_message()
        except Exception:
            self._drop()
            raise
        try:
            code, words = link.docmd("data")
        except OSError as error:
            raise self._away(error) from error
        if code != _GO_ON:
            self._heed(DialogueStage.MESSAGE, code, words)
            self._drop()
            raise MailServerAwayError(f"message not awaited: {code} {words!r}")
        try:
            link.begin(ANSWER_SECONDS)
            code, words = link.give(message)
        except OSError as error:
            self._drop()
            raise MailDelayedError(f"the link broke: {error}", maybe_sent=True) from error
        finally:
            link.end()
        self._heed(DialogueStage.MESSAGE, code, words)

    def _open(self) -> SmtpLink:
        server, self._sent_count = self._server, 1
        link = self._link = TlsLink(context=ssl.create_default_context()) if server.speaks_tls else SmtpLink()
        link.begin(self._opening_seconds)
        link.call(server.host, server.port)
        link.ehlo_or_helo_if_needed()
        if not server.speaks_tls and not is_loopback(server.host):
            self._turn_to_tls(link)
        if server.user is not None:
            link.login(server.user, server.password or "")
        return link

    def _turn_to_tls(self, link: SmtpLink) -> None:
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

    def _heed(self, stage: DialogueStage, code: int, words: bytes | str) -> None:
        """Raise what a refusing answer means, and make the link ready for the next mail."""
        text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
        meaning = meaning_of(stage, code, text)
        if meaning is Meaning.TAKEN:
            return
        said = f"{stage} not accepted: {code} {text}"
        if meaning is Meaning.AWAY:
            self._drop()
            self.away = f"{stage} {code}"
            raise MailServerAwayError(said)
        try:
            if self._link is not None:
                self._link.begin(ENVELOPE_SECONDS)
                self._link.rset()
                self._link.end()
        except OSError:
            self._drop()
        if meaning is Meaning.REFUSED:
            raise MailRefusedError(said)
        raise MailDelayedError(said, is_excused=meaning is Meaning.BARRED)

    def _away(self, error: OSError) -> MailServerAwayError:
        self._drop()
        code = f" {error.smtp_code}" if isinstance(error, smtplib.SMTPResponseException) else ""
        self.away = f"{type(error).__name__}{code}"
        return MailServerAwayError(f"{type(error).__name__}: {error}")

    def _drop(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.end()
            link.close()
