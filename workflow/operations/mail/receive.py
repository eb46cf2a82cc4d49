"""Taking in what comes back: a delivery report changes the letter that it names by a receipt.

Without a true receipt nothing is believed: the report may be about a letter that this installation never
sent, or be a stranger's. Nothing is ever answered.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row, exists, func, or_, select, update
from sqlalchemy.orm import Session

from workflow.domain.bounces import class_of
from workflow.domain.reported import BounceClass, DeliveryAction, ReportSource
from workflow.domain.vocabulary import MailState
from workflow.messages.addresses import UnusableAddress, ascii_address
from workflow.messages.receipts import Receipts
from workflow.messages.reports import RecipientReport, ReportKind, read_report
from workflow.operations.mail.fate import short
from workflow.operations.mail.offices import MAILBOX_CHOSEN
from workflow.store.access import Account
from workflow.store.base import table_of
from workflow.store.delivery import Said, note_said
from workflow.store.history import Event
from workflow.store.mail import Outbox
from workflow.store.organisation import Unit

LATEST_REPORT: Final = timedelta(days=30)
"""Servers give up within days (RFC 5321, 4.5.4.1): a report on an older letter tells of another time."""

_OUTBOX = table_of(Outbox)
_MAY_HAVE_GONE: Final = (MailState.NEW, MailState.SENDING, MailState.SENT)
_LETTER: Final = (
    select(
        _OUTBOX.c.id,
        _OUTBOX.c.message_id,
        _OUTBOX.c.account_id,
        _OUTBOX.c.sent_at,
        _OUTBOX.c.created_at,
        Account.email,
        Account.email_since,
    )
    .join(Account, Account.id == _OUTBOX.c.account_id)
    .order_by(_OUTBOX.c.id)
    .with_for_update(of=_OUTBOX)
)


class ReportOutcome(StrEnum):
    """What became of a mail that came in: a letter bounced, a report was noted, or why nothing changes."""

    BOUNCED = "bounced"
    NOTED = "noted"
    KNOWN_ALREADY = "known_already"
    NOT_OURS = "not_ours"
    AMBIGUOUS = "ambiguous"
    TOO_OLD = "too_old"
    AUTO_REPLY = "auto_reply"
    READ_RECEIPT = "read_receipt"
    COMPLAINT = "complaint"
    NO_REPORT = "no_report"
    OF_A_COPY = "of_a_copy"


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """What a mail came to; of a report on a letter of ours, which one, and what it says."""

    outcome: ReportOutcome
    message_id: str | None = None
    action: DeliveryAction | None = None
    bounce_class: BounceClass | None = None
    status: str | None = None
    words: str = ""


_NO_DELIVERY: Final = {
    ReportKind.AUTO_REPLY: ReportOutcome.AUTO_REPLY,
    ReportKind.READ_RECEIPT: ReportOutcome.READ_RECEIPT,
    ReportKind.COMPLAINT: ReportOutcome.COMPLAINT,
    ReportKind.OTHER: ReportOutcome.NO_REPORT,
}


def receive_mail(
    session: Session, content: bytes, *, receipts: Receipts, domain: str, sent_to: str = "", now: datetime
) -> ReceivedMail:
    """Take in one mail as a mail server hands it over, and commit what it says of a letter.

    `domain` is where letters are named (`envelope.domain_of`), `sent_to` the address it came to, where the
    envelope is known. Whatever comes in has an outcome; the same report again changes nothing.
    """
    report = read_report(content)
    if report.kind in _NO_DELIVERY:
        return ReceivedMail(_NO_DELIVERY[report.kind])
    names = receipts.names_in(f"{sent_to}\n{report.text}")
    if len(names) != 1:
        return ReceivedMail(ReportOutcome.AMBIGUOUS if names else ReportOutcome.NOT_OURS)
    [name] = names
    rows = _locked_rows(session, name, domain)
    if not rows:
        return ReceivedMail(ReportOutcome.NOT_OURS)
    told = report.about(rows[0].email)
    if told is None or _is_of_a_copy(session, told, rows):
        outcome = ReportOutcome.NO_REPORT if told is None else ReportOutcome.OF_A_COPY
        return ReceivedMail(outcome, rows[0].message_id)
    if now - max(row.sent_at or row.created_at for row in rows) > LATEST_REPORT:
        return ReceivedMail(ReportOutcome.TOO_OLD, rows[0].message_id, told.action)
    received = _note(session, rows, told, now)
    session.commit()
    return received


def _is_of_a_copy(session: Session, told: RecipientReport, rows: Sequence[Row[Any]]) -> bool:
    """Whether it tells of a unit's mailbox, to which the letter was copied, and not of its reader.

    Also of one that the unit gave up since the letter was promised, which its history knows.
    """
    if rows[0].email.casefold() in told.addresses:
        return False
    is_one = exists().where(func.lower(Unit.mailbox).in_(told.addresses))
    was_one = exists().where(
        Event.stream == func.concat("unit:", Unit.id),
        Event.action == MAILBOX_CHOSEN,
        Event.recorded_at >= min(row.created_at for row in rows),
        func.lower(Event.data["was"].as_string()).in_(told.addresses),
    )
    return session.scalar(select(or_(is_one, was_one))) is True


def _locked_rows(session: Session, name: str, domain: str) -> Sequence[Row[Any]]:
    """Lock the rows of the letter whose Message-ID begins so, whoever has it in hand, and return them.

    It ends with the domain that letters are from; where that was another, all letters are looked through.
    """
    found = session.execute(_LETTER.where(_OUTBOX.c.message_id == f"{name}{domain}>")).all()
    return (
        found or session.execute(_LETTER.where(_OUTBOX.c.message_id.startswith(name, autoescape=True))).all()
    )


def _plain(addresses: Iterable[str]) -> str:
    """Return the first that is one plain mailbox: a stranger wrote them."""
    for address in addresses:
        try:
            return ascii_address(address)
        except UnusableAddress:
            continue
    return ""


def _note(session: Session, rows: Sequence[Row[Any]], told: RecipientReport, now: datetime) -> ReceivedMail:
    first = rows[0]
    is_bounce = told.action is DeliveryAction.FAILED
    words = short(told.words) or told.status or ""
    kind = class_of(told.status, words) if is_bounce else None
    went_at = first.sent_at or first.created_at
    had_another = first.email_since is not None and went_at < first.email_since
    address = _plain(sorted(told.addresses)) if had_another else first.email
    said = Said(
        message_id=first.message_id,
        account_id=first.account_id,
        email=address,
        action=told.action,
        source=ReportSource.REPORT,
        bounce_class=kind,
        status=told.status,
        words=words,
        at=now,
    )
    is_new = note_said(session, [said]) == 1
    if is_new and is_bounce:
        # What a sender has in hand meanwhile is fenced by its state: it neither goes out nor is called sent.
        session.execute(
            update(_OUTBOX)
            .where(_OUTBOX.c.id.in_([row.id for row in rows]), _OUTBOX.c.state.in_(_MAY_HAVE_GONE))
            .values(
                state=MailState.DEAD,
                state_reason=short(f"bounced: {words}"),
                lease_until=None,
            )
        )
    new = ReportOutcome.BOUNCED if is_bounce else ReportOutcome.NOTED
    outcome = new if is_new else ReportOutcome.KNOWN_ALREADY
    return ReceivedMail(outcome, first.message_id, told.action, kind, told.status, words)
