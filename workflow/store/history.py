"""The append-only record, the words said on it, and the keys of requests already answered."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    LargeBinary,
    ScalarSelect,
    Text,
    Uuid,
    and_,
    exists,
    func,
    literal_column,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, aliased, mapped_column

from workflow.domain.history.kinds import StreamKind
from workflow.domain.vocabulary import UNDONE, UNVERSIONED, BuiltIn, Via
from workflow.store.base import Base, known, object_in


class Event(Base):
    """One thing that happened to one stream; chained to the stream's previous event by hash.

    A trigger and the rights of the application's role refuse UPDATE, DELETE and TRUNCATE.
    `data` holds ids and codes only: names and words live in `event_text`, so they can be erased.
    """

    __tablename__ = "event"
    __table_args__ = (
        known("via", Via),
        object_in("data"),
        Index("ix_event_recorded_at", "recorded_at"),
        Index("uq_event_id", "id", unique=True),
        # What somebody did, and what is called by one word, in order of time as ids are.
        Index("ix_event_actor_id", "actor_id", "id", postgresql_where="actor_id IS NOT NULL"),
        Index("ix_event_action", "action", "id"),
        # What all rounds went through, or all accounts; nominations are nearly all there is and need none.
        Index(
            "ix_event_elsewhere",
            text("split_part(stream, ':', 1)"),
            "id",
            postgresql_where="split_part(stream, ':', 1) <> 'nomination'",
        ),
        # What somebody decided, in order of time as ids are, among all that they ever did.
        Index(
            "ix_event_moved_by",
            "actor_id",
            "id",
            postgresql_where="actor_id IS NOT NULL AND source <> dest",
        ),
    )

    stream: Mapped[str] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(Uuid)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    on_behalf_of: Mapped[str | None]
    via: Mapped[str]
    action: Mapped[str]
    source: Mapped[str | None]
    dest: Mapped[str | None]
    reason_code: Mapped[str | None]
    occurred_on: Mapped[date | None]
    recorded_at: Mapped[datetime]
    data: Mapped[dict[str, object]]
    text_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


def versioned() -> ColumnElement[bool]:
    """Return the condition of events that moved a version: the twin of `vocabulary.changes_version`."""
    return or_(
        Event.action == BuiltIn.RELEASE, and_(Event.via != Via.TIMER, Event.action.not_in(UNVERSIONED))
    )


def was_undone() -> ColumnElement[bool]:
    """Return the condition of events that a later one of their stream undid."""
    undone = aliased(Event, name="undone")
    return exists().where(
        undone.stream == Event.stream,
        undone.seq > Event.seq,
        undone.action == UNDONE,
        undone.data["undoes"].as_integer() == Event.seq,
    )


def stream_version(stream: str | ColumnElement[str]) -> ScalarSelect[int]:
    """Return the version of what has none of its own: the number of its stream's last event, 0 before one."""
    return select(func.coalesce(func.max(Event.seq), 0)).where(Event.stream == stream).scalar_subquery()


_kind: Final = literal_column("split_part(event.stream, ':', 1)", Text)


def is_of_kind(kind: StreamKind) -> ColumnElement[bool]:
    """Return the condition of events of a kind of stream, in the words of the index that finds the few."""
    if kind is StreamKind.NOMINATION:
        return _kind == str(kind)
    return and_(_kind == str(kind), _kind != literal_column(f"'{StreamKind.NOMINATION}'"))


class EventText(Base):
    """The words of an event and the names it tells, as JSON; the chain covers only their salted digests."""

    __tablename__ = "event_text"

    event_id: Mapped[UUID] = mapped_column(ForeignKey("event.id"), primary_key=True)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    text: Mapped[str]
    names: Mapped[str | None]


class RequestKey(Base):
    """An Idempotency-Key in use: whose, for which request (as a MAC, never the body), answered how."""

    __tablename__ = "request_key"

    actor_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    route: Mapped[str]
    mac: Mapped[bytes] = mapped_column(LargeBinary)
    result: Mapped[dict[str, object] | None]
    created_at: Mapped[datetime]
