"""The mail around a letter: who to, threading, and the headers that keep robots from answering."""

import re
from datetime import datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry, MessageIDHeader
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from typing import Final, cast

from workflow.domain.vocabulary import MailClass
from workflow.messages.compose import Letter

_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDR_SPEC: Final = re.compile(rf"({_ATOM}(?:\.{_ATOM})*)@({_LABEL}(?:\.{_LABEL})*)")
_MESSAGE_ID: Final = re.compile(rf"<{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*>")
_LIST_ID: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
# RFC 5321, section 4.5.3.1: local part at most 64 octets, the path with its brackets at most 256.
_LOCAL_PART_LIMIT: Final = 64
_ADDRESS_LIMIT: Final = 254


def _reference_headers() -> HeaderRegistry:
    """Keep references whole: the standard registry encodes long ones as words, which breaks threads."""
    registry = HeaderRegistry()
    # The library mixes this class with its base header at run time; its types know only the base.
    whole = cast("type[BaseHeader]", MessageIDHeader)
    for name in ("in-reply-to", "references"):
        registry.map_to_type(name, whole)
    return registry


_POLICY: Final = SMTP.clone(header_factory=_reference_headers())
_URGENT: Final = frozenset({MailClass.ESCALATION, MailClass.SECURITY})


class UnusableAddress(ValueError):  # noqa: N818 - said of the address, not of the program
    """The address is not exactly one plain mailbox; the mail can never be sent to it."""


def build(
    letter: Letter,
    *,
    sender: str,
    recipient_name: str,
    recipient_address: str,
    message_id: str,
    thread_id: str | None,
    date: datetime,
    mail_class: MailClass,
    list_id: str | None,
) -> EmailMessage:
    """Put a letter into a mail to exactly one mailbox, plain text first, HTML as its alternative.

    `sender` is "Name <address>"; `message_id` and `thread_id` carry their angle brackets. The same arguments
    give the same headers: a second copy after a crash is known by its Message-ID. Raises `UnusableAddress`
    for an address that is not one plain mailbox, ValueError for an identifier or a date that mails refuse.
    """
    if date.tzinfo is None:
        raise ValueError("a mail's date needs a time zone")
    sender_name, sender_address = parseaddr(sender)
    message = EmailMessage(policy=_POLICY)
    message["From"] = _mailbox(sender_name, sender_address)
    message["To"] = _mailbox(recipient_name, recipient_address)
    message["Subject"] = letter.subject
    message["Date"] = date
    message["Message-ID"] = _identifier(message_id)
    if thread_id is not None:
        # The root of a thread is never sent: one name that all its mails answer groups them.
        message["In-Reply-To"] = _identifier(thread_id)
        message["References"] = _identifier(thread_id)
    if list_id is not None:
        if not _LIST_ID.fullmatch(list_id):
            raise ValueError(f"'{list_id}' is no List-Id")
        message["List-Id"] = f"<{list_id}>"
    # RFC 3834 and Microsoft's own word for it: no holiday notice may come back.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    if mail_class in _URGENT:
        message["Importance"] = "high"
    message.set_content(letter.text, cte="base64")
    message.add_alternative(letter.html, subtype="html", cte="base64")
    return message


def message_id_for(mail_id: str, domain: str) -> str:
    """Give the Message-ID of an outbox row, the same on every attempt."""
    return _identifier(f"<mail.{mail_id}@{domain}>")


def thread_id_for(nomination_id: int, domain: str) -> str:
    """Give the identifier that all mails about one nomination answer."""
    return _identifier(f"<nomination.{nomination_id}@{domain}>")


def domain_of(sender: str) -> str:
    """Give the domain of "Name <address>", under which this installation names its mails."""
    return _checked_address(parseaddr(sender)[1]).rpartition("@")[2]


def _mailbox(name: str, address: str) -> Address:
    printable = " ".join("".join(c if c.isprintable() else " " for c in name).split())
    return Address(display_name=printable, addr_spec=_checked_address(address))


def _checked_address(address: str) -> str:
    match = _ADDR_SPEC.fullmatch(address)
    if match is None or len(address) > _ADDRESS_LIMIT or len(match[1]) > _LOCAL_PART_LIMIT:
        # Not quoted as it stands: the reason goes to logs and pages, and the address may hold line ends.
        raise UnusableAddress(f"{address[:_ADDRESS_LIMIT]!a} is not exactly one mail address")
    return address


def _identifier(text: str) -> str:
    if not _MESSAGE_ID.fullmatch(text):
        raise ValueError(f"{text!a} is no message identifier")
    return text
