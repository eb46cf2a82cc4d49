"""What this installation is, and which of its processes did real work lately."""

from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflow.store.base import Base

# Some who rent a server out let nobody ask it.
_MAY_ASK: Final = text("SELECT has_function_privilege(to_regprocedure('pg_control_system()'), 'EXECUTE')")
_IDENTITY: Final = text(
    "SELECT system_identifier || '/' || oid FROM pg_control_system(), pg_database"
    " WHERE datname = current_database()"
)


class Installation(Base):
    """The one row that says what the data are: live, demo, a replayed log, a simulated season.

    `mail_way` is where letters of live data go, to a mail server or to the mailbox page; null until the first
    process that delivers. `sending_database` is the database from which they went to a mail server, as
    `identity_of` names it: a copy brings it along and is known by it. Null while none went.
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
    sending_database: Mapped[str | None]


class Heartbeat(Base):
    """The last time a kind of work was really done, or a part found well, on the database's real clock.

    `beat_count` is how often, `done_count` how many rungs were fired or letters sent; both only grow.
    """

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(primary_key=True)
    beaten_at: Mapped[datetime]
    beat_count: Mapped[int] = mapped_column(BigInteger, server_default="0")
    done_count: Mapped[int] = mapped_column(BigInteger, server_default="0")


def identity_of(session: Session) -> str | None:
    """Return what tells this database from every other, also from a copy of it; None where nobody may ask.

    A server has a number from the day it was made, which its standbys share, and a database its own in it.
    """
    return session.scalar(_IDENTITY) if session.scalar(_MAY_ASK) else None
