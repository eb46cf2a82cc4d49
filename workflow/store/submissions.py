"""What a unit owes a round, and the submission with a list that it sends."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflow.store.base import Base, BigKey


class ExpectedReturn(Base):
    """What a unit owes a round, so that a silent unit is visible before any nomination exists.

    `due_on` is the unit's own deadline, `admitted_until` until when its office takes what comes late, by
    exception; `accountable_id` who answers for it. `sent_at` is when its first name
    left the unit, `answered_at` when it said, signed, that it proposes nothing; either closes its work.
    """

    __tablename__ = "expected_return"
    __table_args__ = (
        UniqueConstraint("round_id", "unit_id"),
        Index(
            "ix_expected_return_accountable_id",
            "accountable_id",
            postgresql_where="accountable_id IS NOT NULL",
        ),
        Index("ix_expected_return_answered_by", "answered_by", postgresql_where="answered_by IS NOT NULL"),
        CheckConstraint(
            "(answered_at IS NULL) = (nothing_number IS NULL)"
            " AND (answered_at IS NULL) = (nothing_on IS NULL)"
            " AND (answered_at IS NULL) = (nothing_signer IS NULL)",
            name="answer_is_signed",
        ),
        Index(
            "ix_expected_return_owed", "unit_id", postgresql_where="sent_at IS NULL AND answered_at IS NULL"
        ),
    )

    id: Mapped[BigKey]
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    due_on: Mapped[date]
    accountable_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    sent_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    nothing_number: Mapped[str | None]
    nothing_on: Mapped[date | None]
    nothing_signer: Mapped[str | None]
    admitted_until: Mapped[date | None]


class Submission(Base):
    """A unit's submission (tờ trình) for one round and deciding body; its list is the nominations naming it.

    It has no state of its own: its nominations tell what it reached. `version` moves with its
    words and with the list.
    """

    __tablename__ = "submission"
    __table_args__ = (
        Index(
            "uq_submission_number",
            "round_id",
            "unit_id",
            "number",
            unique=True,
            postgresql_where="number <> ''",
        ),
        Index("ix_submission_round", "round_id", "unit_id"),
    )

    id: Mapped[BigKey]
    round_id: Mapped[int] = mapped_column(ForeignKey("round.id"))
    unit_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    decider: Mapped[str]
    number: Mapped[str] = mapped_column(server_default="")
    signed_on: Mapped[date | None]
    signer: Mapped[str] = mapped_column(server_default="")
    version: Mapped[int]
    created_by: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    created_at: Mapped[datetime]
