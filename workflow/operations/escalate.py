"""Firing rungs: the reminders and escalations that work promised when it opened.

Due rungs are found unlocked, then each nomination is locked and asked again what is due, so every rung fires
once whatever the number of sweeps at work. One nomination is one transaction.
"""

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, field
from datetime import datetime
from typing import Final, Self
from uuid import UUID

from sqlalchemy import Text, bindparam, case, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from workflow.clock import Clock
from workflow.domain.chain import Entry, link
from workflow.domain.policy import SUBTREE_ROLES, Actor
from workflow.domain.routing import split_key
from workflow.domain.vocabulary import NoticeKind, Recipient, RungKind, Via
from workflow.operations.notify import Notice, write_notices
from workflow.operations.recipients import Told, resolve_recipients
from workflow.operations.record import Recorded, append_events
from workflow.store.base import table_of
from workflow.store.database import Sessions, local_day
from workflow.store.locked import Locked, lock_nominations
from workflow.store.nominations import Nomination, Rung

MAX_ATTEMPTS: Final = 5
_BATCH: Final = 500
_ERROR_LENGTH: Final = 300
# The sweep is nobody: it has no account, no keys, and nothing that it could be the subject of.
_NOBODY: Final = Actor(account_id=0, name="")
_NOTICES: Final = {RungKind.REMIND: NoticeKind.REMINDER, RungKind.ESCALATE: NoticeKind.ESCALATION}
_RUNG, _NOMINATION = table_of(Rung), table_of(Nomination)
_WAITING: Final = (_RUNG.c.fired_at.is_(None), _RUNG.c.dead_at.is_(None))


@dataclass(frozen=True, slots=True)
class Fired:
    """What a pass did: rungs fired, mails promised; nominations left because somebody had them in hand.

    `failed` counts nominations whose rungs could not fire now, `dead` those that have failed for good.
    """

    rungs: int = 0
    mails: int = 0
    left: int = 0
    failed: int = 0
    dead: int = 0

    def __add__(self, other: Self) -> "Fired":
        """Return both counts together."""
        return Fired(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True, slots=True)
class _Firing:
    """One rung with those it still has to tell, or with the reason why it tells nobody."""

    rung: Rung
    told: Told
    account_ids: tuple[int, ...]
    skipped: str | None = field(default=None)


def fire_due(sessions: Sessions, *, clock: Clock) -> Fired:
    """Fire every rung that is due, one nomination a transaction, and count what happened.

    A nomination somebody else has in hand is left for the next pass. A failure raises the attempts of its
    rungs; after five they are dead, with the reason. Raises OperationalError when the database is gone.
    """
    total = Fired()
    for nomination_id in _due_nominations(sessions, clock):
        total += _fire_or_note(sessions, nomination_id, clock)
    return total


def fire_nomination(session: Session, nomination_id: int, *, now: datetime) -> Fired:
    """Fire what is due of one nomination and commit; work that is done or on hold fires nothing."""
    locked = lock_nominations(session, [nomination_id], actor=_NOBODY, now=now, skip_locked=True).get(
        nomination_id
    )
    if locked is None:
        return Fired(left=1)
    due = _due_rungs(session, locked, now)
    firings = _plan(session, locked, due, now)
    fired = _write(session, locked, firings, now) if firings else Fired()
    session.commit()
    return fired


def _due_nominations(sessions: Sessions, clock: Clock) -> Iterator[int]:
    """Yield each nomination with a due rung once, the longest waiting first."""
    with sessions() as session:
        now = clock.now(session)
    query = (
        select(_RUNG.c.fire_at, _RUNG.c.id, _RUNG.c.nomination_id)
        .where(_RUNG.c.fire_at <= now, *_WAITING)
        .order_by(_RUNG.c.fire_at, _RUNG.c.id)
        .limit(_BATCH)
    )
    page, seen = query, set[int]()
    while True:
        with sessions() as session:
            rows = session.execute(page).all()
        for row in rows:
            if row.nomination_id not in seen:
                seen.add(row.nomination_id)
                yield row.nomination_id
        if len(rows) < _BATCH:
            return
        page = query.where(tuple_(_RUNG.c.fire_at, _RUNG.c.id) > (rows[-1].fire_at, rows[-1].id))


def _due_rungs(session: Session, locked: Locked, now: datetime) -> list[Rung]:
    """Return the due rungs of the open work, oldest first; those of other work are silenced for good."""
    found = session.scalars(
        select(Rung)
        .where(_RUNG.c.nomination_id == locked.facts.nomination_id, _RUNG.c.fire_at <= now, *_WAITING)
        .order_by(_RUNG.c.fire_at, _RUNG.c.ordinal)
    ).all()
    is_waiting = not (locked.facts.is_closed or locked.facts.is_held)
    due = [rung for rung in found if is_waiting and rung.work_item_id == locked.work_item_id]
    if stale := [rung.id for rung in found if rung not in due]:
        session.execute(update(_RUNG).where(_RUNG.c.id.in_(stale)).values(fire_at=None))
    return due


