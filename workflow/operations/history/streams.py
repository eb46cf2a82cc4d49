"""Events of everything that is not a nomination: rounds, accounts, definitions, the installation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Text, any_, bindparam, column, func, select
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict, Reason
from workflow.domain.history.attested import FACTS
from workflow.domain.history.chain import GENESIS, ChainedEvent
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import Via
from workflow.operations.history.record import Deed, Recorded, append_events, in_whose_place
from workflow.store.attested import KINDS, facts_of, read_facts
from workflow.store.history import Event, stream_version

_BATCH: Final = 1000
_KEY: Final = "pk_event"
_STREAMS: Final = bindparam("streams", type_=ARRAY(Text))
# In one order, so that two who guard the same streams never wait for each other in a circle.
_GUARD_EACH: Final = select(func.pg_advisory_xact_lock(func.hashtextextended(column("name"), 0))).select_from(
    func.unnest(_STREAMS).alias("name")
)
_LAST_OF_EACH: Final = (
    select(Event.stream, Event.seq, Event.hash)
    .ext(distinct_on(Event.stream))
    .where(Event.stream == any_(_STREAMS))
    .order_by(Event.stream, Event.seq.desc())
)


def append_event(
    session: Session,
    stream: str,
    action: str,
    *,
    actor: Actor | None,
    via: Via,
    now: datetime,
    data: Mapping[str, object] | None = None,
    words: str = "",
) -> Recorded:
    """Append one event to a stream such as `round:7`, chained to its last; never commits.

    The event tells the facts of the stream's row as they are now, so call this after they were written
    (`store/attested.py`). A stream is guarded by an advisory lock that ends with the transaction. Raises
    `Conflict` when the stream went on nevertheless, by an event of `append_each`.
    """
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(stream, 0))))
    last = session.execute(
        select(Event.seq, Event.hash).where(Event.stream == stream).order_by(Event.seq.desc()).limit(1)
    ).one_or_none()
    facts, names = facts_of(session, stream)
    told = _Told(actor, via, action, now)
    entry = told.entry(stream, last.seq + 1 if last else 1, data or {}, facts)
    return _append(session, [Deed(entry, last.hash if last else GENESIS, words, names)])[0]


def demand_unchanged(session: Session, stream: str, seen: int | None) -> None:
    """Refuse what was decided on an older state than that of a thing whose row is locked; None asks nothing.

    For things without a version of their own: their last event is one. Raises `Conflict`.
    """
    if seen is not None and seen != session.scalar(select(stream_version(stream))):
        message = "Somebody changed this after you read it. Look at it as it is now, then send yours again."
        raise Conflict(message, reasons=[Reason("changed_meanwhile", message)])


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """An event to append to a stream: what was done, and what it says."""

    stream: str
    action: str
    data: Mapping[str, object]


def append_each(
    session: Session, events: Sequence[StreamEvent], *, actor: Actor | None, via: Via, now: datetime
) -> None:
    """Append an event to each of many streams, one a stream, set-wise; never commits.

    As `append_event`, but for the guard beyond a thousand streams: the database holds only some thousands of
    locks. Then the event's own key stands in: who comes second, this or `append_event`, waits for the other
    and gets the same `Conflict`.
    """
    told: dict[str, _Told] = {each.action: _Told(actor, via, each.action, now) for each in events}
    for batch in (events[first : first + _BATCH] for first in range(0, len(events), _BATCH)):
        names = sorted(each.stream for each in batch)
        if len(events) <= _BATCH:
            session.execute(_GUARD_EACH, {"streams": names})
        last = {row.stream: row for row in session.execute(_LAST_OF_EACH, {"streams": names})}
        facts = _facts_of_each(session, names)
        deeds = []
        for each in batch:
            before = last.get(each.stream)
            stated, words = facts.get(each.stream, ({}, {}))
            entry = told[each.action].entry(each.stream, before.seq + 1 if before else 1, each.data, stated)
            deeds.append(Deed(entry, before.hash if before else GENESIS, names=words))
        _append(session, deeds)


def _append(session: Session, deeds: Sequence[Deed]) -> list[Recorded]:
    try:
        return append_events(session, deeds)
    except IntegrityError as problem:
        if getattr(getattr(problem.orig, "diag", None), "constraint_name", None) != _KEY:
            raise
        message = "Somebody wrote to the same record at this moment; nothing was written. Try again."
        raise Conflict(message, reasons=[Reason("record_went_on", message)]) from problem


def _facts_of_each(
    session: Session, streams: Sequence[str]
) -> dict[str, tuple[Mapping[str, object], Mapping[str, str]]]:
    ids: dict[str, list[int]] = {}
    for stream in streams:
        kind, _, name = stream.partition(":")
        if kind in KINDS and name.isdecimal():
            ids.setdefault(kind, []).append(int(name))
    return {
        f"{kind}:{row.id}": (row.facts, row.names)
        for kind, wanted in ids.items()
        for row in read_facts(session, kind, wanted)
    }


def begin_streams(
    session: Session,
    kind: str,
    rows: Mapping[int, Mapping[str, object]],
    *,
    action: str,
    actor: Actor | None,
    via: Via,
    now: datetime,
) -> list[Recorded]:
    """Append the first event of many rows of one kind, just inserted, set-wise; `rows` is `data` by id.

    Never commits. Nobody else knows these rows yet, so nothing is locked.
    """
    told, recorded, ids = _Told(actor, via, action, now), list[Recorded](), list(rows)
    for batch in (ids[first : first + _BATCH] for first in range(0, len(ids), _BATCH)):
        found = {row.id: row for row in read_facts(session, kind, batch)}
        deeds = [
            Deed(told.entry(f"{kind}:{row.id}", 1, rows[row.id], row.facts), GENESIS, names=row.names)
            for row in (found[row_id] for row_id in batch)
        ]
        recorded += append_events(session, deeds)
    return recorded


@dataclass(frozen=True, slots=True)
class _Told:
    """Who did what, and how and when it reached the record."""

    actor: Actor | None
    via: Via
    action: str
    now: datetime

    def entry(
        self, stream: str, seq: int, data: Mapping[str, object], facts: Mapping[str, object]
    ) -> ChainedEvent:
        entry = ChainedEvent.of(
            stream,
            seq,
            self.action,
            via=self.via,
            at=self.now,
            actor_id=self.actor.account_id if self.actor else None,
            data=dict(data) | ({FACTS: facts} if facts else {}),
        )
        return replace(entry, on_behalf_of=in_whose_place(self.actor))
