"""Open nominations that go over to another version of their route, in short transactions.

Those that did are pinned to the other version, so the next run goes on with one that was cut off, and what is
done is not done twice. What was decided stays: the same stay goes on, under what its step is called there.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import case, or_, select, update
from sqlalchemy.orm import Session

from workflow.clock import Clock
from workflow.domain.facts import MoveRequest
from workflow.domain.history.attested import FACTS
from workflow.domain.rights.policy import Actor
from workflow.domain.route.counterparts import MIGRATE
from workflow.domain.text import normalise
from workflow.domain.vocabulary import Via
from workflow.operations.calendars.anew import CountedAnew
from workflow.operations.deadlines.moved import moved_notices, write_clocks
from workflow.operations.deadlines.replan import silence_reminders, waiting_reminders, write_moves
from workflow.operations.foresight.impact import open_on
from workflow.operations.history.record import Change, Recorded, write_changes
from workflow.operations.history.streams import append_event
from workflow.operations.mail.notify import write_notices
from workflow.operations.routes.asked import Going, GoingAsked, demand_counterparts, read_going
from workflow.operations.routes.plan import NOBODY, GoingDesk, GoneOver, plan_going, sent_from_there
from workflow.store.base import among
from workflow.store.database import Sessions
from workflow.store.locked import Locked, lock_nominations, read_nominations
from workflow.store.nominations import Nomination, Visit
from workflow.store.reads import reading

_AT_ONCE: Final = 200
_TRIES: Final = 3


def preview_going(
    sessions: Sessions,
    asked: GoingAsked,
    *,
    actor: Actor | None,
    clock: Clock,
    on_step: Callable[[int], None] = lambda _done: None,
) -> tuple[Going, GoneOver]:
    """Return what `go_over` would do now, step by step and in numbers; nothing is locked or written."""
    with reading(sessions) as session:
        going = read_going(session, asked)
    found, desk = GoneOver(), GoingDesk(going, actor, "", Via.WEB)
    for ids in _batches(sessions, going.before_id):
        with reading(sessions) as session:
            now = clock.now(session)
            there = read_nominations(session, ids, actor=actor or NOBODY, now=now)
            ready, counted = plan_going(session, desk, there, found, now=now)
            found.moved += len(ready)
            later = [one.locked.work_item_id for one in counted.values() if one.is_later]
            found.dates.letters_cancelled += waiting_reminders(session, later)
        on_step(len(ids))
    return going, found


def go_over(
    sessions: Sessions,
    asked: GoingAsked,
    *,
    actor: Actor | None,
    reason: str,
    via: Via,
    clock: Clock,
    on_step: Callable[[int], None] = lambda _done: None,
) -> GoneOver:
    """Have all open nominations of one version go over to another, and record it as one deed.

    Raises what `read_going` and `demand_counterparts` raise; then nothing was written. What somebody has in
    hand is tried again, and counted as `left` at last. Who asks leaves their own nomination to somebody else.
    """
    said = normalise(reason, field="reason")
    with reading(sessions) as session:
        going = read_going(session, asked)
    demand_counterparts(going)
    with sessions() as session:
        slot = begin_going(session, going, actor=actor, reason=said, via=via, now=clock.now(session))
    desk, done = GoingDesk(going, actor, said, via, slot), GoneOver()
    for _ in range(_TRIES):
        done.own = done.left = done.dates.kept = 0
        for ids in _batches(sessions, going.before_id):
            with sessions() as session:
                take_over_batch(session, desk, ids, done, now=clock.now(session))
            on_step(len(ids))
        if not done.left:
            break
    with sessions() as session:
        end_going(session, going, done, actor=actor, via=via, now=clock.now(session))
    return done


def begin_going(
    session: Session, going: Going, *, actor: Actor | None, reason: str, via: Via, now: datetime
) -> str:
    """Record that nominations go over and why, and commit; return what the letters share."""
    data, stream = going.asked.args(), f"definition:{going.asked.key}"
    begun = append_event(session, stream, MIGRATE, actor=actor, via=via, now=now, data=data, words=reason)
    session.commit()
    return str(begun.event_id)


def end_going(
    session: Session, going: Going, done: GoneOver, *, actor: Actor | None, via: Via, now: datetime
) -> None:
    """Record what a run came to, and commit."""
    stream = f"definition:{going.asked.key}"
    append_event(session, stream, "migrated", actor=actor, via=via, now=now, data=done.counts())
    session.commit()


def take_over_batch(
    session: Session, desk: GoingDesk, ids: Sequence[int], done: GoneOver, *, now: datetime
) -> None:
    """Have some nominations go over, add what came of it, and commit."""
    locked = lock_nominations(session, ids, actor=desk.actor or NOBODY, now=now, skip_locked=True)
    done.left += len(ids) - len(locked)
    ready, counted = plan_going(session, desk, locked, done, now=now)
    if ready:
        _write(session, desk, ready, counted, done, now=now)
    done.moved += len(ready)
    session.commit()


def _write(
    session: Session,
    desk: GoingDesk,
    ready: Sequence[Locked],
    counted: Mapping[int, CountedAnew],
    done: GoneOver,
    *,
    now: datetime,
) -> None:
    going = desk.going
    recorded = write_changes(session, [_change(desk, one, counted, now) for one in ready])
    events = dict(zip([one.facts.nomination_id for one in ready], recorded, strict=True))
    session.execute(
        update(Nomination).where(among(Nomination.id, events)).values(definition_id=going.after_id)
    )
    _write_names(session, going, ready)
    _write_dates(session, desk, list(counted.values()), events, done, now=now)


def _write_names(session: Session, going: Going, ready: Sequence[Locked]) -> None:
    """Call the steps of every stay, past ones too, as the version after does."""
    there = among(Visit.nomination_id, [one.facts.nomination_id for one in ready])
    names = dict(going.asked.renamed)
    if names:
        is_named = or_(among(Visit.step, names), among(Visit.sent_from, names))
        step = case(names, value=Visit.step, else_=Visit.step)
        sent_from = case(names, value=Visit.sent_from, else_=Visit.sent_from)
        session.execute(update(Visit).where(there, is_named).values(step=step, sent_from=sent_from))
    lost = [
        one.visit_id
        for one in ready
        if one.visit_id and one.sent_from and sent_from_there(going, one.sent_from) is None
    ]
    if lost:
        session.execute(update(Visit).where(among(Visit.id, lost)).values(sent_from=None))


def _change(desk: GoingDesk, one: Locked, counted: Mapping[int, CountedAnew], now: datetime) -> Change:
    going, moved = desk.going, counted.get(one.facts.nomination_id)
    name = going.step_of(one.facts.state)
    data: dict[str, object] = {
        FACTS: {"definition": going.after_id},
        "was_version": going.before.version,
        "version": going.after.version,
    }
    if moved is not None and moved.has_moved:
        was, due = (at and at.isoformat() for at in (moved.was_at, moved.due_at))
        data |= {"was": was, "due": due, "calendar": moved.version, "was_calendar": moved.was_version}
    return Change(
        locked=one,
        request=MoveRequest(action=MIGRATE, comment=desk.reason),
        actor=desk.actor,
        via=desk.via,
        at=now,
        to=(name, going.after.stage_of(name)),
        data=data,
    )


def _write_dates(
    session: Session,
    desk: GoingDesk,
    counted: Sequence[CountedAnew],
    events: Mapping[int, Recorded],
    done: GoneOver,
    *,
    now: datetime,
) -> None:
    if not counted:
        return
    write_clocks(session, counted)
    write_moves(session, (move for one in counted for move in one.rungs))
    done.dates.letters_cancelled += silence_reminders(
        session, [one.locked.work_item_id for one in counted if one.is_later]
    )
    moved = [one for one in counted if one.has_moved]
    write_notices(
        session,
        [mail for one in moved for mail in moved_notices(one, events[one.nomination_id], desk.slot, now)],
    )


def _batches(sessions: Sessions, definition_id: int) -> Iterator[Sequence[int]]:
    """Yield the open nominations of a version, by id."""
    after = 0
    while True:
        with reading(sessions) as session:
            ids = session.scalars(
                select(Nomination.id)
                .where(*open_on(definition_id), Nomination.id > after)
                .order_by(Nomination.id)
                .limit(_AT_ONCE)
            ).all()
        if not ids:
            return
        yield ids
        after = ids[-1]
