"""Open work that nobody can take today, found from the seats: open work is much, seats are few.

Asking each open work item who could take it would read all of them in every sweep. Work lies idle where its
seat has no holder, or where a holder is set aside for it; only those are asked (`set_aside_of`).
"""

from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    exists,
    func,
    or_,
    select,
    union,
)
from sqlalchemy.orm import Session

from workflow.domain.rights.routing import CLUSTER_SEAT
from workflow.store.absences import Absence
from workflow.store.access import Account, Grant
from workflow.store.conditions import (
    TODAY,
    is_absent,
    is_active,
    is_away,
    is_in_force,
    is_left,
    is_open,
    nobody_holds,
)
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.organisation import Person
from workflow.store.statements import Statement

_AT_CLUSTER: Final = f"@{CLUSTER_SEAT}"


def is_idle(
    today: date | ColumnElement[date] = TODAY, *, given_back: ColumnElement[bool] | None = None
) -> ColumnElement[bool]:
    """Return the condition of open work that nobody took and nobody could take; join nominations outside.

    Work on hold waits for nobody. Who is away without a substitute there has nothing in hand. `given_back` is
    the condition of what is taken and will not be by then.
    """
    is_untaken = or_(WorkItem.assignee_id.is_(None), is_left(today))
    return and_(
        is_open(WorkItem),
        is_untaken if given_back is None else or_(is_untaken, given_back),
        Nomination.is_held.is_not(True),
        nobody_holds(today),
    )


def suspects(session: Session, *, today: date) -> list[UUID]:
    """Return all work that could be idle, and little else, by way of seats and of those who sit there."""
    return sorted(row.id for row in _SUSPECTS.fetch(session, {"today": today}))


def _on_empty_seats() -> Select[Any]:
    """Open work at the keys that nobody holds: each key that has some is looked up once, along the index."""
    first = select(func.min(WorkItem.owner_key).label("key")).where(is_open(WorkItem))
    seat = first.cte("seat", recursive=True)
    following = (
        select(func.min(WorkItem.owner_key))
        .where(is_open(WorkItem), WorkItem.owner_key > seat.c.key)
        .correlate(seat)
        .scalar_subquery()
    )
    seat = seat.union_all(select(following).where(seat.c.key.is_not(None)))
    held = exists().where(
        Grant.key == seat.c.key,
        is_in_force(Grant, TODAY),
        Account.id == Grant.account_id,
        is_active(Account),
        # Who is away may have somebody in their place, who may be set aside: asked of each work item then.
        ~is_away(Grant.account_id, Grant.key, TODAY),
    )
    return select(WorkItem.id).join(seat, WorkItem.owner_key == seat.c.key).where(is_open(WorkItem), ~held)


def _of_absent() -> Select[Any]:
    """Open work in the hands of those who are away."""
    away = select(Absence.account_id).where(is_absent(Absence, TODAY))
    return select(WorkItem.id).where(WorkItem.assignee_id.in_(away), is_open(WorkItem))


def _about_holders() -> Select[Any]:
    """Open work on nominations of somebody who sits where it lies."""
    return (
        select(WorkItem.id)
        .select_from(Grant)
        .join(Account, Account.id == Grant.account_id)
        .join(Nomination, Nomination.person_id == Account.person_id)
        .join(WorkItem, and_(WorkItem.nomination_id == Nomination.id, WorkItem.owner_key == Grant.key))
        .where(is_in_force(Grant, TODAY), is_open(Nomination), is_open(WorkItem))
    )


def _of_holders_units() -> Select[Any]:
    """Open work at clusters on the units of those who sit there."""
    sits = (
        select(Grant.key, Person.unit_id)
        .join(Account, Account.id == Grant.account_id)
        .join(Person, Person.id == Account.person_id)
        .where(Grant.key.contains(_AT_CLUSTER, autoescape=True), is_in_force(Grant, TODAY))
        .cte("sits")
        # They are few, and the work at their seats is found by its key: not from the nominations of a unit.
        .prefix_with("MATERIALIZED")
    )
    return (
        select(WorkItem.id)
        .join(sits, WorkItem.owner_key == sits.c.key)
        .join(Nomination, and_(Nomination.id == WorkItem.nomination_id, Nomination.unit_id == sits.c.unit_id))
        .where(is_open(WorkItem))
    )


# Every sweep asks this, in most of them for nothing.
_SUSPECTS: Final = Statement(union(_on_empty_seats(), _about_holders(), _of_holders_units(), _of_absent()))
