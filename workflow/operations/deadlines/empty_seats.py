"""Work on a seat that nobody holds: the first seat above that somebody holds hears of it at once.

A ladder would tell the empty seat first, and whoever can help only when the work is late. Nothing here
commits; what is told is written in the transaction that left the seat empty.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, TypeVar
from uuid import UUID

from sqlalchemy import Text, any_, bindparam, func, select, update
from sqlalchemy.orm import Session

from workflow.domain.history.chain import ChainedEvent, return_stream
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.routing import SetAside, keys_above, set_aside_of, split_key, unit_of
from workflow.domain.vocabulary import NoticeKind, Role, RungKind, Via
from workflow.operations.deadlines.recipients import RungRecipients
from workflow.operations.deadlines.untaken import is_idle
from workflow.operations.history.record import Deed, append_events
from workflow.operations.history.streams import append_event
from workflow.operations.mail.notify import PromisedMail, write_notices
from workflow.store.base import table_of
from workflow.store.conditions import is_open
from workflow.store.database import local_day
from workflow.store.ids import uuid7
from workflow.store.locked import Locked, lock_nominations
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.people import load_ancestors, load_holders
from workflow.store.submissions import ExpectedReturn

Root = TypeVar("Root")

_BATCH: Final = 200
_ADMIN: Final = f"{Role.ADMIN}@all"
_NOBODY: Final = Actor(account_id=0, name="")
_NOMINATION, _RETURN, _WORK = table_of(Nomination), table_of(ExpectedReturn), table_of(WorkItem)


@dataclass(frozen=True, slots=True)
class EmptySeat:
    """A key whose holders, if there are any, are set aside for the work that waits there."""

    owner_key: str
    set_aside: SetAside


def staffed_above(
    session: Session, empty: Mapping[Root, EmptySeat], *, today: date
) -> dict[Root, RungRecipients]:
    """Return whom to tell of each empty seat: who sits in the first seat above it that somebody holds.

    Heads up the tree, then supervisors, last the administrators; nobody only where there is none of these.
    """
    if not empty:
        return {}
    homes = {root: unit_of(split_key(seat.owner_key)[1]) for root, seat in empty.items()}
    ancestors = load_ancestors(session, {home for home in homes.values() if home}, today=today)
    chains = {
        root: (*keys_above(seat.owner_key, ancestors.get(homes[root] or "", ())), _ADMIN)
        for root, seat in empty.items()
    }
    holders = load_holders(session, {key for chain in chains.values() for key in chain}, today=today)
    found = {}
    for root, chain in chains.items():
        aside = empty[root].set_aside
        people = (
            (key, tuple(one.account_id for one in holders.get(key, ()) if not aside.takes_in(one)))
            for key in chain
        )
        found[root] = next((RungRecipients(key, ids) for key, ids in people if ids), RungRecipients(None, ()))
    return found


def show_to(session: Session, seats: Mapping[int, str]) -> None:
    """Let the seat that is told of a nomination see it: a mail tells nobody what they may not open."""
    for seat in sorted(set(seats.values())):
        ids = sorted(nomination_id for nomination_id, told in seats.items() if told == seat)
        is_seen = bindparam("seat", type_=Text()) == any_(_NOMINATION.c.audience)
        session.execute(
            update(_NOMINATION)
            .where(_NOMINATION.c.id.in_(ids), ~is_seen)
            .values(audience=func.array_append(_NOMINATION.c.audience, bindparam("seat", type_=Text()))),
            {"seat": seat},
        )


def tell_of_lost_holders(session: Session, keys: Iterable[str], *, now: datetime) -> int:
    """Tell above of the open work at keys that lost a holder and that nobody can take now; return the mails.

    Call it after the grant or account ended, in that transaction. Locks the nominations, then the returns;
    work on hold waits for nobody and is told of when it goes on. Of a seat with more than a batch of work the
    rest is told of by the next sweeps.
    """
    wanted = sorted(set(keys))
    rows = session.execute(
        select(WorkItem.nomination_id, WorkItem.expected_return_id)
        .outerjoin(Nomination, Nomination.id == WorkItem.nomination_id)
        .where(WorkItem.owner_key.in_(wanted), is_idle(local_day(session, now)))
        .order_by(WorkItem.due_at, WorkItem.id)
        .limit(_BATCH)
    ).all()
    return tell_of_empty(
        session,
        [row.nomination_id for row in rows if row.nomination_id],
        [row.expected_return_id for row in rows if row.expected_return_id],
        slot=f"empty:{uuid7(now)}",
        now=now,
    )


def tell_of_empty(
    session: Session, nominations: Sequence[int], returns: Sequence[int], *, slot: str, now: datetime
) -> int:
    """Tell above of those whose open work nobody can take, in that order of locks; return the mails."""
    today = local_day(session, now)
    notices = [*_of_nominations(session, nominations, today, now), *_of_returns(session, returns, today, now)]
    return write_notices(session, [replace(notice, slot=slot) for notice in notices])


def tell_of_unstaffed_returns(session: Session, ids: Collection[int], *, slot: str, now: datetime) -> int:
    """Tell above that nobody can write what units owe; the returns are locked or new. Return the mails."""
    return tell_of_empty(session, (), sorted(set(ids)), slot=slot, now=now) if ids else 0


def _of_nominations(session: Session, ids: Sequence[int], today: date, now: datetime) -> list[PromisedMail]:
    locked = {
        nomination_id: found
        for nomination_id, each in lock_nominations(session, ids, actor=_NOBODY, now=now).items()
        if (found := each.in_front()).facts.owner_key
        and not found.facts.is_held
        and found.facts.assignee_id is None
    }
    holders = load_holders(session, {one.facts.owner_key or "" for one in locked.values()}, today=today)
    empty = {
        nomination_id: EmptySeat(found.facts.owner_key or "", set_aside_of(found.facts))
        for nomination_id, found in locked.items()
    }
    empty = {
        nomination_id: seat
        for nomination_id, seat in empty.items()
        if all(seat.set_aside.takes_in(holder) for holder in holders.get(seat.owner_key, ()))
    }
    told = {root: one for root, one in staffed_above(session, empty, today=today).items() if one.key}
    deeds = [
        Deed(_told_entry(locked[root], empty[root], one, now), locked[root].last_hash)
        for root, one in told.items()
    ]
    show_to(session, {root: split_key(one.key or "")[1] for root, one in told.items()})
    return [
        empty_notice(
            account_id, event.event_id, now, work_item_id=locked[root].work_item_id, nomination_id=root
        )
        for (root, one), event in zip(told.items(), append_events(session, deeds), strict=True)
        for account_id in one.account_ids
    ]


def _of_returns(session: Session, ids: Sequence[int], today: date, now: datetime) -> list[PromisedMail]:
    lock = select(_RETURN.c.id).where(_RETURN.c.id.in_(sorted(set(ids)))).order_by(_RETURN.c.id)
    locked = session.scalars(lock.with_for_update(key_share=True)).all()
    work = {
        row.expected_return_id: row
        for row in session.execute(
            select(_WORK.c.expected_return_id, _WORK.c.id, _WORK.c.owner_key).where(
                _WORK.c.expected_return_id.in_(locked), is_open(_WORK.c)
            )
        )
    }
    holders = load_holders(session, {row.owner_key for row in work.values()}, today=today)
    empty = {
        root: EmptySeat(row.owner_key, SetAside())
        for root, row in work.items()
        if not holders.get(row.owner_key)
    }
    notices = []
    for root, one in staffed_above(session, empty, today=today).items():
        if one.key is None:
            continue
        data = told_data(empty[root].owner_key, one)
        stream = return_stream(root)
        event = append_event(
            session, stream, RungKind.ESCALATE, actor=None, via=Via.TIMER, now=now, data=data
        )
        notices += [
            empty_notice(account_id, event.event_id, now, work_item_id=work[root].id, expected_return_id=root)
            for account_id in one.account_ids
        ]
    return notices


def told_data(owner_key: str, told: RungRecipients) -> dict[str, object]:
    """Return what history says of an empty seat: which it is, and who was told in which seat."""
    return {"unstaffed": owner_key, "key": told.key, "accounts": list(told.account_ids)}


def empty_notice(
    account_id: int,
    event_id: UUID,
    at: datetime,
    *,
    work_item_id: UUID | None,
    nomination_id: int | None = None,
    expected_return_id: int | None = None,
) -> PromisedMail:
    """Return the mail that tells one account of work on an empty seat."""
    return PromisedMail(
        kind=NoticeKind.SEAT_EMPTY,
        account_id=account_id,
        cause=event_id,
        nomination_id=nomination_id,
        at=at,
        work_item_id=work_item_id,
        event_id=event_id,
        expected_return_id=expected_return_id,
    )


def _told_entry(locked: Locked, seat: EmptySeat, told: RungRecipients, now: datetime) -> ChainedEvent:
    return ChainedEvent.of(
        f"nomination:{locked.facts.nomination_id}",
        locked.last_seq + 1,
        RungKind.ESCALATE,
        via=Via.TIMER,
        at=now,
        places=(locked.facts.state, locked.facts.state),
        data=told_data(seat.owner_key, told),
    )
