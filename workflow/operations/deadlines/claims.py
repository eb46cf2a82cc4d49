"""Work that somebody holds who could not take it any more goes back to its group, whose people are told.

A claim rests on a seat. When that ends (a grant revoked or run out, an account disabled, another head of
a unit or cluster), and when somebody did nothing with what they took through the day to which they keep it,
the rules stop counting the claim at once (`store.locked`); here the row follows.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Final

from sqlalchemy import ColumnElement, and_, exists, func, select, true, union, update
from sqlalchemy.orm import Session

from workflow.clock import Clock, monotonic
from workflow.domain.facts import MoveRequest
from workflow.domain.history.chain import return_stream
from workflow.domain.moves.built_ins import LAPSED
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.routing import set_aside_of
from workflow.domain.vocabulary import BuiltIn, NoticeKind, Via
from workflow.operations.history.record import Change, Recorded, write_changes
from workflow.operations.history.streams import append_event
from workflow.operations.mail.notify import PromisedMail, write_notices
from workflow.store.access import Account, Grant
from workflow.store.conditions import is_active, is_in_force, is_open
from workflow.store.database import Sessions, local_day
from workflow.store.locked import Locked, lock_nominations
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.people import load_holders
from workflow.store.submissions import ExpectedReturn

_NOBODY: Final = Actor(account_id=0, name="")
_BATCH: Final = 200


def release_claims_of(
    session: Session, account_id: int, *, actor: Actor | None, via: Via, now: datetime
) -> int:
    """Give back what an account took and could not take today; return how many. Never commits.

    For whoever ended one of its grants or disabled it, after doing so, in the same transaction. Of more than
    a batch the rows follow with the next sweeps: for the rules the rest is in nobody's hands from now on.
    """
    mine = (WorkItem.assignee_id == account_id, *OPEN_WORK)
    # In the order of their index: by another the planner may walk all work there ever was for the first few.
    taken = select(WorkItem.nomination_id).where(*mine).order_by(WorkItem.due_at, WorkItem.id)
    found = session.scalars(taken.limit(_BATCH)).all()
    released = len(_release(session, found, actor=actor, via=via, now=now))
    theirs = WorkItem.assignee_id == account_id
    released += _release_owed(session, theirs, actor=actor, via=via, now=now)
    if len(found) < _BATCH:
        return released
    rest = select(func.count()).select_from(WorkItem).where(*mine, rests_on_nothing(local_day(session, now)))
    return released + session.scalars(rest).one()


def release_ended_claims(sessions: Sessions, *, clock: Clock, seconds: float | None = None) -> int:
    """Give back what rests on ended grants or was kept long enough, a batch a transaction; return how many.

    For at most about `seconds`; what is left then is found by the next sweep.
    """
    total, after, until = 0, 0, None if seconds is None else monotonic() + seconds
    while True:
        with sessions() as session:
            now = clock.now(session)
            found = ended_claims(session, local_day(session, now), after=after, limit=_BATCH)
            total += len(_release(session, found, actor=None, via=Via.TIMER, now=now, skip_locked=True))
            total += _release_owed(session, true(), actor=None, via=Via.TIMER, now=now, skip_locked=True)
            session.commit()
        if len(found) < _BATCH or (until is not None and monotonic() > until):
            return total
        after = found[-1]


def ended_claims(session: Session, today: date, *, after: int, limit: int) -> Sequence[int]:
    """Return the nominations behind one whose open work its holder may not hold on a day, by number."""
    ended = (
        select(WorkItem.nomination_id).where(rests_on_nothing(today), *OPEN_WORK),
        select(WorkItem.nomination_id).where(lapsed(today), *OPEN_WORK),
    )
    # Found first and put in order then: by the index of nominations all work there ever was is read.
    row = union(*ended).cte("ended").prefix_with("MATERIALIZED").c.nomination_id
    found = session.scalars(select(row).where(row > after).order_by(row).limit(limit)).all()
    return [number for number in found if number is not None]


def rests_on_nothing(today: date) -> ColumnElement[bool]:
    """Return the condition of work whose holder lost something and does not hold its seat on the day.

    Looked up from the accounts that ever lost a grant: they are few, and open work is much.
    """
    ended = select(Grant.account_id).where(Grant.valid_to <= today)
    disabled = select(Account.id).where(Account.disabled_at.is_not(None))
    holds = (
        exists()
        .where(Grant.account_id == WorkItem.assignee_id, Grant.key == WorkItem.owner_key)
        .where(is_in_force(Grant, today), Grant.account_id == Account.id, is_active(Account))
    )
    # One plain IN, for which the planner goes to the index of what each has in hand.
    return and_(WorkItem.assignee_id.in_(union(ended, disabled)), ~holds)


def lapsed(today: date) -> ColumnElement[bool]:
    """Return the condition of open work whose taker kept it through a day that is over; on hold none is."""
    # Asked of its own nomination, also by who reads that beside the work (`untold_work`).
    held = exists().where(Nomination.id == WorkItem.nomination_id, Nomination.is_held)
    is_held = held.correlate(WorkItem)
    return and_(is_open(WorkItem), WorkItem.claimed_until < today, ~is_held)


def _release_owed(
    session: Session,
    which: ColumnElement[bool],
    *,
    actor: Actor | None,
    via: Via,
    now: datetime,
    skip_locked: bool = False,
) -> int:
    """Give back what units owe and was handed to somebody who writes for them no more; return how much.

    Whom its reminders mean is asked of their day, and nobody is written to: it is in everybody's list again.
    """
    lost = rests_on_nothing(local_day(session, now))
    owed = (is_open(WorkItem), WorkItem.expected_return_id.is_not(None), lost, which)
    ids = session.scalars(select(WorkItem.expected_return_id).where(*owed).limit(_BATCH)).all()
    if not ids:
        return 0
    lock = select(ExpectedReturn.id).where(ExpectedReturn.id.in_(ids)).order_by(ExpectedReturn.id)
    locked = session.scalars(lock.with_for_update(key_share=True, skip_locked=skip_locked)).all()
    rows = session.execute(
        select(WorkItem.id, WorkItem.expected_return_id, WorkItem.assignee_id)
        .where(*owed, WorkItem.expected_return_id.in_(locked))
        .order_by(WorkItem.expected_return_id)
    ).all()
    work = [row.id for row in rows]
    session.execute(update(WorkItem).where(WorkItem.id.in_(work)).values(assignee_id=None, taken_at=None))
    for row in rows:
        data = {"work_item": str(row.id), "assignee": None, "was": row.assignee_id}
        stream = return_stream(row.expected_return_id)
        append_event(session, stream, BuiltIn.RELEASE, actor=actor, via=via, now=now, data=data)
    return len(rows)


def _release(
    session: Session,
    nomination_ids: Iterable[int | None],
    *,
    actor: Actor | None,
    via: Via,
    now: datetime,
    skip_locked: bool = False,
) -> Sequence[Locked]:
    """Lock them and give back those whose holder is none any more; the others stay as they are."""
    ids = [one for one in nomination_ids if one is not None]
    if not ids:
        return ()
    locked = lock_nominations(session, ids, actor=_NOBODY, now=now, skip_locked=skip_locked)
    ended = [one for one in locked.values() if rests_on_nothing_now(one)]
    if not ended:
        return ()
    work = [one.work_item_id for one in ended]
    over = set(
        session.scalars(select(WorkItem.id).where(WorkItem.id.in_(work), lapsed(local_day(session, now))))
    )
    recorded = write_changes(
        session, [_given_back(one, actor, via, now, is_over=one.work_item_id in over) for one in ended]
    )
    session.execute(
        update(WorkItem)
        .where(WorkItem.id.in_(work))
        .values(assignee_id=None, taken_at=None, claimed_until=None)
    )
    _tell(session, ended, recorded, now)
    return ended


def rests_on_nothing_now(locked: Locked) -> bool:
    """Return whether who took it could not any more; who is only away has it in hand when they are back."""
    return locked.taken_by is not None and locked.facts.assignee_id is None and not locked.is_left


def _given_back(locked: Locked, actor: Actor | None, via: Via, now: datetime, *, is_over: bool) -> Change:
    data: dict[str, object] = {"assignee": None, "was": locked.taken_by}
    if is_over:
        data[LAPSED] = True
    return Change(locked, MoveRequest(BuiltIn.RELEASE), actor, via, now, data=data)


def readers_of_given_back(
    session: Session, ended: Collection[Locked], *, today: date
) -> Iterator[tuple[Locked, int]]:
    """Yield everybody whom work that was given back waits for on a day, as when it opened."""
    keys = {one.facts.owner_key for one in ended if one.facts.owner_key is not None}
    holders = load_holders(session, keys, today=today)
    for one in ended:
        for holder in holders.get(one.facts.owner_key or "", ()):
            if not set_aside_of(one.facts).takes_in(holder):
                yield one, holder.account_id


def _tell(session: Session, ended: Collection[Locked], recorded: Sequence[Recorded], now: datetime) -> None:
    """Promise a mail to everybody whom the work waits for now, as when it opened."""
    told = dict[int, list[int]]()
    for one, account_id in readers_of_given_back(session, ended, today=local_day(session, now)):
        told.setdefault(one.facts.nomination_id, []).append(account_id)
    write_notices(
        session,
        [
            PromisedMail(
                kind=NoticeKind.WORK_OPENED,
                account_id=account_id,
                cause=event.event_id,
                nomination_id=one.facts.nomination_id,
                at=now,
                work_item_id=one.work_item_id,
                event_id=event.event_id,
            )
            for one, event in zip(ended, recorded, strict=True)
            for account_id in told.get(one.facts.nomination_id, ())
        ],
    )


OPEN_WORK: Final = (is_open(WorkItem), WorkItem.nomination_id.is_not(None))
"""The conditions of open work on nominations."""
