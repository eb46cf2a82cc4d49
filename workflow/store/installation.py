"""What this installation is, and which of its processes did real work lately."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflow.store.base import Base


class Installation(Base):
    """The one row that says what the data are: live, demo, a replayed log, a simulated season."""

    __tablename__ = "installation"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("kind IN ('live', 'demo', 'replay', 'simulation')", name="kind_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    created_at: Mapped[datetime]


class Heartbeat(Base):
    """The last time a kind of work was really done, on the database's real clock."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(primary_key=True)
    beaten_at: Mapped[datetime]
