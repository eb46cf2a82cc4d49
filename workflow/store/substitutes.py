"""Who could act for somebody who is away: people of the same place, of the same unit, or of a unit above."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Text, func, select
from sqlalchemy.orm import Session

from workflow.domain.rights.absence import is_lent
from workflow.domain.rights.absence_rights import substitute_places
from workflow.domain.rights.routing import split_key, unit_of
from workflow.store.access import Account, Grant
from workflow.store.base import among
from workflow.store.conditions import is_active, is_in_force
from workflow.store.organisation import Person, Unit
from workflow.store.people import load_ancestors


@dataclass(frozen=True, slots=True)
class AbsentPerson:
    """Somebody whose absence is spoken of: the keys they hold on a day, and the code of their unit."""

    account_id: int
    name: str
    keys: frozenset[str]
    unit: str | None


@dataclass(frozen=True, slots=True)
class PossibleSubstitute:
    """Somebody who could act for another, and the seat that makes them one, which they have to keep."""

    account_id: int
    name: str
    email: str
    seat: str


def absent_person(session: Session, account_id: int, *, today: date) -> AbsentPerson | None:
    """Return an account with what it holds on a day, None where there is none; a disabled one too."""
    row = session.execute(
        select(Account.id, Account.name, Unit.code)
        .outerjoin(Person, Person.id == Account.person_id)
        .outerjoin(Unit, Unit.id == Person.unit_id)
        .where(Account.id == account_id)
    ).one_or_none()
    if row is None:
        return None
    held = select(Grant.key).where(Grant.account_id == account_id, is_in_force(Grant, today))
    return AbsentPerson(row.id, row.name, frozenset(session.scalars(held)), row.code)


def candidates(session: Session, account_id: int, key: str | None, *, day: date) -> list[PossibleSubstitute]:
    """Return who could act on a day for an account in one seat or in all, by name, with the nearest seat."""
    person = absent_person(session, account_id, today=day)
    if person is None:
        return []
    keys = {held for held in person.keys if is_lent(held) and key in {None, held}}
    units = {unit for held in keys if (unit := unit_of(split_key(held)[1]))} | {person.unit or ""} - {""}
    ancestors = load_ancestors(session, units, today=day)
    places = {seat: number for number, seat in enumerate(substitute_places(keys, person.unit, ancestors))}
    seat = func.split_part(Grant.key, "@", 2, type_=Text())
    rows = session.execute(
        select(Account.id, Account.name, Account.email, seat.label("seat"))
        .join(Grant, Grant.account_id == Account.id)
        .where(among(seat, places), is_active(Account), is_in_force(Grant, day), Account.id != account_id)
        .order_by(Account.name, Account.id)
    )
    found: dict[int, PossibleSubstitute] = {}
    for row in rows:
        one = PossibleSubstitute(row.id, row.name, row.email, row.seat)
        known = found.setdefault(row.id, one)
        if places[one.seat] < places[known.seat]:
            found[row.id] = one
    return list(found.values())


def unit_ids_of_seats(session: Session, keys: Iterable[str]) -> dict[str, int]:
    """Return the ids of the units that answer for the seats of these keys, by code."""
    codes = {unit for key in keys if (unit := unit_of(split_key(key)[1]))}
    rows = session.execute(select(Unit.code, Unit.id).where(among(Unit.code, codes)))
    return {row.code: row.id for row in rows}
