"""Mails to send, how people want them and, where there is no mail server, the mails that would have gone."""

from datetime import datetime, time
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from workflow.domain.mails.preferences import Pace
from workflow.domain.vocabulary import MailClass, MailState, NoticeKind
from workflow.store.base import Base, known

LOOSE: Final = "state IN ('new', 'sending') AND mail_class = 'task' AND fold_key NOT LIKE 'task:%'"
"""Mails about work that are not in a letter of a day, as the index of just these has it."""


class Outbox(Base):
    """One mail to send, born in the transaction of what it tells.

    Leases run on the database's real clock; `attempt` counts claims and fences: a late sender's result
    changes nothing. `excused_count` of them are not held against the mail: they never began, or no server
    answered.
    `put_off_until`: the hour of its reader for which it waited before it was tried: it is late from then on.
    Rows with one `fold_key` go out as one mail and then share its `message_id`.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        # The last is written no more; a database may keep letters of its kind.
        known("notice", (*NoticeKind, "password_link")),
        known("mail_class", MailClass),
        known("state", MailState),
        Index(
            "ix_outbox_escalated",
            "account_id",
            "work_item_id",
            postgresql_where="mail_class = 'escalation'",
        ),
        Index(
            "ix_outbox_due", "mail_class", "not_before", "id", postgresql_where="state IN ('new', 'sending')"
        ),
        Index("ix_outbox_fold", "fold_key", postgresql_where="state IN ('new', 'sending')"),
        # What is not in its reader's letter of a day yet: looked at for each that is about to leave.
        Index("ix_outbox_loose", "account_id", postgresql_where=LOOSE),
        Index("ix_outbox_account_id", "account_id", "sent_at"),
        Index("ix_outbox_nomination", "nomination_id"),
        Index("ix_outbox_expected_return", "expected_return_id"),
        Index("ix_outbox_fact_question", "fact_question_id", postgresql_where="fact_question_id IS NOT NULL"),
        Index("ix_outbox_message_id", "message_id", postgresql_ops={"message_id": "text_pattern_ops"}),
        Index("ix_outbox_dead", "created_at", postgresql_where="state = 'dead'"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    dedupe_key: Mapped[str] = mapped_column(unique=True)
    notice: Mapped[str]
    mail_class: Mapped[str]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    nomination_id: Mapped[int | None] = mapped_column(ForeignKey("nomination.id"))
    expected_return_id: Mapped[int | None] = mapped_column(ForeignKey("expected_return.id"))
    fact_question_id: Mapped[int | None] = mapped_column(ForeignKey("fact_question.id"))
    work_item_id: Mapped[UUID | None] = mapped_column(ForeignKey("work_item.id"))
    event_id: Mapped[UUID | None] = mapped_column(ForeignKey("event.id"))
    fold_key: Mapped[str]
    state: Mapped[str]
    state_reason: Mapped[str | None]
    not_before: Mapped[datetime]
    put_off_until: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    attempt: Mapped[int] = mapped_column(server_default="0")
    excused_count: Mapped[int] = mapped_column(server_default="0")
    message_id: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class KeptLetter(Base):
    """A composed mail kept for `/mailbox`, where no mail server is set; one row per Message-ID."""

    __tablename__ = "letter"
    __table_args__ = (
        Index("ix_letter_account", "account_id", "written_at"),
        # The whole list of an administrator, newest first.
        Index("ix_letter_written_at", "written_at", "message_id"),
    )

    message_id: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recipient: Mapped[str]
    subject: Mapped[str]
    text: Mapped[str]
    html: Mapped[str]
    written_at: Mapped[datetime]


class MailPreference(Base):
    """How a person wants their mails. Null, and no row at all: as the installation says.

    `no_information_since`: they switched information mails off.
    """

    __tablename__ = "mail_preference"
    __table_args__ = (
        known("pace", Pace),
        CheckConstraint("num_nulls(quiet_from, quiet_until) IN (0, 2)", name="both_ends"),
    )

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    pace: Mapped[str | None]
    digest_at: Mapped[time | None]
    quiet_from: Mapped[time | None]
    quiet_until: Mapped[time | None]
    no_information_since: Mapped[datetime | None]
