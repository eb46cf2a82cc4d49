"""Writing what happened: the guarded update of the nomination and the event that chains to its last.

Every statement takes a sequence: a single decision is a batch of one.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    Text,
    any_,
    case,
    func,
    insert,
    update,
)
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeEngine

from workflow.domain.errors import StaleNomination
from workflow.domain.facts import MoveRequest
from workflow.domain.history.attested import NAMES, canonical, digest_names
from workflow.domain.history.chain import ChainedEvent, digest_text, link
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import FINAL_STAGES, Stage, Via
from workflow.store.base import given, table_of
from workflow.store.history import Event, EventText
from workflow.store.ids import uuid7
from workflow.store.locked import Locked
from workflow.store.nominations import Nomination
from workflow.store.statements import Statement

_SALT_BYTES = 16
_ENTRY_FIELDS = tuple(item.name for item in fields(ChainedEvent))


@dataclass(frozen=True, slots=True)
class Change:
    """What was asked of one nomination, where it stands afterwards, and what history says of it.

    `to` is the step it goes to with that step's stage, None where it stays; `is_held` None leaves a hold be.
    """

    locked: Locked
    request: MoveRequest
    actor: Actor | None
    via: Via
    at: datetime
    to: tuple[str, Stage] | None = None
    is_held: bool | None = None
    seat: str | None = None
    decision_id: int | None = None
    data: Mapping[str, object] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    @property
    def place(self) -> tuple[str, Stage]:
        """Where it stands afterwards: the step and its stage."""
        return self.to or (self.locked.facts.state, self.locked.stage)


@dataclass(frozen=True, slots=True)
class Deed:
    """An event to append: what it says, its stream's last hash, its words, and the names it tells.

    Words and names can be erased later; the chain holds their salted digests.
    """

    entry: ChainedEvent
    last_hash: bytes
    words: str = ""
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recorded:
    """The event that a change became, and the state that it left its stream's row in, where it has one."""

    event_id: UUID
    seq: int
    state: str | None = None


_COLUMNS: Mapping[str, tuple[str, TypeEngine[Any]]] = {
    "ids": ("id", BigInteger()),
    "versions": ("version", BigInteger()),
    "sources": ("source", Text()),
    "states": ("state", Text()),
    "stages": ("stage", Text()),
    "holds": ("is_held", Boolean()),
    "seats": ("seat", Text()),
    "decision_ids": ("decision_id", BigInteger()),
    "closings": ("closed_at", DateTime(timezone=True)),
}
_NOMINATION = table_of(Nomination)
_CHANGED = given("changed", _COLUMNS)
_UPDATE = Statement(
    update(_NOMINATION)
    .where(
        _NOMINATION.c.id == _CHANGED.c.id,
        _NOMINATION.c.version == _CHANGED.c.version,
        _NOMINATION.c.state == _CHANGED.c.source,
    )
    .values(
        state=_CHANGED.c.state,
        stage=_CHANGED.c.stage,
        version=_NOMINATION.c.version + 1,
        is_held=_CHANGED.c.is_held,
        audience=case(
            (_CHANGED.c.seat.is_(None), _NOMINATION.c.audience),
            (_CHANGED.c.seat == any_(_NOMINATION.c.audience), _NOMINATION.c.audience),
            else_=func.array_append(_NOMINATION.c.audience, _CHANGED.c.seat),
        ),
        decision_id=func.coalesce(_CHANGED.c.decision_id, _NOMINATION.c.decision_id),
        # What comes after the end, such as the outcome above, does not end it anew.
        closed_at=case(
            (_CHANGED.c.closed_at.is_(None), None),
            else_=func.coalesce(_NOMINATION.c.closed_at, _CHANGED.c.closed_at),
        ),
    )
)
_INSERT_EVENTS = Statement(insert(table_of(Event)))
_INSERT_TEXTS = Statement(insert(table_of(EventText)))


def write_changes(session: Session, changes: Sequence[Change]) -> list[Recorded]:
    """Update every nomination and append one event each; raises `StaleNomination` as the update does."""
    update_nominations(session, changes)
    return append_changes(session, changes)


def update_nominations(session: Session, changes: Sequence[Change]) -> None:
    """Update every nomination at the version and state its change saw.

    Raises `StaleNomination` when any row moved meanwhile; the caller's transaction then holds nothing.
    """
    updated = _UPDATE.run(session, _arrays(changes))
    if updated != len(changes):
        raise StaleNomination("The nomination changed while this was being written.")


def append_changes(session: Session, changes: Sequence[Change]) -> list[Recorded]:
    """Append the event that each change becomes."""
    return append_events(
        session,
        [
            Deed(_entry(change), change.locked.last_hash, change.request.comment, change.names)
            for change in changes
        ],
    )


def in_whose_place(actor: Actor | None) -> str | None:
    """Return what history says of whom an actor stood in for: the stream of that account."""
    loan = actor and actor.acts_for
    return f"account:{loan.absent.account_id}" if loan else None


def append_events(session: Session, deeds: Sequence[Deed]) -> list[Recorded]:
    """Append events, each chained to its stream's last; its root must be locked."""
    rows: list[dict[str, object]] = []
    texts: list[dict[str, object]] = []
    recorded: list[Recorded] = []
    for deed in deeds:
        event_id, entry = uuid7(deed.entry.recorded_at), deed.entry
        if deed.words or deed.names:
            text, entry = _texts(event_id, deed)
            texts.append(text)
        row: dict[str, object] = {name: getattr(entry, name) for name in _ENTRY_FIELDS}
        rows.append(row | {"id": event_id, "hash": link(deed.last_hash, entry)})
        recorded.append(Recorded(event_id, entry.seq, entry.dest))
    _INSERT_EVENTS.run_each(session, rows)
    if texts:
        _INSERT_TEXTS.run_each(session, texts)
    return recorded


def _texts(event_id: UUID, deed: Deed) -> tuple[dict[str, object], ChainedEvent]:
    """Return the row of what may be erased one day, and the entry with the digests that stay."""
    salt, entry = os.urandom(_SALT_BYTES), deed.entry
    names = canonical(deed.names) if deed.names else None
    if deed.words:
        entry = replace(entry, text_digest=digest_text(salt, deed.words))
    if names is not None:
        entry = replace(entry, data={**entry.data, NAMES: digest_names(salt, names)})
    return {"event_id": event_id, "salt": salt, "text": deed.words, "names": names}, entry


def _entry(change: Change) -> ChainedEvent:
    locked, request = change.locked, change.request
    return ChainedEvent(
        stream=f"nomination:{locked.facts.nomination_id}",
        seq=locked.last_seq + 1,
        actor_id=change.actor.account_id if change.actor else None,
        on_behalf_of=request.on_paper.on_behalf_of if request.on_paper else in_whose_place(change.actor),
        via=change.via,
        action=request.action,
        source=locked.facts.state,
        dest=change.place[0],
        reason_code=request.reason_code,
        occurred_on=request.occurred_on,
        recorded_at=change.at,
        data=dict(change.data),
        text_digest=None,
    )


def _arrays(changes: Sequence[Change]) -> dict[str, list[object]]:
    rows = []
    for change in changes:
        facts, (state, stage) = change.locked.facts, change.place
        is_held = facts.is_held if change.is_held is None else change.is_held
        ended_at = change.at if stage in FINAL_STAGES else None
        seen = (facts.nomination_id, facts.version, facts.state)
        rows.append((*seen, state, str(stage), is_held, change.seat, change.decision_id, ended_at))
    return dict(zip(_COLUMNS, map(list, zip(*rows, strict=True)), strict=True))
