"""The mail around a letter: who to, threading, and the headers that keep robots from answering."""

import re
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

from workflow.domain.vocabulary import MailClass
from workflow.messages.addresses import ATOM, LABEL, ascii_address, sender_of
from workflow.messages.compose import Letter
from workflow.messages.headers import MailHeader, mailbox_header, plain_header, text_header

_MESSAGE_ID: Final = re.compile(rf"<{ATOM}(?:\.{ATOM})*@{LABEL}(?:\.{LABEL})*>")
_LIST_ID: Final = re.compile(rf"{LABEL}(?:\.{LABEL})*")
_URGENT: Final = frozenset({MailClass.ESCALATION, MailClass.SECURITY})


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
    message = EmailMessage(policy=SMTP)
    for header in headers:
        message[header.name] = header
    message.set_content(letter.text, cte="base64")
    message.add_alternative(letter.html, subtype="html", cte="base64")
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
