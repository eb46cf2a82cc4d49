"""The rungs of the days ahead, in pages along their index, and how many there are on each day."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Date, Select, case, cast, func, or_, select, tuple_
from sqlalchemy.orm import Session

from workflow.domain.vocabulary import RungKind
from workflow.store.base import among, table_of
from workflow.store.conditions import is_waiting
from workflow.store.database import expect_warm_pages, timezone_of
from workflow.store.nominations import Nomination, Rung, WorkItem
from workflow.store.submissions import ExpectedReturn

Place: TypeAlias = tuple[datetime, UUID]
"""When a rung fires or a mail that waits may leave, and which it is."""

_RUNG = table_of(Rung)
_Together: TypeAlias = tuple[datetime, int | None, int | None]


@dataclass(frozen=True, slots=True)
class DayAhead:
    """How many reminders and escalations are promised for a day: of work, before they fold into letters."""

    day: date
    reminders: int
    escalations: int


@dataclass(frozen=True, slots=True)
class RungPage:
    """Rungs that fire together are all there; `next` is the place behind the page, None at the end."""

    rungs: Sequence[Rung]
    next: Place | None


def rungs_ahead(
    session: Session,
    seen: ColumnElement[bool] | None,
    *,
    until: datetime,
    now: datetime,
    after: Place | None,
    last: Place | None = None,
    limit: int,
) -> RungPage:
    """Return the rungs that fire before an instant, those that should have by now first; some at a time.

    Behind a place, and up to another one where a page ends there. `seen` is a condition on rungs joined with
    their nomination, return and work; without it all are meant.
    """
    page = select(Rung.fire_at, Rung.id, Rung.nomination_id, Rung.expected_return_id)
    page = page if seen is None else _joined(page).where(seen)
    page = page.where(is_waiting(Rung), Rung.fire_at < until).order_by(Rung.fire_at, Rung.id).limit(limit)
    if after is not None:
        page = page.where(tuple_(Rung.fire_at, Rung.id) > after)
    found = session.execute(page).all()
    if len(found) == limit:
        ends = (found[-1].fire_at, found[-1].id)
        last = ends if last is None else min(last, ends)
    groups: dict[_Together, list[Rung]] = defaultdict(list)
    for rung in _of_roots(session, found, until):
        groups[_together(rung, now)].append(rung)
    rungs: list[Rung] = []
    for group in groups.values():
        # What fires together stands where its first rung does.
        first = min((rung.fire_at or now, rung.id) for rung in group)
        if (after is None or first > after) and (last is None or first <= last):
            rungs += group
    return RungPage(rungs, last)


def days_ahead(
    session: Session, seen: ColumnElement[bool] | None, *, until: datetime, now: datetime
) -> tuple[DayAhead, ...]:
    """Return what is promised for each day until an instant; what should have fired by now counts today."""
    expect_warm_pages(session)
    escalations = func.count(case((Rung.kind == RungKind.ESCALATE, 1))).label("escalations")
    counted = select(Rung.fire_at, func.count().label("rungs"), escalations).select_from(Rung)
    counted = counted if seen is None else _joined(counted).where(seen)
    counted = counted.where(is_waiting(Rung), Rung.fire_at < until).group_by(Rung.fire_at)
    # By instant first, as the index has them: many fire together, and each instant's day is found once.
    each = counted.subquery("at_each").c
    day = cast(func.timezone(timezone_of(session), func.greatest(each.fire_at, now)), Date)
    reminders = cast(func.sum(each.rungs - each.escalations), BigInteger)
    by_day = select(day, reminders, cast(func.sum(each.escalations), BigInteger)).group_by(day).order_by(day)
    return tuple(DayAhead(*row) for row in session.execute(by_day))


def _joined(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        # Each by its key: who asks nothing of it does not read it.
        statement.outerjoin(WorkItem, WorkItem.id == Rung.work_item_id)
        .outerjoin(Nomination, Nomination.id == Rung.nomination_id)
        .outerjoin(ExpectedReturn, ExpectedReturn.id == Rung.expected_return_id)
    )


def _of_roots(session: Session, found: Sequence[Any], until: datetime) -> Sequence[Rung]:
    nominations = {row.nomination_id for row in found if row.nomination_id is not None}
    returns = {row.expected_return_id for row in found if row.expected_return_id is not None}
    roots = or_(among(Rung.nomination_id, nominations), among(Rung.expected_return_id, returns))
    return session.scalars(select(Rung).where(roots, is_waiting(Rung), Rung.fire_at < until)).all()


def _together(rung: Rung, now: datetime) -> _Together:
    return max(rung.fire_at or now, now), rung.nomination_id, rung.expected_return_id