def _plan(session: Session, locked: Locked, due: Sequence[Rung], now: datetime) -> list[_Firing]:
    """Decide whom each rung tells.

    After a standstill several rungs of one work item are due at once: each person gets the newest of a kind,
    and the earlier ones are recorded as superseded.
    """
    wanted = {Recipient(rung.recipient) for rung in due}
    people = resolve_recipients(session, locked.facts, wanted, today=local_day(session, now)) if due else {}
    reached: set[tuple[str, int]] = set()
    firings: list[_Firing] = []
    for rung in reversed(due):
        told = people[Recipient(rung.recipient)]
        fresh = tuple(account for account in told.account_ids if (rung.kind, account) not in reached)
        reached.update((rung.kind, account) for account in fresh)
        skipped = None if fresh else "superseded" if told.account_ids else "no_recipient"
        firings.append(_Firing(rung, told, fresh, skipped))
    return firings[::-1]


def _write(session: Session, locked: Locked, firings: Sequence[_Firing], now: datetime) -> Fired:
    recorded = _record(session, locked, firings, now)
    ids = [firing.rung.id for firing in firings]
    session.execute(update(_RUNG).where(_RUNG.c.id.in_(ids)).values(fired_at=now))
    _show_to(session, locked, firings)
    mails = write_notices(
        session,
        [
            notice
            for firing, event in zip(firings, recorded, strict=True)
            for notice in _notices(session, locked, firing, event.event_id, now)
        ],
    )
    return Fired(rungs=len(firings), mails=mails)


def _record(session: Session, locked: Locked, firings: Sequence[_Firing], now: datetime) -> list[Recorded]:
    """Append one event per rung; the version stays, because nothing a decision rests on has changed."""
    entries: list[tuple[Entry, bytes, str]] = []
    previous = locked.last_hash
    for seq, firing in enumerate(firings, start=locked.last_seq + 1):
        entry = Entry(
            stream=f"nomination:{locked.facts.nomination_id}",
            seq=seq,
            actor_id=None,
            on_behalf_of=None,
            via=Via.TIMER,
            action=firing.rung.kind,
            source=locked.facts.state,
            dest=locked.facts.state,
            reason_code=None,
            occurred_on=None,
            recorded_at=now,
            data=_data(firing),
            text_digest=None,
        )
        entries.append((entry, previous, ""))
        previous = link(previous, entry)
    return append_events(session, entries)


def _data(firing: _Firing) -> dict[str, object]:
    data: dict[str, object] = {
        "work_item": str(firing.rung.work_item_id),
        "rung": firing.rung.ordinal,
        "to": firing.rung.recipient,
        "accounts": list(firing.account_ids),
    }
    if firing.told.key:
        data["key"] = firing.told.key
    if firing.skipped:
        data["skipped"] = firing.skipped
    return data


def _notices(
    session: Session, locked: Locked, firing: _Firing, event_id: UUID, now: datetime
) -> Iterator[Notice]:
    # The day of firing: what one reader hears of on one morning goes out as one mail.
    slot = local_day(session, now).isoformat()
    for account_id in firing.account_ids:
        yield Notice(
            kind=_NOTICES[RungKind(firing.rung.kind)],
            account_id=account_id,
            cause=firing.rung.id,
            nomination_id=locked.facts.nomination_id,
            at=now,
            work_item_id=firing.rung.work_item_id,
            event_id=event_id,
            slot=slot,
        )


def _show_to(session: Session, locked: Locked, firings: Sequence[_Firing]) -> None:
    """Let the seats that an escalation reaches see the file: a mail tells nobody what they may not open.

    Those who oversee a subtree see it already.
    """
    keys = {
        firing.told.key
        for firing in firings
        if firing.rung.kind == RungKind.ESCALATE and firing.account_ids and firing.told.key
    }
    seats = {seat for role, seat in map(split_key, keys) if role not in SUBTREE_ROLES}
    if new := sorted(seats - locked.facts.audience):
        session.execute(
            update(_NOMINATION)
            .where(_NOMINATION.c.id == locked.facts.nomination_id)
            .values(audience=func.array_cat(_NOMINATION.c.audience, bindparam("seats", type_=ARRAY(Text)))),
            {"seats": new},
        )


def _fire_or_note(sessions: Sessions, nomination_id: int, clock: Clock) -> Fired:
    try:
        with sessions() as session:
            return fire_nomination(session, nomination_id, now=clock.now(session))
    except OperationalError as error:
        if error.connection_invalidated:
            raise
        # A lock or a statement took too long, or two waited for each other: the rows stay due.
        return Fired(left=1)
    except Exception as error:  # noqa: BLE001 - one broken nomination must not silence all the others
        return _note_failure(sessions, nomination_id, clock, _reason(error))


def _note_failure(sessions: Sessions, nomination_id: int, clock: Clock, reason: str) -> Fired:
    with sessions() as session:
        now = clock.now(session)
        attempts = session.scalars(
            update(_RUNG)
            .where(_RUNG.c.nomination_id == nomination_id, _RUNG.c.fire_at <= now, *_WAITING)
            .values(
                attempt=_RUNG.c.attempt + 1,
                last_error=reason,
                dead_at=case((_RUNG.c.attempt + 1 >= MAX_ATTEMPTS, now)),
            )
            .returning(_RUNG.c.attempt)
        ).all()
        session.commit()
    return Fired(failed=1, dead=sum(attempt >= MAX_ATTEMPTS for attempt in attempts))


def _reason(error: Exception) -> str:
    """Say what failed; of a database's error the first line alone, because the rest may hold names."""
    words = str(error.orig).partition("\n")[0] if isinstance(error, DBAPIError) else str(error)
    return f"{type(error).__name__}: {words}"[:_ERROR_LENGTH]
