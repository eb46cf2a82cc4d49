"""Open work counted anew after a calendar changed: shown first, then done in short transactions.

What was counted by another version than the one in force is found by the version on its stay, which the same
transaction sets. So the next run goes on with one that was cut off, and what is done is not done twice.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any, Final, TypeVar

from sqlalchemy import Row
from sqlalchemy.orm import Session

from workflow.clock import Clock
from workflow.domain.errors import FieldError, InvalidField
from workflow.domain.rights.policy import Actor
from workflow.domain.text import normalise
from workflow.domain.vocabulary import Via
from workflow.operations.calendars.anew import OpenStay, ReturnAnew, count_anew, returns_anew
from workflow.operations.calendars.counts import Replanned
from workflow.operations.calendars.stale import open_returns, owed_of, stale_stays
from workflow.operations.calendars.write import write_counted
from workflow.operations.deadlines.moved import write_dues
from workflow.operations.deadlines.replan import waiting_reminders, write_moves
from workflow.operations.history.streams import append_event
from workflow.operations.rounds.returns import lock_returns, round_calendar
from workflow.store.database import Sessions
from workflow.store.locked import lock_nominations, read_nominations
from workflow.store.reads import reading

_Row = TypeVar("_Row")
STREAM: Final = "calendar:local"
_AT_ONCE: Final = 200
_TRIES: Final = 5
_NOBODY: Final = Actor(account_id=0, name="")


def preview_replan(
    sessions: Sessions, *, clock: Clock, on_step: Callable[[int], None] = lambda _done: None
) -> Replanned:
    """Return what `replan` would do now; nothing is locked or written."""
    found = Replanned()
    for batch in _batched(stale_stays(sessions)):
        with reading(sessions) as session:
            now = clock.now(session)
            locked = read_nominations(session, [one.nomination_id for one in batch], actor=_NOBODY, now=now)
            counted = count_anew(session, batch, locked, now=now)
            found.note(counted)
            later = [one.locked.work_item_id for one in counted if one.is_later]
            found.letters_cancelled += waiting_reminders(session, later)
        on_step(len(batch))
    for rows in _batched(open_returns(sessions)):
        with reading(sessions) as session:
            found.note_returns(returns_anew(session, owed_of(session, rows), now=clock.now(session)))
    return found


def replan(
    sessions: Sessions,
    *,
    actor: Actor | None,
    reason: str,
    via: Via,
    clock: Clock,
    on_step: Callable[[int], None] = lambda _done: None,
) -> Replanned:
    """Count all open work by the calendar in force, in short transactions, and record it as one deed.

    Dates and promises that are the same stay; a promise that was kept is made again only for a date that
    moved away; none is lost. What is in somebody's hands is tried again, and counted as `left` at last.
    Raises `InvalidField` without a reason.
    """
    said = normalise(reason, field="reason")
    if not said:
        message = "say why the dates move"
        raise InvalidField(f"reason: {message}.", errors=[FieldError("reason", message)])
    done = Replanned()
    with sessions() as session:
        slot = begin_replan(session, actor=actor, reason=said, via=via, now=clock.now(session))
    for _ in range(_TRIES):
        done.left = done.kept = 0
        for batch in _batched(stale_stays(sessions)):
            with sessions() as session:
                now = clock.now(session)
                found = replan_batch(session, batch, actor=actor, reason=said, via=via, slot=slot, now=now)
            done.add(found)
            on_step(len(batch))
        if not done.left:
            break
    for rows in _batched(open_returns(sessions)):
        with sessions() as session:
            done.note_returns(replan_returns(session, rows, now=clock.now(session)))
    with sessions() as session:
        end_replan(session, done, actor=actor, via=via, now=clock.now(session))
    return done


def begin_replan(session: Session, *, actor: Actor | None, reason: str, via: Via, now: datetime) -> str:
    """Record that open work is counted anew and why, and commit; return what its letters share."""
    data = {"version": round_calendar(session).version}
    begun = append_event(session, STREAM, "replan", actor=actor, via=via, now=now, data=data, words=reason)
    session.commit()
    return str(begun.event_id)


def end_replan(session: Session, done: Replanned, *, actor: Actor | None, via: Via, now: datetime) -> None:
    """Record what a run came to, and commit."""
    append_event(session, STREAM, "replanned", actor=actor, via=via, now=now, data=done.counts())
    session.commit()


def replan_batch(
    session: Session,
    stays: Sequence[OpenStay],
    *,
    actor: Actor | None,
    reason: str,
    via: Via,
    slot: str,
    now: datetime,
) -> Replanned:
    """Count some stays anew and commit; what somebody else has in hand is left out and counted."""
    ids = [stay.nomination_id for stay in stays]
    locked = lock_nominations(session, ids, actor=_NOBODY, now=now, skip_locked=True)
    counted = count_anew(session, stays, locked, now=now)
    done = Replanned(left=len(ids) - len(locked))
    done.note(counted)
    done.letters_cancelled = write_counted(
        session, counted, actor=actor, via=via, reason=reason, slot=slot, now=now
    )
    session.commit()
    return done


def replan_returns(session: Session, rows: Sequence[Row[Any]], *, now: datetime) -> list[ReturnAnew]:
    """Count what some units owe anew with the promises about it, and commit; their days do not move."""
    lock_returns(session, [row.id for row in rows])
    counted = returns_anew(session, owed_of(session, rows), now=now)
    write_dues(session, [(one.item.work_item_id, one.due_at) for one in counted if one.has_moved])
    write_moves(session, (move for one in counted for move in one.rungs))
    session.commit()
    return counted


def _batched(rows: Iterator[_Row]) -> Iterator[Sequence[_Row]]:
    while batch := list(islice(rows, _AT_ONCE)):
        yield batch
