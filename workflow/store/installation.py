"""What this installation is, and which of its processes did real work lately."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from workflow.store.base import Base


class Installation(Base):
    """The one row that says what the data are: live, demo, a replayed log, a simulated season.

    `mail_way` is where letters of live data go, to a mail server or to the mailbox page; null until the first
    process that delivers.
    """

    __tablename__ = "installation"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("kind IN ('live', 'demo', 'replay', 'simulation')", name="kind_known"),
        CheckConstraint("mail_way IN ('smtp', 'mailbox')", name="mail_way_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    created_at: Mapped[datetime]
    mail_way: Mapped[str | None]


class Heartbeat(Base):
    """The last time a kind of work was really done, or a part found well, on the database's real clock.

    `beat_count` is how often, `done_count` how many rungs were fired or letters sent; both only grow.
    """

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(primary_key=True)
    beaten_at: Mapped[datetime]
    beat_count: Mapped[int] = mapped_column(BigInteger, server_default="0")
    done_count: Mapped[int] = mapped_column(BigInteger, server_default="0")
