"""What the worker is asked to do because a page may not take so long."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from workflow.domain.rights.errands import ErrandKind, ErrandState
from workflow.store.base import Base, BigKey, known, object_in


class Errand(Base):
    """One errand: who asked for it and why, how much of it is done, and what came of it.

    Of a kind one is not over. `lease_until` is until when a worker has it in hand, `attempt` how
    many had: a fence, so that one that lost it settles nothing. `result` is what its page tells.
    """

    __tablename__ = "errand"
    __table_args__ = (
        known("kind", ErrandKind),
        known("state", ErrandState),
        object_in("args"),
        object_in("result"),
        CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", name="ended_when_over"),
        Index("uq_errand_open", "kind", unique=True, postgresql_where="state = 'waiting'"),
        Index("ix_errand_newest", "kind", "id"),
    )

    id: Mapped[BigKey]
    kind: Mapped[str]
    state: Mapped[str]
    asked_by: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    asked_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(server_default="")
    args: Mapped[dict[str, object]]
    done: Mapped[int] = mapped_column(server_default="0")
    attempt: Mapped[int] = mapped_column(server_default="0")
    lease_until: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    result: Mapped[dict[str, object] | None]
