"""What failed for good: mails no server took and reminders that could not be written. Nothing is silent."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session

from workflow.domain.bounces import OF_OURS, server_words, trouble_of
from workflow.domain.reported import MailTrouble
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import MailState, NoticeKind, RungKind, known
from workflow.queries.mail.bounce import BOUNCE, Bounce, bounce_of, bounced
from workflow.queries.paging import Page, cut, decode_cursor, encode_cursor, instant, uuid
from workflow.store.access import Account
from workflow.store.base import among
from workflow.store.conditions import is_reachable
from workflow.store.delivery import DeliveryReport
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination, Rung
from workflow.store.organisation import Unit
from workflow.store.submissions import ExpectedReturn
from workflow.store.visible import mails_seen, visible


@dataclass(frozen=True, slots=True)
class DeadMail:
    """A mail given up after so many tries, to whom, and what the server said last.

    `notice` is None for a kind that this release does not know. `bounce` is what a mail server said of the
    address, None where the mail failed for another reason; `is_unreachable`: that still stands.
    """

    id: UUID
    notice: NoticeKind | None
    recipient: str
    email: str
    nomination_id: int | None
    subject: str | None
    tries: int
    reason: str
    created_at: datetime
    bounce: Bounce | None
    is_unreachable: bool

    @property
    def trouble(self) -> MailTrouble:
        """What is the matter, as people are told it."""
        return self.bounce.trouble if self.bounce else trouble_of(self.reason)

    @property
    def told(self) -> str:
        """What the server said, or this program of itself."""
        return self.bounce.told if self.bounce else server_words(self.reason)

    @property
    def is_ours(self) -> bool:
        """Whether this program failed at it, and no server spoke."""
        return self.bounce is None and self.trouble in OF_OURS


@dataclass(frozen=True, slots=True)
class DeadReminder:
    """A reminder or escalation given up after so many tries, and what went wrong last.

    `subject` is the nominee, or the unit that owes a round its paper; then there is no nomination. `kind` is
    None when this release does not know it.
    """

    id: UUID
    kind: RungKind | None
    nomination_id: int | None
    subject: str
    tries: int
    reason: str
    dead_at: datetime


_MAILS: Final = "dead-mails"
_REMINDERS: Final = "dead-reminders"


def dead_mails(session: Session, *, actor: Actor | None, limit: int, cursor: str | None) -> Page[DeadMail]:
    """Return one page of dead mails about nominations the actor sees, newest first; an administrator has all.

    Without an actor the command line speaks for the administrator. Raises `UnreadableCursor`.
    """
    statement = (
        select(
            Outbox.id,
            Outbox.notice,
            Account.name,
            Account.email,
            Outbox.nomination_id,
            func.coalesce(Nomination.subject_name, Unit.code).label("subject_name"),
            Outbox.attempt,
            Outbox.state_reason,
            Outbox.created_at,
            *BOUNCE,
            is_reachable(Account).label("is_reachable"),
        )
        .outerjoin(DeliveryReport, bounced())
        .join(Account, Account.id == Outbox.account_id)
        .outerjoin(Nomination, Nomination.id == Outbox.nomination_id)
        .outerjoin(ExpectedReturn, ExpectedReturn.id == Outbox.expected_return_id)
        .outerjoin(Unit, Unit.id == ExpectedReturn.unit_id)
        .where(Outbox.state == MailState.DEAD, mails_seen(actor))
        .order_by(Outbox.created_at.desc(), Outbox.id.desc())
        .limit(limit + 1)
    )
    if cursor is not None:
        place = tuple_(*decode_cursor(_MAILS, cursor, instant, uuid))
        statement = statement.where(tuple_(Outbox.created_at, Outbox.id) < place)
    return cut(
        session.execute(statement).all(),
        limit,
        item=lambda row: DeadMail(
            row.id,
            known(NoticeKind, row.notice),
            row.name,
            row.email,
            row.nomination_id,
            row.subject_name,
            row.attempt,
            row.state_reason or "",
            row.created_at,
            bounce_of(row),
            not row.is_reachable,
        ),
        cursor=lambda row: encode_cursor(_MAILS, row.created_at, row.id),
    )


def dead_reminders(session: Session, *, actor: Actor, limit: int, cursor: str | None) -> Page[DeadReminder]:
    """Return one page of dead reminders of what the actor sees, newest first.

    Raises `UnreadableCursor`.
    """
    statement = (
        select(
            Rung.id,
            Rung.kind,
            Rung.nomination_id,
            func.coalesce(Nomination.subject_name, Unit.code).label("subject_name"),
            Rung.attempt,
            Rung.last_error,
            Rung.dead_at,
        )
        .outerjoin(Nomination, Nomination.id == Rung.nomination_id)
        .outerjoin(ExpectedReturn, ExpectedReturn.id == Rung.expected_return_id)
        .outerjoin(Unit, Unit.id == ExpectedReturn.unit_id)
        .where(Rung.dead_at.is_not(None), _of_seen(actor))
        .order_by(Rung.dead_at.desc(), Rung.id.desc())
        .limit(limit + 1)
    )
    if cursor is not None:
        place = tuple_(*decode_cursor(_REMINDERS, cursor, instant, uuid))
        statement = statement.where(tuple_(Rung.dead_at, Rung.id) < place)
    return cut(
        session.execute(statement).all(),
        limit,
        item=lambda row: DeadReminder(
            row.id,
            known(RungKind, row.kind),
            row.nomination_id,
            row.subject_name,
            row.attempt,
            row.last_error or "",
            row.dead_at,
        ),
        cursor=lambda row: encode_cursor(_REMINDERS, row.dead_at, row.id),
    )


def _of_seen(actor: Actor) -> ColumnElement[bool]:
    """Return the condition of reminders of a nomination the actor sees, or of a unit they oversee."""
    scope = actor.scope
    if scope.is_everything or scope.counts_everything:
        overseen: ColumnElement[bool] = Rung.expected_return_id.is_not(None)
    else:
        overseen = among(ExpectedReturn.unit_id, scope.units | scope.counted)
    return or_(and_(Rung.nomination_id.is_not(None), visible(scope)), overseen)
