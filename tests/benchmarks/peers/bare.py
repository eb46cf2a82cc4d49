"""What every bare form writes, a state and one row of a log: as raw statements, and by the ORM."""

from datetime import datetime
from typing import Any

import psycopg
from sqlalchemy import BigInteger
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from tests.benchmarks.peers.orm import MACHINE
from tests.benchmarks.raw_decision import Leap
from workflow.store.database import Sessions


class RawBare:
    """Moves a state and keeps one row of a log, as two statements."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection, self._cursor = connection, connection.cursor()

    def decide(
        self, leap: Leap, *, nomination_id: int, version: int, actor_id: int, key: str, now: datetime
    ) -> None:
        """Carry out one decision and commit; ValueError when the state is another."""
        del version, key
        self.write(leap, nomination_id=nomination_id, actor_id=actor_id, now=now)
        self._connection.commit()

    def write(self, leap: Leap, *, nomination_id: int, actor_id: int, now: datetime) -> None:
        """Write both, to be committed by whoever asked."""
        moved = self._cursor.execute(
            "UPDATE peer_state SET state = %s WHERE nomination_id = %s AND state = %s",
            (leap.dest, nomination_id, leap.source),
            prepare=True,
        )
        if moved.rowcount != 1:
            raise ValueError("the nomination moved meanwhile")
        self._cursor.execute(
            "INSERT INTO peer_log (nomination_id, actor_id, action, source, dest, at)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            (nomination_id, actor_id, leap.action, leap.source, leap.dest, now),
            prepare=True,
        )


class _Base(DeclarativeBase):
    """The tables of bare forms, apart from the product's."""


class _State(_Base):
    """Where a nomination stands."""

    __tablename__ = "peer_state"

    nomination_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    state: Mapped[str]


class _Entry(_Base):
    """One move that was made."""

    __tablename__ = "peer_log"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    nomination_id: Mapped[int] = mapped_column(BigInteger)
    actor_id: Mapped[int] = mapped_column(BigInteger)
    action: Mapped[str]
    source: Mapped[str]
    dest: Mapped[str]
    at: Mapped[datetime]


class OrmBare:
    """Moves a state with `transitions` and keeps one row of a log, a session each."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def decide(
        self, leap: Leap, *, nomination_id: int, version: int, actor_id: int, key: str, now: datetime
    ) -> None:
        """Carry out one decision and commit."""
        del version, key
        with self._sessions() as session:
            kept = session.get_one(_State, nomination_id, with_for_update=True)
            MACHINE.add_model(kept, initial=kept.state)
            kept.trigger(leap.action)  # type: ignore[attr-defined]  # the machine's own
            MACHINE.remove_model(kept)
            entry = _Entry(
                nomination_id=nomination_id,
                actor_id=actor_id,
                action=leap.action,
                source=leap.source,
                dest=kept.state,
                at=now,
            )
            session.add(entry)
            session.commit()
