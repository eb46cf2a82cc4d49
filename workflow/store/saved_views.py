"""What people narrow their work to again and again, by name."""

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

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
