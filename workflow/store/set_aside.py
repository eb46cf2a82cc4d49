"""What somebody set aside in their own inbox, until which morning."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Index, Uuid, and_, or_
from sqlalchemy.orm import Mapped, mapped_column

from workflow.store.base import Base
from workflow.store.nominations import WorkItem


class PutAside(Base):
    """One piece of work that one account does not want to see before a day: nobody else's inbox knows of it.

    `until_at` is the beginning of that day.
    """

    __tablename__ = "set_aside"
    __table_args__ = (Index("ix_set_aside_work_item_id", "work_item_id"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    work_item_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("work_item.id"), primary_key=True)
    until_at: Mapped[datetime]


def lies_aside(at: datetime | ColumnElement[Any], work: type[WorkItem] = WorkItem) -> ColumnElement[bool]:
    """Return the condition that work which was set aside is so at an instant; join both.

    Nothing is written when it comes back: on its day, or once the work is due before that day.
    """
    return and_(
        PutAside.work_item_id == work.id,
        PutAside.until_at > at,
        or_(work.due_at.is_(None), PutAside.until_at <= work.due_at),
    )
