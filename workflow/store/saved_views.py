"""What people narrow their work to again and again, by name."""

from sqlalchemy import ColumnElement, ForeignKey, Index, or_, text
from sqlalchemy.orm import Mapped, mapped_column

from workflow.domain.rights.policy import Actor
from workflow.store.base import Base, BigKey, object_in


class SavedView(Base):
    """The words of an inbox's address under a name; `unit_id` is the unit whose people see it too.

    It opens nothing: whoever looks by it sees what waits for themselves.
    """

    __tablename__ = "saved_view"
    __table_args__ = (
        object_in("words"),
        Index("uq_saved_view_name", "account_id", text("lower(name)"), unique=True),
        Index("ix_saved_view_unit_id", "unit_id", postgresql_where="unit_id IS NOT NULL"),
    )

    id: Mapped[BigKey]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    name: Mapped[str]
    words: Mapped[dict[str, object]]


def seen_views(actor: Actor) -> ColumnElement[bool]:
    """Return the condition of the views that somebody sees: their own, and those shared with their unit."""
    # Nobody has the number 0: who belongs to no unit is shared nothing, not what is shared with no unit.
    return or_(SavedView.account_id == actor.account_id, SavedView.unit_id == (actor.unit_id or 0))
