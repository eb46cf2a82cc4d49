"""The mail around a letter: who to, threading, and the headers that keep robots from answering."""

import hashlib
import re
from base64 import encodebytes
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Final

from workflow.domain.vocabulary import MailClass
from workflow.messages.addresses import ATOM, LABEL, ascii_address, sender_of
from workflow.messages.compose import Letter
from workflow.messages.headers import MailHeader, mailbox_header, plain_header, text_header

_MESSAGE_ID: Final = re.compile(rf"<{ATOM}(?:\.{ATOM})*@{LABEL}(?:\.{LABEL})*>")
_LIST_ID: Final = re.compile(rf"{LABEL}(?:\.{LABEL})*")
_URGENT: Final = frozenset({MailClass.ESCALATION, MailClass.SECURITY})


class _Written(EmailPolicy):
    """Takes headers that are written and folded already: parsing them costs more than all the rest."""

    def header_max_count(self, _name: str) -> None:
        """Count none: `build` writes each header once."""

    def header_store_parse(self, name: str, value: str) -> tuple[str, str]:
        """Keep the header as it is."""
        return name, value

    def header_fetch_parse(self, _name: str, value: str) -> str:
        """Return the header as it is."""
        return value


_POLICY: Final = _Written(linesep="\r\n")


@dataclass(frozen=True, slots=True)
class MailNames:
    """Under which names programs know a mail: its own and its thread's, in angle brackets, and its list's."""

    message_id: str
    thread_id: str | None = None
    list_id: str | None = None


def build(
    letter: Letter,
    *,
    sender: str,
    recipient_name: str,
    recipient_address: str,
    names: MailNames,
    date: datetime,
    mail_class: MailClass,
) -> EmailMessage:
    """Put a letter into a mail to exactly one mailbox, plain text first, HTML as its alternative.

    `sender` is "Name <address>". The same arguments give the same headers: a second copy after a
    crash is known by its Message-ID. Raises `UnusableAddress`
    for an address that is not one plain mailbox, ValueError for an identifier or a date that mails refuse.
    """
    if date.tzinfo is None:
        raise ValueError("a mail's date needs a time zone")
    headers = [
        mailbox_header("From", *sender_of(sender)),
        mailbox_header("To", recipient_name, ascii_address(recipient_address)),
        text_header("Subject", letter.subject),
        plain_header("Date", format_datetime(date)),
        plain_header("Message-ID", _identifier(names.message_id)),
        *_thread_headers(names.thread_id),
        *_list_headers(names.list_id),
        # RFC 3834 and Microsoft's own word for it: no holiday notice may come back.
        plain_header("Auto-Submitted", "auto-generated"),
        plain_header("X-Auto-Response-Suppress", "All"),
        *([plain_header("Importance", "high")] if mail_class in _URGENT else ()),
    ]
    # It cannot stand in base64; of one letter it is always the same, so that copies are equal to the byte.
    boundary = f'boundary="=_{hashlib.sha256(names.message_id.encode()).hexdigest()[:32]}"'
    kind = MailHeader("Content-Type", f"{_ALTERNATIVE} {boundary}", f"{_ALTERNATIVE}\r\n {boundary}")
    message = _part(*headers, kind)
    message.set_payload([_text(letter.text, "plain"), _text(letter.html, "html")])
    return message


def mailbox_of(message: EmailMessage, name: str) -> str:
    """Give the one address a header of ours names: what the mail server is told is what readers see."""
    header: object = message[name]
    if not isinstance(header, MailHeader):
        raise TypeError(f"{name} was not written by build")
    return header.mailbox


def thread_id_for(nomination_id: int, domain: str) -> str:
    """Give the identifier that all mails about one nomination answer."""
    return _identifier(f"<nomination.{nomination_id}@{domain}>")


def domain_of(sender: str) -> str:
    """Give the domain of "Name <address>", under which this installation names its mails."""
    return sender_of(sender)[1].rpartition("@")[2]


def _part(*headers: MailHeader) -> EmailMessage:
    part = EmailMessage(policy=_POLICY)
    for header in headers:
        part[header.name] = header
    part["MIME-Version"] = _MIME_VERSION
    return part


def _text(text: str, subtype: str) -> EmailMessage:
    """Return a text as a part: in base64, with the line ends that RFC 2046, 4.1.1 asks for."""
    part = _part(*_TEXT_HEADERS[subtype])
    lines = text.replace("\r\n", "\n").replace("\n", "\r\n").encode()
    part.set_payload(encodebytes(lines).decode("ascii"))
    return part


def _thread_headers(thread_id: str | None) -> list[MailHeader]:
    """Group the mails of a thread by one name that all of them answer; its root is never sent."""
    names = () if thread_id is None else ("In-Reply-To", "References")
    return [plain_header(name, _identifier(thread_id or "")) for name in names]


def _list_headers(list_id: str | None) -> list[MailHeader]:
    if list_id is None:
        return []
    if not _LIST_ID.fullmatch(list_id):
        raise ValueError(f"'{list_id}' is no List-Id")
    return [plain_header("List-Id", f"<{list_id}>")]


def _identifier(text: str) -> str:
    if not _MESSAGE_ID.fullmatch(text):
        raise ValueError(f"{text!a} is no message identifier")
    return text


_ALTERNATIVE: Final = "multipart/alternative;"
_MIME_VERSION: Final = plain_header("MIME-Version", "1.0")
_TEXT_HEADERS: Final = {
    subtype: (
        plain_header("Content-Type", f'text/{subtype}; charset="utf-8"'),
        plain_header("Content-Transfer-Encoding", "base64"),
    )
    for subtype in ("plain", "html")
}
