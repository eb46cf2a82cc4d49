"""Who is away, from which day to which, and who acts for them meanwhile."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflow.store.base import Base, BigKey


class Absence(Base):
    """Somebody is away from `valid_from` to the day before `valid_to`, from one seat (`key`) or from all.

    `announced_by` is null where the command line spoke. `changed_at` is when what it says was last written;
    `ended_at` takes it back at once. No reason is kept: why somebody is away is nobody's business here.
    """

    __tablename__ = "absence"
    __table_args__ = (
        CheckConstraint("valid_from < valid_to", name="lasts"),
        Index("ix_absence_account_id", "account_id", "valid_to"),
        Index("ix_absence_valid_to", "valid_to"),
        Index("ix_absence_announced_by", "announced_by"),
    )

    id: Mapped[BigKey]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    key: Mapped[str | None]
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    announced_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    announced_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Substitute(Base):
    """Who acts for somebody who is away, in the order in which they are asked.

    `seat` is the place where they have to sit themselves: who leaves it acts for nobody there any more.
    """

    __tablename__ = "substitute"
    __table_args__ = (
        UniqueConstraint("absence_id", "account_id"),
        CheckConstraint("ordinal BETWEEN 1 AND 5", name="ordinal_is_short"),
        Index("ix_substitute_account_id", "account_id"),
    )

    absence_id: Mapped[int] = mapped_column(ForeignKey("absence.id"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    seat: Mapped[str]
