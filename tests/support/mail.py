"""A real mail server on loopback that can be told to misbehave, and what it received."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session as Connection

from tasks.smtp import SmtpTransport
from tests.support.office import Office
from workflow.clock import FixedClock
from workflow.domain.mails.preferences import UNFOLDED, MailPreferences
from workflow.messages.one_click import OneClick
from workflow.messages.receipts import Receipts
from workflow.operations.mail.deliver import deliver
from workflow.operations.mail.fate import Delivered
from workflow.operations.mail.post import Post, Transport
from workflow.operations.sweep.escalate import fire_due
from workflow.operations.sweep.firing import Fired
from workflow.store.database import Sessions
from workflow.store.mail import Outbox

SENDER = "Commendo <commendo@vksnd.example>"
BASE_URL = "https://khen.example.vn"
ACCEPT = "250 2.0.0 taken"
SECRET = b"the secret of an installation, 48 letters or so"
RECEIPTS, ONE_CLICK = Receipts(SECRET), OneClick(SECRET)


@dataclass
class Inbox:
    """What a server took, and how it answers from now on; `copies` went along to further recipients."""

    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    copies: list[tuple[str, EmailMessage]] = field(default_factory=list)
    unknown: frozenset[str] = frozenset()
    hangs_up_on: frozenset[str] = frozenset()
    copied_answer: str | None = None
    connections: int = 0
    sender_answer: str | None = None
    recipient_answer: str | None = None
    data_answer: str = ACCEPT
    on_recipient: Callable[[], None] = lambda: None
    on_taken: Callable[[], None] = lambda: None

    def of(self, address: str) -> list[EmailMessage]:
        """Return the mails one address got."""
        return [mail for mail, to in zip(self.mails, self.recipients, strict=True) if to == address]

    @property
    def message_ids(self) -> list[str]:
        """Return the Message-ID of each mail, in the order of arrival."""
        return [str(mail["Message-ID"]) for mail in self.mails]

    async def handle_EHLO(  # noqa: N802 - the library's name
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.connections += 1
        return responses

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.sender_answer is not None:
            return self.sender_answer
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.recipient_answer is not None:
            return self.recipient_answer
        if address in self.hangs_up_on and server.transport is not None:
            server.transport.close()
        if address in self.unknown:
            return "550 5.1.1 no such mailbox"
        self.on_recipient()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        if self.copied_answer is not None and len(envelope.rcpt_tos) > 1:
            return self.copied_answer
        if self.data_answer.startswith("2"):
            content = cast("bytes", envelope.content)
            self.mails.append(message_from_bytes(content, policy=policy.default))
            self.recipients += envelope.rcpt_tos[:1]
            self.copies += [(address, self.mails[-1]) for address in envelope.rcpt_tos[1:]]
            self.on_taken()
        return self.data_answer


@dataclass
class MailServer:
    """A server that can be stopped and started again on the same port; its inbox stays."""

    port: int
    inbox: Inbox = field(default_factory=Inbox)
    _controller: Controller | None = None

    @property
    def url(self) -> str:
        """Return how COMMENDO_SMTP_URL names it."""
        return f"smtp://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._controller = Controller(self.inbox, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Run a mail server on a free port of this machine."""
    server = MailServer(free_port())
    server.start()
    try:
        yield server
    finally:
        server.stop()


def free_port() -> int:
    """Find a port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Scene:
    """A furnished office, a clock that a test moves, and a mail server that takes what falls due."""

    office: Office
    session: Connection
    sessions: Sessions
    clock: FixedClock
    server: MailServer
    preferences: MailPreferences = UNFOLDED

    def fire(self) -> Fired:
        """Fire what is due by the clock."""
        return fire_due(self.sessions, clock=self.clock)

    def deliver(self, transport: Transport | None = None, *, seconds: float | None = None) -> Delivered:
        """Send what is due by the clock, by the mail server unless another transport is given."""
        transport = transport or SmtpTransport(self.server.url)
        post = Post(
            transport, SENDER, BASE_URL, receipts=RECEIPTS, preferences=self.preferences, one_click=ONE_CLICK
        )
        return deliver(self.sessions, clock=self.clock, post=post, seconds=seconds)

    def outcomes(self) -> list[tuple[str, str | None]]:
        """Return state and reason of every outbox row, sorted."""
        self.session.rollback()
        rows = self.session.execute(select(Outbox.state, Outbox.state_reason))
        return sorted(((row.state, row.state_reason) for row in rows), key=str)

    def only_row(self) -> Outbox:
        """Return the one outbox row there is, as it is now."""
        self.session.rollback()
        return self.session.scalars(select(Outbox).execution_options(populate_existing=True)).one()

    def expire_leases(self) -> None:
        """Let every lease run out now, as if its sender had been dead for a minute."""
        with self.sessions() as other:
            ended = func.clock_timestamp()
            other.execute(update(Outbox).where(Outbox.state == "sending").values(lease_until=ended))
            other.commit()


def text_of(mail: EmailMessage) -> str:
    """Return the plain text of a mail."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())
