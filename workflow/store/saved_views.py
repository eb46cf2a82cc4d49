"""What people narrow their work to again and again, by name."""

from typing import Final

from sqlalchemy import BigInteger, ColumnElement, ForeignKey, Index, bindparam, or_, text
from sqlalchemy.orm import Mapped, mapped_column

from workflow.domain.rights.policy import Actor
from workflow.store.base import Base, BigKey, object_in

VIEWER: Final = bindparam("viewer", type_=BigInteger())
"""The account of whoever looks."""

_THEIR_UNIT: Final = bindparam("viewers_unit", type_=BigInteger())


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


def seen_views() -> ColumnElement[bool]:
    """Return the condition of the views that a `viewer` sees: their own, and those shared with their unit."""
    # Who belongs to no unit is told none, which equals nothing: neither what is shared with no unit.
    return or_(SavedView.account_id == VIEWER, SavedView.unit_id == _THEIR_UNIT)


def viewer(actor: Actor) -> dict[str, object]:
    """Return what a statement with `seen_views` is told of whoever looks."""
    return {VIEWER.key: actor.account_id, _THEIR_UNIT.key: actor.unit_id}
