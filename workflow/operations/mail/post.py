"""What delivery needs of the world: a transport, and the words every letter carries."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from workflow.domain.mails.preferences import USUAL, MailPreferences
from workflow.domain.notices import SUBJECT_TAG
from workflow.domain.vocabulary import MailClass
from workflow.messages.action_links import ActionLinks
from workflow.messages.compose import Letter
from workflow.messages.envelope import WrittenMail
from workflow.messages.one_click import OneClick
from workflow.messages.receipts import Receipts


class MailServerAwayError(Exception):
    """No server takes any mail now: it is unreachable, closing, or refuses us. No fault of the mail."""


class MailDelayedError(Exception):
    """The server did not take this mail now.

    `maybe_sent` when the link broke while it was handed over; `is_excused` when the server takes none of ours
    for that reader, by a rule about us: the mail is not at fault and waits, the others go on.
    """

    def __init__(self, reason: str, *, maybe_sent: bool = False, is_excused: bool = False) -> None:
        super().__init__(reason)
        self.maybe_sent = maybe_sent
        self.is_excused = is_excused


class MailRefusedError(Exception):
    """This mail is refused for good."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One mail ready to go: the letter, and the same as the message a mail server takes.

    A transport over a link calls `before_message` right before the server gets the message: from there on the
    mail may be delivered, whatever happens. What it raises ends the hand-over. `receipt` names the letter to
    whoever reports on it, and `return_path` is where reports go; None: to whom it is from.
    """

    message_id: str
    account_id: int
    mail_class: MailClass
    recipient: str
    letter: Letter
    message: WrittenMail
    written_at: datetime
    before_message: Callable[[], None] = lambda: None
    receipt: str | None = None
    return_path: str | None = None


class Transport(Protocol):
    """Whoever takes mails away, one after the other, until it is closed; it may be opened again by a send."""

    def send(self, parcel: Parcel) -> None:
        """Hand one mail over.

        Raises `MailServerAwayError`, `MailDelayedError` or `MailRefusedError`; returning is a promise kept.
        """

    def close(self) -> None:
        """Give back what sending holds, such as a connection."""


@dataclass(frozen=True, slots=True)
class Post:
    """How this installation sends: by which transport, as whom, and which address its links open.

    The officer is named where the unit in question names nobody. By `receipts` true reports are told from
    forged ones, by `action_links` a letter leads to what it asks for; `bounce_address` is where mail servers
    send reports, where that is a mailbox apart. `preferences` count for whoever chose nothing. `one_click`
    signs the addresses that switch mails off.
    """

    transport: Transport
    mail_from: str
    base_url: str
    officer_name: str = ""
    officer_telephone: str = ""
    officer_email: str = ""
    is_demo: bool = False
    subject_tag: str = SUBJECT_TAG
    receipts: Receipts | None = None
    action_links: ActionLinks | None = None
    bounce_address: str | None = None
    preferences: MailPreferences = USUAL
    one_click: OneClick | None = None
