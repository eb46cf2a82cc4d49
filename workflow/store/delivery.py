"""What mail servers said became of letters: one row for each thing said of one letter."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    UniqueConstraint,
    Uuid,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.domain.reported import BounceClass, DeliveryAction, ReportSource
from workflow.store.access import Account
from workflow.store.base import Base, among, known, table_of
from workflow.store.ids import uuid7
from workflow.store.mail import Outbox

_STANDS: Final = "action = 'failed' AND ended_at IS NULL"
_UNFOLLOWED: Final = "followed_at IS NULL"


class DeliveryReport(Base):
    """What was said of one letter, once: `failed` is a bounce and has a class, the others are told.

    `email` is where the letter went. A bounce makes that address unreachable while it stands: until a later
    letter got through or the address is tried again (`ended_at`), and as long as the account has it.
    `followed_at`: what follows from it was written.
    """

    __tablename__ = "delivery_report"
    __table_args__ = (
        known("action", DeliveryAction),
        known("source", ReportSource),
        known("bounce_class", BounceClass),
        CheckConstraint("(action = 'failed') = (bounce_class IS NOT NULL)", name="class_of_bounce"),
        CheckConstraint("ended_at IS NULL OR action = 'failed'", name="bounce_ends"),
        # Said twice, by two copies of one report or by two who read it at once, it is one row.
        UniqueConstraint("message_id", "action"),
        Index("ix_delivery_report_account_id", "account_id"),
        Index("ix_delivery_report_standing", "account_id", "email", postgresql_where=_STANDS),
        Index("ix_delivery_report_unfollowed", "id", postgresql_where=_UNFOLLOWED),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    message_id: Mapped[str]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    email: Mapped[str]
    action: Mapped[str]
    source: Mapped[str]
    bounce_class: Mapped[str | None]
    status: Mapped[str | None]
    words: Mapped[str]
    reported_at: Mapped[datetime]
    followed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


_REPORT = table_of(DeliveryReport)
# Spelt out, not bound, as in `standing`.
UNFOLLOWED: Final[ColumnElement[bool]] = literal_column("(delivery_report.followed_at IS NULL)")


def standing(name: str = "delivery_report") -> ColumnElement[bool]:
    """Return the condition that a row of the table, or of its alias of that name, is a bounce that stands.

    Spelt out, not bound, so that the planner sees that the partial index serves.
    """
    return literal_column(f"({name}.action = 'failed' AND {name}.ended_at IS NULL)")


@dataclass(frozen=True, slots=True)
class AddressRefusal:
    """What a mail server said at the hand-over of a letter that it will not take, or has not for days."""

    bounce_class: BounceClass
    status: str | None
    words: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Said:
    """What is to be noted of one letter."""

    message_id: str
    account_id: int
    email: str
    action: DeliveryAction
    source: ReportSource
    bounce_class: BounceClass | None
    status: str | None
    words: str
    at: datetime


def note_said(session: Session, said: Iterable[Said]) -> int:
    """Write what was said of letters, whose rows are locked, and return how much of it is new."""
    rows = [
        {
            "id": uuid7(one.at),
            "message_id": one.message_id,
            "account_id": one.account_id,
            "email": one.email,
            "action": one.action,
            "source": one.source,
            "bounce_class": one.bounce_class,
            "status": one.status,
            "words": one.words,
            "reported_at": one.at,
        }
        for one in said
    ]
    statement = insert(_REPORT).on_conflict_do_nothing(index_elements=["message_id", "action"])
    return len(session.scalars(statement.returning(_REPORT.c.id), rows).all()) if rows else 0


def note_refusals(session: Session, refused: Sequence[tuple[str, AddressRefusal]]) -> None:
    """Write what a server said at the hand-over of letters, by Message-ID, with their ends."""
    readers = {
        row.message_id: row
        for row in session.execute(
            select(Outbox.message_id, Outbox.account_id, Account.email)
            .join(Account, Account.id == Outbox.account_id)
            .where(among(Outbox.message_id, [message_id for message_id, _ in refused]))
        )
    }
    note_said(
        session,
        [
            Said(
                message_id,
                readers[message_id].account_id,
                readers[message_id].email,
                DeliveryAction.FAILED,
                ReportSource.SMTP,
                refusal.bounce_class,
                refusal.status,
                refusal.words,
                refusal.at,
            )
            for message_id, refusal in refused
            if message_id in readers
        ],
    )


def unfollowed_reports(session: Session, *, limit: int) -> Sequence[UUID]:
    """Return the ids of reports from which nothing was drawn yet, the oldest first."""
    return session.scalars(select(_REPORT.c.id).where(UNFOLLOWED).order_by(_REPORT.c.id).limit(limit)).all()
