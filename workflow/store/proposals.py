"""Another due date that somebody asked for: who asked for which day, and what became of it."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, Row, Uuid, and_, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.domain.time.new_day import ProposalOutcome
from workflow.store.base import Base, known, table_of
from workflow.store.conditions import TODAY, is_open
from workflow.store.nominations import Visit, WorkItem

_UNANSWERED: Final = "closed_at IS NULL"


class DateProposal(Base):
    """A date that whoever has work to do can keep, asked of whoever may give more time.

    Nothing moves by it. `until_at` is the end of the day asked for, `asked_key` the seat that was asked,
    `hand_id` the account in whose place it was asked. One of each work is unanswered; that it `stands` is
    asked of the work.
    """

    __tablename__ = "date_proposal"
    __table_args__ = (
        known("outcome", ProposalOutcome),
        Index("uq_date_proposal_unanswered", "work_item_id", unique=True, postgresql_where=_UNANSWERED),
        Index("ix_date_proposal_work_item_id", "work_item_id"),
        Index("ix_date_proposal_asked", "asked_key", postgresql_where=_UNANSWERED),
        Index("ix_date_proposal_proposed_by", "proposed_by"),
        Index("ix_date_proposal_hand_id", "hand_id", postgresql_where="hand_id IS NOT NULL"),
        Index("uq_date_proposal_event_id", "event_id", unique=True),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    work_item_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("work_item.id"))
    proposed_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    hand_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    asked_key: Mapped[str]
    day: Mapped[date]
    until_at: Mapped[datetime]
    clock_started_at: Mapped[datetime | None]
    event_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("event.id"))
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]


def is_unanswered() -> ColumnElement[bool]:
    """Return the condition that nobody answered, and nobody asked for another day since."""
    return is_open(table_of(DateProposal).c)


def stands(today: date | ColumnElement[Any] = TODAY) -> ColumnElement[bool]:
    """Return the condition that joins open work with the date that was asked for it and still waits.

    Nothing is written when it lapses: once it `waits` no more, and on that day itself, which nobody can give
    any more.
    """
    return and_(waits(), DateProposal.day > today)


def waits() -> ColumnElement[bool]:
    """Return the condition that joins open work with the date that was asked for it and could be answered.

    Whatever day it is: not once the work is done or on hold, or went on after a hold, once it is due on that
    day or later, or in the hands of somebody else than who asked. For what a unit owes its head asks, whoever
    it was handed to.
    """
    started_at = (
        select(Visit.clock_started_at)
        .where(Visit.id == WorkItem.visit_id)
        .correlate(WorkItem)
        .scalar_subquery()
    )
    return and_(
        DateProposal.work_item_id == WorkItem.id,
        is_unanswered(),
        is_open(WorkItem),
        WorkItem.due_at < DateProposal.until_at,
        started_at.is_not_distinct_from(DateProposal.clock_started_at),
        or_(
            WorkItem.assignee_id.is_(None),
            WorkItem.expected_return_id.is_not(None),
            WorkItem.assignee_id.in_([DateProposal.proposed_by, DateProposal.hand_id]),
        ),
    )


def asked_of(session: Session, work_item_id: UUID | None, *, today: date) -> Row[str, int, int | None] | None:
    """Return the seat that was asked for another date and has to answer, and in whose hands the work is."""
    asked = (
        select(DateProposal.asked_key, DateProposal.proposed_by, DateProposal.hand_id)
        .join(WorkItem, stands(today))
        .where(WorkItem.id == work_item_id)
    )
    return session.execute(asked).one_or_none()
