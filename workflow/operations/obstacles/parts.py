"""Open work in parts of some thousands: no statement of a look may come near the time that one has."""

from itertools import pairwise
from typing import Final, TypeAlias
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select, true
from sqlalchemy.orm import Session

from workflow.store.conditions import is_open
from workflow.store.nominations import Nomination, WorkItem

PART: Final = 5_000
"""So few that the nominations of a part are looked up, and a million that are over are never walked."""

Part: TypeAlias = ColumnElement[bool]
"""The condition of the work items of one part."""


def parts_of_work(session: Session) -> list[Part]:
    """Return the conditions of the parts that all open work falls into, by their ids; one at least."""
    place = func.row_number().over(order_by=WorkItem.id).label("place")
    numbered = select(WorkItem.id, place).where(is_open(WorkItem)).subquery()
    ends = session.scalars(
        select(numbered.c.id).where(numbered.c.place % PART == 0).order_by(numbered.c.place)
    ).all()
    bounds: list[UUID | None] = [None, *ends, None]
    return [_between(after, last) for after, last in pairwise(bounds)]


def _between(after: UUID | None, last: UUID | None) -> Part:
    begins = WorkItem.id > after if after is not None else true()
    return and_(begins, WorkItem.id <= last if last is not None else true())


def waits(part: Part) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of work of a part that waits for somebody; left join its nomination outside."""
    return is_open(WorkItem), Nomination.is_held.is_not(True), part
