"""Firing rungs: the reminders and escalations that work promised when it opened.

Due rungs are found unlocked, then each root (a nomination, or what a unit owes a round) is locked and asked
again what is due, so every rung fires once whatever the number of sweeps. One root is one transaction. One
sweep at a time takes each kind of root: two would only read the same rows and wait for each other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Text, bindparam, case, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from workflow.clock import Clock, monotonic
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.routing import split_key
from workflow.domain.vocabulary import NoticeKind, Recipient, RungKind
from workflow.operations.deadlines.recipients import resolve_recipients
from workflow.operations.mail.notify import write_notices
from workflow.operations.sweep.escalate_returns import fire_return
from workflow.operations.sweep.firing import (
    WAITING,
    Fired,
    Firing,
    Stream,
    due_rungs,
    notices_of,
    plan_firings,
    record_firings,
)
from workflow.store.base import table_of
from workflow.store.database import Sessions, local_day
from workflow.store.locked import Locked, lock_nominations
from workflow.store.nominations import Nomination, Rung
from workflow.store.turns import own_turn

MAX_ATTEMPTS: Final = 5
_BATCH: Final = 500
_ERROR_LENGTH: Final = 300
# The sweep is nobody: it has no account, no keys, and nothing that it could be the subject of.
_NOBODY: Final = Actor(account_id=0, name="")
_NOTICES: Final = {RungKind.REMIND: NoticeKind.REMINDER, RungKind.ESCALATE: NoticeKind.ESCALATION}
_RUNG, _NOMINATION = table_of(Rung), table_of(Nomination)


@dataclass(frozen=True, slots=True)
class _Kind:
    """What rungs may hang on: the column that names it, and the number of the lock of whoever sweeps it."""

    root: ColumnElement[int | None]
    lock: int


_KINDS: Final = (_Kind(_RUNG.c.nomination_id, 7263_1103), _Kind(_RUNG.c.expected_return_id, 7263_1104))


@dataclass(frozen=True, slots=True)
class RungRoot:
    """What rungs hang on: a nomination or an expected return, whichever is not None."""

    nomination_id: int | None = None
    expected_return_id: int | None = None

    @property
    def rungs(self) -> ColumnElement[bool]:
        """The condition of the rungs that hang on it."""
        if self.nomination_id is not None:
            return _RUNG.c.nomination_id == self.nomination_id
        return _RUNG.c.expected_return_id == self.expected_return_id


def fire_due(sessions: Sessions, *, clock: Clock, seconds: float | None = None) -> Fired:
    """Fire every rung that is due, one root a transaction, and count what happened.

    A root somebody else has in hand is left for the next pass, and so is, with `seconds`, what time does not
    suffice for: each kind of root has its half of them. A failure raises the attempts of its rungs; after
    five they are dead, with the reason. Raises OperationalError when the database is gone.
    """
    share = None if seconds is None else seconds / len(_KINDS)
    return sum((_fire_kind(sessions, kind, clock, share) for kind in _KINDS), Fired())


def _fire_kind(sessions: Sessions, kind: _Kind, clock: Clock, seconds: float | None) -> Fired:
    started, total = monotonic(), Fired()
    with own_turn(sessions, kind.lock) as is_ours:
        if not is_ours:
            return Fired(elsewhere=1)
        for root in _due_roots(sessions, kind, clock):
            if seconds is not None and monotonic() - started >= seconds:
                return total + Fired(cut=1)
            total += _fire_or_note(sessions, root, clock)
    return total


def fire_nomination(session: Session, nomination_id: int, *, now: datetime) -> Fired:
    """Fire what is due of one nomination and commit; work that is done or on hold fires nothing."""
    locked = lock_nominations(session, [nomination_id], actor=_NOBODY, now=now, skip_locked=True).get(
        nomination_id
    )
    if locked is None:
        return Fired(left=1)
    is_waiting = not (locked.facts.is_closed or locked.facts.is_held)
    work_item_id = locked.work_item_id if is_waiting else None
    due = due_rungs(session, RungRoot(nomination_id).rungs, work_item_id=work_item_id, now=now)
    fired = _write(session, locked, due, now) if due else Fired()
    session.commit()
    return fired


def _due_roots(sessions: Sessions, kind: _Kind, clock: Clock) -> Iterator[RungRoot]:
    """Yield each root of a kind with a due rung once, the longest waiting first."""
    with sessions() as session:
        now = clock.now(session)
    query = (
        select(_RUNG.c.fire_at, _RUNG.c.id, _RUNG.c.nomination_id, _RUNG.c.expected_return_id)
        .where(_RUNG.c.fire_at <= now, kind.root.is_not(None), WAITING)
        .order_by(_RUNG.c.fire_at, _RUNG.c.id)
        .limit(_BATCH)
    )
    page, seen = query, set[RungRoot]()
    while True:
        with sessions() as session:
            rows = session.execute(page).all()
        for row in rows:
            root = RungRoot(row.nomination_id, row.expected_return_id)
            if root not in seen:
                seen.add(root)
                yield root
        if len(rows) < _BATCH:
            return
        page = query.where(tuple_(_RUNG.c.fire_at, _RUNG.c.id) > (rows[-1].fire_at, rows[-1].id))


def _write(session: Session, locked: Locked, due: Sequence[Rung], now: datetime) -> Fired:
    wanted = {Recipient(rung.recipient) for rung in due}
    people = resolve_recipients(session, locked.facts, wanted, today=local_day(session, now))
    firings = plan_firings(due, people)
    name, state = f"nomination:{locked.facts.nomination_id}", locked.facts.state
    recorded = record_firings(session, Stream(name, locked.last_seq, locked.last_hash, state), firings, now)
    _show_to(session, locked, firings)
    mails = write_notices(
        session,
        [
            notice
            for firing, event in zip(firings, recorded, strict=True)
            for notice in notices_of(session, firing, event, _NOTICES, now)
        ],
    )
    return Fired(rungs=len(firings), mails=mails)


def _show_to(session: Session, locked: Locked, firings: Sequence[Firing]) -> None:
    """Let the seats that an escalation reaches see the file: a mail tells nobody what they may not open.

    A supervisor's seat too: of what has not left its unit they know how much there is, and not whose it is.
    """
    keys = {
        firing.recipients.key
        for firing in firings
        if firing.rung.kind == RungKind.ESCALATE and firing.account_ids and firing.recipients.key
    }
    seats = {split_key(key)[1] for key in keys}
    if new := sorted(seats - locked.facts.audience):
        session.execute(
            update(_NOMINATION)
            .where(_NOMINATION.c.id == locked.facts.nomination_id)
            .values(audience=func.array_cat(_NOMINATION.c.audience, bindparam("seats", type_=ARRAY(Text)))),
            {"seats": new},
        )


def _fire_or_note(sessions: Sessions, root: RungRoot, clock: Clock) -> Fired:
    try:
        with sessions() as session:
            now = clock.now(session)
            if root.expected_return_id is not None:
                return fire_return(session, root.expected_return_id, now=now)
            return fire_nomination(session, root.nomination_id or 0, now=now)
    except OperationalError as error:
        if error.connection_invalidated:
            raise
        # A lock or a statement took too long, or two waited for each other: the rows stay due.
        return Fired(left=1)
    except Exception as error:  # noqa: BLE001 - one broken root must not silence all the others
        return _note_failure(sessions, root, clock, _reason(error))


def _note_failure(sessions: Sessions, root: RungRoot, clock: Clock, reason: str) -> Fired:
    with sessions() as session:
        now = clock.now(session)
        attempts = session.scalars(
            update(_RUNG)
            .where(root.rungs, _RUNG.c.fire_at <= now, WAITING)
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
