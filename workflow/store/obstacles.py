"""What keeps open work from going on, as the last look found it: one row for each time it did."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from workflow.domain.obstacles import ObstacleReason
from workflow.store.base import Base, BigKey, known

_STANDS: Final = "closed_at IS NULL"


class Obstacle(Base):
    """One reason why a piece of work, or what waits for a round's council, cannot go on.

    `closed_at` is when a look found the cause gone; one that comes back is another row. `work_count` is how
    many wait for it: of a round those that are ready for a vote; of what was asked often it is how often.
    `told_at` is the morning for which word of it was promised to whoever can help.
    """

    __tablename__ = "obstacle"
    __table_args__ = (
        known("reason", ObstacleReason),
        CheckConstraint("num_nonnulls(work_item_id, round_id) = 1", name="one_root"),
        Index("ix_obstacle_work_item_id", "work_item_id", postgresql_where="work_item_id IS NOT NULL"),
        Index("ix_obstacle_round_id", "round_id", postgresql_where="round_id IS NOT NULL"),
        Index("uq_obstacle_of_work", "work_item_id", "reason", unique=True, postgresql_where=_STANDS),
        Index("uq_obstacle_of_round", "round_id", "reason", unique=True, postgresql_where=_STANDS),
    )

    id: Mapped[BigKey]
    reason: Mapped[str]
    work_item_id: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("work_item.id"))
    round_id: Mapped[int | None] = mapped_column(ForeignKey("round.id"))
    work_count: Mapped[int] = mapped_column(server_default="1")
    opened_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
