"""What days that pass leave behind: work given back by whoever leaves a seat, and seats that empty."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import or_
from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import NoticeKind
from workflow.operations.deadlines.claims import (
    ended_claims,
    lapsed,
    readers_of_given_back,
    rests_on_nothing,
    rests_on_nothing_now,
)
from workflow.operations.deadlines.emptied_seats import set_aside, untold_work
from workflow.operations.deadlines.empty_seats import EmptySeat, staffed_above
from workflow.operations.deadlines.untaken import suspects
from workflow.operations.foresight.coming import Cause, Coming, WhyTold, coming_of
from workflow.operations.foresight.turns import turns_between
from workflow.operations.mail.notify import PromisedMail
from workflow.store.base import among
from workflow.store.database import local_day, timezone_of
from workflow.store.locked import Locked, read_nominations
from workflow.store.nominations import WorkItem

_NOBODY: Final = Actor(account_id=0, name="")
_NAMELESS: Final = UUID(int=0)


def foresee_passing(session: Session, *, until: datetime, now: datetime, limit: int) -> Iterator[Coming]:
    """Yield what each day on which a term begins or ends will have the sweep tell, at most `limit` a day.

    Of today too, where no sweep has looked since. What was given back or told of once is not again.
    """
    given_back, told = set[UUID](), set[UUID]()
    for at in mornings(session, until, now):
        today = local_day(session, at)
        ended = [one for one in _ended(session, at, today, limit) if one.visit_id not in given_back]
        given_back |= {one.visit_id for one in ended if one.visit_id is not None}
        yield from _given_back(session, ended, at, today)
        work, gone = suspects(session, today=today), or_(rests_on_nothing(today), lapsed(today))
        which = among(WorkItem.id, work)
        idle = untold_work(session, at, which, limit=limit, given_back=gone) if work else ()
        yield from _emptied(session, [row for row in idle if row.id not in told], at, today)
        # A seat that somebody takes meanwhile and that empties once more is told of once more.
        told = {row.id for row in idle}


def mornings(session: Session, until: datetime, now: datetime) -> Iterator[datetime]:
    """Yield now, and when each later day begins on which a term or an absence does or is over."""
    zone = ZoneInfo(timezone_of(session))
    yield now
    for day in turns_between(session, local_day(session, now), local_day(session, until)):
        if (begins_at := datetime.combine(day, time(), zone).astimezone(now.tzinfo)) < until:
            yield begins_at


def _ended(session: Session, at: datetime, today: date, limit: int) -> list[Locked]:
    """Return the nominations whose work its holder leaves: read as the sweep of that day will."""
    ids = ended_claims(session, today, after=0, limit=limit)
    found = read_nominations(session, ids, actor=_NOBODY, now=at)
    return [one for one in found.values() if rests_on_nothing_now(one)]


def _given_back(session: Session, ended: Collection[Locked], at: datetime, today: date) -> Iterator[Coming]:
    # Of work on hold it is promised too and does not go out: nobody is to act.
    told = [one for one in ended if not one.facts.is_held]
    for one, account_id in readers_of_given_back(session, told, today=today) if told else ():
        mail = PromisedMail(
            kind=NoticeKind.WORK_OPENED,
            account_id=account_id,
            cause=one.visit_id or _NAMELESS,
            nomination_id=one.facts.nomination_id,
            at=at,
            work_item_id=one.work_item_id,
        )
        yield coming_of(mail, WhyTold(Cause.GIVEN_BACK, seat=one.facts.owner_key))


def _emptied(session: Session, rows: Sequence[Any], at: datetime, today: date) -> Iterator[Coming]:
    seats = {row.id: EmptySeat(row.owner_key, set_aside(row)) for row in rows}
    above = staffed_above(session, seats, today=today)
    for row in rows:
        told_as = above[row.id].key or ""
        for account_id in above[row.id].account_ids if told_as else ():
            mail = PromisedMail(
                kind=NoticeKind.SEAT_EMPTY,
                account_id=account_id,
                cause=row.id,
                nomination_id=row.nomination_id,
                at=at,
                work_item_id=row.id,
                slot=f"empty:{today}",
                expected_return_id=row.expected_return_id,
            )
            why = WhyTold(Cause.SEAT_EMPTY, seat=row.owner_key)
            yield replace(coming_of(mail, why), seats=frozenset({row.owner_key, told_as}))
