"""Firing rungs: the reminders and escalations that work promised when it opened.

Due rungs are found unlocked, then their roots (nominations, or what units owe a round) are locked and asked
again what is due, so every rung fires once whatever the number of sweeps. Nominations are locked a batch a
transaction, without those that somebody has in hand: several sweeps share the work and wait for nobody.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final

import structlog
from sqlalchemy import (
    ColumnElement,
    Text,
    bindparam,
    case,
    func,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from workflow.clock import Clock, monotonic
from workflow.domain.rights.policy import Actor
from workflow.operations.mail.notify import write_notices
from workflow.operations.sweep.due import LOOK, PAGE, PAGES, ROOTS, TAKE, instants
from workflow.operations.sweep.escalate_returns import fire_return
from workflow.operations.sweep.firing import (
    WAITING,
    Fired,
    Firing,
    Stream,
    due_rungs,
    falls_due,
    looks_ahead,
    notices_of,
    record_firings,
)
from workflow.operations.sweep.telling import OF_WORK, firings_of_work, waiting_work
from workflow.store.base import table_of
from workflow.store.database import Sessions, local_day
from workflow.store.locked import Locked, lock_nominations
from workflow.store.nominations import Nomination, Rung
from workflow.store.reads import reading
from workflow.store.statements import Statement

MAX_ATTEMPTS: Final = 5
# A decision on one of them waits for this many at the most: some tens of milliseconds.
_AT_ONCE: Final = 50
_ERROR_LENGTH: Final = 300
# The sweep is nobody: it has no account, no keys, and nothing that it could be the subject of.
_NOBODY: Final = Actor(account_id=0, name="")
_RUNG, _NOMINATION = table_of(Rung), table_of(Nomination)
_log = structlog.get_logger("commendo.sweep")


_REACH: Final = Statement(
    update(_NOMINATION)
    .where(_NOMINATION.c.id == bindparam("number"))
    .values(audience=func.array_cat(_NOMINATION.c.audience, bindparam("seats", type_=ARRAY(Text))))
)


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
    """Fire every rung that is due, a batch of roots a transaction, and count what happened.

    A root somebody else has in hand is left for the next pass, and so is, with `seconds`, what time does not
    suffice for: each kind of root has its half of them. A failure raises the attempts of its rungs; after
    five they are dead, with the reason. Raises OperationalError when the database is gone.
    """
    share = None if seconds is None else seconds / len(ROOTS)
    return sum((_fire_kind(sessions, column, clock, share) for column in ROOTS), Fired())


def _fire_kind(
    sessions: Sessions, column: ColumnElement[int | None], clock: Clock, seconds: float | None
) -> Fired:
    started, total, roots = monotonic(), Fired(), _due_roots(sessions, column, clock)
    size = _AT_ONCE if column is _RUNG.c.nomination_id else 1
    while batch := list(islice(roots, size)):
        if seconds is not None and monotonic() - started >= seconds:
            return total + Fired(cut=1)
        total += _fire_batch(sessions, batch, clock)
    return total


def _fire_batch(sessions: Sessions, roots: Sequence[RungRoot], clock: Clock) -> Fired:
    """Fire a batch in one transaction; where that fails, each by itself, so that one silences no other."""
    ids = [root.nomination_id for root in roots if root.nomination_id is not None]
    if len(ids) > 1:
        try:
            with sessions() as session:
                return fire_nominations(session, ids, now=clock.now(session))
        except OperationalError as error:
            if error.connection_invalidated:
                raise
        except Exception as error:  # noqa: BLE001 - told of below, by whichever of them it is that fails
            _log.info("fired_one_by_one", error=type(error).__name__, nominations=len(ids))
    return sum((_fire_or_note(sessions, root, clock) for root in roots), Fired())


def fire_nominations(session: Session, ids: Sequence[int], *, now: datetime) -> Fired:
    """Fire what is due of nominations and commit; work that is done or on hold fires nothing.

    What somebody has in hand is left.
    """
    ahead = looks_ahead(session, now)
    looks, values = ahead is not None, instants(now, ahead)
    taken = [row.id for row in TAKE[looks].fetch(session, {"ids": list(ids), **values})]
    missing = sorted(set(ids) - set(taken))
    left = len(LOOK[looks].fetch(session, {"ids": missing, **values})) if missing else 0
    fired = _fire_taken(session, taken, now) if taken else Fired()
    # Also where all were taken by others: what ends in a rollback has the driver forget what it prepared, and
    # each statement of the next batch is planned anew.
    session.commit()
    return fired + Fired(left=left)


def _fire_taken(session: Session, taken: Sequence[int], now: datetime) -> Fired:
    locked = lock_nominations(session, taken, actor=_NOBODY, now=now)
    work = waiting_work(locked.values())
    due: dict[int, list[Rung]] = {}
    for rung in due_rungs(session, _RUNG.c.nomination_id.in_(taken), work=work, now=now):
        due.setdefault(rung.nomination_id or 0, []).append(rung)
    return _write(session, locked, due, now) if due else Fired()


def _due_roots(sessions: Sessions, column: ColumnElement[int | None], clock: Clock) -> Iterator[RungRoot]:
    """Yield each root of a kind with a due rung once, the longest waiting first."""
    with reading(sessions) as session:
        now = clock.now(session)
        ahead = looks_ahead(session, now)
    seen, rows, values = set[RungRoot](), list[Any](), instants(now, ahead)
    while True:
        with reading(sessions) as session:
            rows = PAGES[column.key, bool(rows), ahead is not None].fetch(session, values)
        for row in rows:
            root = RungRoot(row.nomination_id, row.expected_return_id)
            if root not in seen:
                seen.add(root)
                yield root
        if len(rows) < PAGE:
            return
        values |= {"after": rows[-1].fire_at, "after_id": rows[-1].id}


def _write(
    session: Session, locked: Mapping[int, Locked], due: Mapping[int, Sequence[Rung]], now: datetime
) -> Fired:
    firings = firings_of_work(session, locked, due, today=local_day(session, now))
    planned = [(_stream(locked[number]), each) for number, each in firings.items()]
    recorded = record_firings(session, planned, now)
    _show(session, locked, [firing for firing, _ in recorded])
    mails = write_notices(
        session,
        [
            notice
            for firing, event in recorded
            for notice in notices_of(session, firing, event.event_id, OF_WORK, now)
        ],
    )
    return Fired(rungs=len(recorded), mails=mails)


def _stream(locked: Locked) -> Stream:
    name = f"nomination:{locked.facts.nomination_id}"
    return Stream(name, locked.last_seq, locked.last_hash, locked.facts.state)


def _show(session: Session, locked: Mapping[int, Locked], firings: Iterable[Firing]) -> None:
    """Let the seats that an escalation reaches see the file: a mail tells nobody what they may not open.

    A supervisor's seat too: of what has not left its unit they know how much there is, and not whose it is.
    """
    seats: dict[int, set[str]] = {}
    for firing in firings:
        if firing.shown_seat:
            seats.setdefault(firing.rung.nomination_id or 0, set()).add(firing.shown_seat)
    reached = [
        {"number": number, "seats": sorted(new)}
        for number, each in seats.items()
        if (new := each - locked[number].facts.audience)
    ]
    if reached:
        _REACH.run_each(session, reached)


def _fire_or_note(sessions: Sessions, root: RungRoot, clock: Clock) -> Fired:
    try:
        with sessions() as session:
            now = clock.now(session)
            if root.expected_return_id is not None:
                return fire_return(session, root.expected_return_id, now=now)
            return fire_nominations(session, [root.nomination_id or 0], now=now)
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
            .where(root.rungs, falls_due(now, looks_ahead(session, now)), WAITING)
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
