"""The mail around a letter: who to, threading, and the headers that keep robots from answering."""

import hashlib
import re
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from itertools import chain
from struct import iter_unpack
from typing import Final

from workflow.domain.vocabulary import MailClass
from workflow.messages.addresses import ATOM, LABEL, ascii_address, sender_of
from workflow.messages.compose import Letter
from workflow.messages.headers import MailHeader, mailbox_header, plain_header, text_header
from workflow.messages.receipts import HEADER as RECEIPT

_MESSAGE_ID: Final = re.compile(rf"<{ATOM}(?:\.{ATOM})*@{LABEL}(?:\.{LABEL})*>")
_LIST_ID: Final = re.compile(rf"{LABEL}(?:\.{LABEL})*")
_ALTERNATIVE: Final = "Content-Type: multipart/alternative;\r\n"
_MIME_VERSION: Final = "MIME-Version: 1.0\r\n"
# RFC 2045, 6.8: a line of base64 has at most 76 characters.
_LINE: Final = 76
_SAFE: Final = "https://"
_URGENT: Final = frozenset({MailClass.ESCALATION, MailClass.SECURITY})


@dataclass(frozen=True, slots=True)
class MailNames:
    """Under which names programs know a mail: its own and its thread's, in angle brackets, and its list's.

    By the `receipt` a report that comes back names it. `off_address` switches mails of its class off with one
    click; `answers_to` are name and address of whom an answer reaches; `copied_to` gets a copy.
    """

    message_id: str
    thread_id: str | None = None
    list_id: str | None = None
    receipt: str | None = None
    off_address: str | None = None
    answers_to: tuple[str, str] | None = None
    copied_to: str | None = None


@dataclass(frozen=True, slots=True)
class WrittenMail:
    """A mail as it goes out: from whom, for whom, copied to whom, as headers say and the server is told."""

    sender: str
    recipient: str
    octets: bytes
    copied_to: str | None = None


def build(
    letter: Letter,
    *,
    sender: str,
    recipient_name: str,
    recipient_address: str,
    names: MailNames,
    date: datetime,
    mail_class: MailClass,
) -> WrittenMail:
    """Put a letter into a mail to exactly one mailbox, plain text first, HTML as its alternative.

    `sender` is "Name <address>". The same arguments give the same octets: a second copy after a
    crash is known by its Message-ID. Raises `UnusableAddress`
    for an address that is not one plain mailbox, ValueError for an identifier or a date that mails refuse.
    """
    if date.tzinfo is None:
        raise ValueError("a mail's date needs a time zone")
    from_, to = (
        mailbox_header("From", *sender_of(sender)),
        mailbox_header("To", recipient_name, ascii_address(recipient_address)),
    )
    copy = mailbox_header("Cc", "", ascii_address(names.copied_to)) if names.copied_to is not None else None
    headers = [
        from_,
        to,
        *((copy,) if copy is not None else ()),
        *_answer_headers(names.answers_to),
        text_header("Subject", letter.subject),
        plain_header("Date", format_datetime(date)),
        plain_header("Message-ID", _identifier(names.message_id)),
        *_thread_headers(names.thread_id),
        *_list_headers(names.list_id),
        *_one_click_headers(names.off_address),
        # RFC 3834 and Microsoft's own word for it: no holiday notice may come back.
        plain_header("Auto-Submitted", "auto-generated"),
        plain_header("X-Auto-Response-Suppress", "All"),
        *([plain_header("Importance", "high")] if mail_class in _URGENT else ()),
        *([plain_header(RECEIPT, names.receipt)] if names.receipt is not None else ()),
    ]
    # It cannot stand in base64; of one letter it is always the same, so that copies are equal to the byte.
    boundary = f"=_{hashlib.sha256(names.message_id.encode()).hexdigest()[:32]}"
    head = "".join(header.written for header in headers)
    parts = (_part(letter.text, "plain"), _part(letter.html, "html"))
    body = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts)
    written = f'{head}{_ALTERNATIVE} boundary="{boundary}"\r\n{_MIME_VERSION}\r\n{body}--{boundary}--\r\n'
    return WrittenMail(from_.mailbox, to.mailbox, written.encode("ascii"), copy.mailbox if copy else None)


def thread_id_for(thread: str, domain: str) -> str:
    """Give the identifier that all mails of one thread answer."""
    return _identifier(f"<{thread}@{domain}>")


def domain_of(sender: str) -> str:
    """Give the domain of "Name <address>", under which this installation names its mails."""
    return sender_of(sender)[1].rpartition("@")[2]


def _part(text: str, subtype: str) -> str:
    """Return a text as a part: in base64, with the line ends that RFC 2046, 4.1.1 asks for."""
    octets = b64encode(text.replace("\r\n", "\n").replace("\n", "\r\n").encode())
    whole = len(octets) - len(octets) % _LINE
    # All lines but the last are equally long, which the standard library cuts at a stroke.
    lines = [*chain.from_iterable(iter_unpack(f"{_LINE}s", octets[:whole])), octets[whole:]]
    body = b"\r\n".join(line for line in lines if line).decode("ascii")
    kind = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: base64\r\n'
    return f"{kind}{_MIME_VERSION}\r\n{body}\r\n"


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


def _one_click_headers(address: str | None) -> list[MailHeader]:
    """Say where mails of this kind are switched off, and that one click does it where a program may post.

    RFC 8058, section 3.1: to an https address alone; by any other a person goes there and confirms.
    """
    if address is None:
        return []
    headers = [plain_header("List-Unsubscribe", f"<{address}>")]
    if address.startswith(_SAFE):
        headers.append(plain_header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    return headers


def _answer_headers(answers_to: tuple[str, str] | None) -> list[MailHeader]:
    if answers_to is None:
        return []
    name, address = answers_to
    return [mailbox_header("Reply-To", name, ascii_address(address))]


def _identifier(text: str) -> str:
    if not _MESSAGE_ID.fullmatch(text):
        raise ValueError(f"{text!a} is no message identifier")
    return text
