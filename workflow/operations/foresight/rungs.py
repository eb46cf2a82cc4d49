"""What rungs will tell, and whom, on the day that each of them fires."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import groupby
from typing import Final, TypeAlias
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.callers import caller_of
from workflow.domain.notices import REMINDERS
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.routing import split_key
from workflow.domain.vocabulary import NoticeKind, Recipient, Role, RungKind
from workflow.operations.deadlines.recipients import OwedWork
from workflow.operations.foresight.coming import Cause, Coming, WhyTold, coming_of
from workflow.operations.foresight.turns import turns_between
from workflow.operations.mail.departures import instant_of
from workflow.operations.sweep.firing import Firing, looks_ahead, notices_of
from workflow.operations.sweep.telling import (
    OF_RETURNS,
    OF_WORK,
    firings_of_returns,
    firings_of_work,
    waiting_work,
)
from workflow.store.base import among
from workflow.store.conditions import open_work_of
from workflow.store.database import local_day
from workflow.store.locked import Locked, read_nominations
from workflow.store.nominations import Rung, WorkItem
from workflow.store.organisation import Unit
from workflow.store.people import load_seated
from workflow.store.submissions import ExpectedReturn

_NOBODY: Final = Actor(account_id=0, name="")
_NO_RECIPIENT: Final = "no_recipient"


_Root: TypeAlias = tuple[int, int]
"""What is due together: its place among the instants that are asked about, and its nomination or return."""


def foresee_rungs(session: Session, rungs: Iterable[Rung], *, now: datetime) -> Iterator[Coming]:
    """Yield what each rung will tell, instant by instant; what fires by now comes at once.

    Rungs of one nomination or return that are due together have to be given together. Whom they mean is asked
    once for all days between two on which somebody comes to a seat, leaves one, or is away.
    """
    together: dict[tuple[datetime, bool], list[Rung]] = defaultdict(list)
    reminded_until = looks_ahead(session, now) or now
    for rung in rungs:
        if rung.fire_at is not None:
            is_reminder = rung.kind == RungKind.REMIND
            if rung.fire_at <= (reminded_until if is_reminder else now):
                together[now, True].append(rung)
            else:
                # Reminders that are still to come fire an hour before the escalations of their morning.
                together[rung.fire_at, not is_reminder].append(rung)
    if not together:
        return
    moments = [
        (at, sorted(together[at, is_whole], key=lambda rung: (rung.fire_at, rung.ordinal)))
        for at, is_whole in sorted(together)
    ]
    today, last = local_day(session, now), local_day(session, moments[-1][0])
    turns = turns_between(session, today, last)
    for _, alike in groupby(moments, key=lambda one: bisect_right(turns, local_day(session, one[0]))):
        yield from _alike(session, list(alike), now)


def _alike(
    session: Session, moments: Sequence[tuple[datetime, Sequence[Rung]]], now: datetime
) -> Iterator[Coming]:
    """Yield what rungs will tell at instants between which no seat changes hands."""
    at = moments[0][0]
    today, every = local_day(session, at), [rung for _, rungs in moments for rung in rungs]
    work, owed = _waiting(session, every, at), _owed(session, every, today)
    of_work, of_returns = defaultdict[_Root, list[Rung]](list), defaultdict[_Root, list[Rung]](list)
    for place, (_, rungs) in enumerate(moments):
        for rung in rungs:
            if rung.nomination_id is not None and rung.work_item_id in work:
                of_work[place, rung.nomination_id].append(rung)
            elif rung.expected_return_id is not None and rung.work_item_id in owed:
                of_returns[place, rung.expected_return_id].append(rung)
    locked = {root: work[rungs[0].work_item_id] for root, rungs in of_work.items()}
    owing = {root: owed[rungs[0].work_item_id] for root, rungs in of_returns.items()}
    told = firings_of_work(session, locked, of_work, today=today).items()
    asked = firings_of_returns(session, owing, of_returns, today=today).items()
    found = [
        *((root, OF_WORK, locked[root].in_front().facts.owner_key, one) for root, one in told),
        *((root, OF_RETURNS, owing[root].owner_key, one) for root, one in asked),
    ]
    for (place, _), kinds, owner_key, firings in sorted(found, key=lambda one: one[0][0]):
        for coming in _told(session, firings, kinds, moments[place][0]):
            yield _as_promised(session, coming, owner_key, now)


def _as_promised(session: Session, coming: Coming, owner_key: str | None, now: datetime) -> Coming:
    """Return what a rung tells with the instant that it is promised for: a reminder's is that of its morning.

    One that should have fired before fires now, and between seven and the opening of its office like those of
    this morning.
    """
    at = coming.at if coming.at > now else instant_of(session, coming.notice, now, owner_key)
    seats = coming.seats | {owner_key} if owner_key is not None else coming.seats
    if coming.expected_return_id is not None and owner_key is not None:
        # Whoever heads the unit answers for it, wherever it waits.
        seats |= {f"{Role.HEAD}@{split_key(owner_key)[1]}"}
    return replace(coming, at=at, is_ahead=at > now and coming.notice in REMINDERS, seats=seats)


def _waiting(session: Session, rungs: Iterable[Rung], at: datetime) -> Mapping[UUID, Locked]:
    """Return what waits for somebody, as of that day: who took it and leaves before has it no more."""
    ids = {rung.nomination_id for rung in rungs if rung.nomination_id is not None}
    return waiting_work(read_nominations(session, ids, actor=_NOBODY, now=at).values())


def _owed(session: Session, rungs: Iterable[Rung], today: date) -> Mapping[UUID, OwedWork]:
    """Return the open work of returns; for it answers whoever heads the unit on the day."""
    ids = {rung.expected_return_id for rung in rungs if rung.expected_return_id is not None}
    if not ids:
        return {}
    rows = session.execute(
        select(WorkItem.id, WorkItem.owner_key, WorkItem.assignee_id, Unit.code)
        .join(ExpectedReturn, open_work_of(ExpectedReturn))
        .join(Unit, Unit.id == ExpectedReturn.unit_id)
        .where(among(ExpectedReturn.id, ids))
    ).all()
    heads = load_seated(session, {f"{Role.HEAD}@unit:{row.code}" for row in rows}, today=today)
    return {
        row.id: OwedWork(
            row.id,
            row.owner_key,
            min(heads.get(f"{Role.HEAD}@unit:{row.code}", ()), default=None),
            row.assignee_id,
        )
        for row in rows
    }


def _told(
    session: Session, firings: Iterable[Firing], kinds: Mapping[RungKind, NoticeKind], at: datetime
) -> Iterator[Coming]:
    for firing in firings:
        rung, told = firing.rung, firing.recipients
        is_of_one = caller_of(rung.recipient) is not None
        if is_of_one and not told.account_ids:
            # It will wait until they are back: nobody knows the day.
            continue
        word = Recipient.HOLDER if is_of_one else Recipient(rung.recipient)
        why = WhyTold(Cause.RUNG, word, told.key, firing.is_told_around, told.unreached)
        for mail in notices_of(session, firing, rung.id, kinds, at):
            yield coming_of(mail, why)
        if firing.skipped == _NO_RECIPIENT:
            yield Coming(
                at=at,
                notice=kinds[RungKind(rung.kind)],
                account_id=None,
                fold=f"{_NO_RECIPIENT}:{rung.id}",
                nomination_id=rung.nomination_id,
                expected_return_id=rung.expected_return_id,
                work_item_id=rung.work_item_id,
                why=why,
            )
