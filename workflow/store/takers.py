"""Who has in hand what somebody took: they, or who stands in for them while they are away."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeAlias

from sqlalchemy import BigInteger, ColumnElement, Text, and_, case, literal_column, select
from sqlalchemy.orm import Session

from workflow.domain.rights.routing import Holder
from workflow.store.access import Account
from workflow.store.base import given
from workflow.store.conditions import (
    acting_for,
    away_until,
    is_active,
    is_reachable,
    is_set_aside,
    nobody_holds,
    told_stand_ins,
)
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.organisation import Person
from workflow.store.people import standing_in

Taken: TypeAlias = tuple[int | None, str | None]
"""An account and the key of the seat in which it took work."""

_PAIRS: Final = given("taken", {"takers": ("account_id", BigInteger()), "keys": ("key", Text())})
_TAKERS: Final = (
    select(
        Account.id,
        Account.person_id,
        Person.unit_id,
        is_reachable(Account).label("is_reachable"),
        _PAIRS.c.key,
        told_stand_ins(Account.id, _PAIRS.c.key).label("stand_ins"),
    )
    .select_from(_PAIRS)
    .join(Account, Account.id == _PAIRS.c.account_id)
    .outerjoin(Person, Person.id == Account.person_id)
    .where(is_active(Account))
)
_NAMED: Final = (
    select(
        Account.id,
        _PAIRS.c.key,
        Account.name,
        away_until(Account.id, _PAIRS.c.key).label("away_until"),
        told_stand_ins(Account.id, _PAIRS.c.key).label("stand_ins"),
    )
    .select_from(_PAIRS)
    .join(Account, Account.id == _PAIRS.c.account_id)
)


@dataclass(frozen=True, slots=True)
class NamedTaker:
    """Who took work, by name; of somebody away also the last day of it, and the names of those who act."""

    name: str
    away_until: date | None = None
    substitutes: tuple[str, ...] = ()


def acts_for(account: type[Account], key: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return who acts first in the seat of somebody away, for this work; null where nobody does.

    Join the nomination and the work item, where there are any: what the absent might not do nobody does.
    """
    unit_id = select(Person.unit_id).where(Person.id == account.person_id).correlate_except(Person)
    acting = acting_for(account.id, key).where(~is_set_aside(account.person_id, unit_id.scalar_subquery()))
    return acting.order_by(literal_column("rank")).limit(1).scalar_subquery()


def holder_columns() -> tuple[ColumnElement[Any], ...]:
    """Return what a row tells, beside the seat, of whoever took its work, left joined as `taken_by` says.

    Join the work item with its nomination: who is set aside for it does not act for whoever is away.
    """
    return (
        Account.id.label("assignee_id"),
        Account.name.label("assignee"),
        and_(Account.id.is_(None), nobody_holds()).label("is_seat_empty"),
        away_until(Account.id, WorkItem.owner_key).label("away_until"),
        told_stand_ins(Account.id, WorkItem.owner_key, of_work=True).label("stand_ins"),
        WorkItem.taken_at.label("taken_at"),
        # On hold no day is over, and afterwards they count anew.
        case((Nomination.is_held.is_not(True), WorkItem.claimed_until)).label("claimed_until"),
    )


def names_of(stand_ins: Iterable[Any] | None) -> tuple[str, ...]:
    """Return the names in what `told_stand_ins` says, in order; none of who is not away."""
    return tuple(name for *_, name in stand_ins or ())


def load_takers(session: Session, taken: Iterable[Taken], *, today: date) -> dict[Taken, list[Holder]]:
    """Return whose hands these accounts' are today: their own, or those of who stands in for them, in order.

    A disabled account has nothing in hand, nor has one that is away without a substitute.
    """
    values = _pairs(taken)
    found: dict[Taken, list[Holder]] = {}
    for row in session.execute(_TAKERS, {**values, "today": today}) if values else ():
        one = Holder(row.key, row.id, row.person_id, row.unit_id, row.is_reachable)
        found[row.id, row.key] = [one] if row.stand_ins is None else standing_in(one, row.stand_ins)
    return found


def name_takers(session: Session, taken: Iterable[Taken], *, today: date) -> dict[Taken, NamedTaker]:
    """Return the names of those who took work, disabled accounts too; asks nothing where there are none."""
    values = _pairs(taken)
    rows = session.execute(_NAMED, {**values, "today": today}) if values else ()
    return {(row.id, row.key): NamedTaker(row.name, row.away_until, names_of(row.stand_ins)) for row in rows}


def _pairs(taken: Iterable[Taken]) -> dict[str, object]:
    pairs = sorted({(taker, key) for taker, key in taken if taker is not None and key is not None})
    return {"takers": [taker for taker, _ in pairs], "keys": [key for _, key in pairs]} if pairs else {}
