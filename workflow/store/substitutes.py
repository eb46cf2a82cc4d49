"""Who could act for somebody who is away: people of the same place, of the same unit, or of a unit above."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Text, cast, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from workflow.domain.rights.absence import is_lent
from workflow.domain.rights.absence_rights import substitute_places
from workflow.domain.rights.routing import split_key, unit_of
from workflow.store.absences import Absence, Substitute
from workflow.store.access import Account, Grant
from workflow.store.base import among
from workflow.store.conditions import TODAY, is_active, is_in_force, outlasts
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


@dataclass(frozen=True, slots=True)
class ToldAbsence:
    """An absence as it stands: who is away from which day to which, in one seat or all, who acts in order."""

    absence_id: int
    person: str
    key: str | None
    first: date
    last: date
    substitutes: tuple[tuple[int, str], ...]


def read_absences(session: Session, ids: Iterable[int]) -> dict[int, ToldAbsence]:
    """Return absences by id with the names of whoever is away and who acts, ended ones too."""
    wanted = set(ids)
    acting: dict[int, list[tuple[int, str]]] = {one: [] for one in wanted}
    for row in session.execute(
        select(Substitute.absence_id, Account.id, Account.name)
        .join(Account, Account.id == Substitute.account_id)
        .where(among(Substitute.absence_id, wanted))
        .order_by(Substitute.absence_id, Substitute.ordinal)
    ):
        acting[row.absence_id].append((row.id, row.name))
    rows = session.execute(
        select(Absence.id, Account.name, Absence.key, Absence.valid_from, Absence.valid_to - 1)
        .join(Account, Account.id == Absence.account_id)
        .where(among(Absence.id, wanted))
    )
    return {row[0]: ToldAbsence(*row, tuple(acting[row[0]])) for row in rows}


def is_named_in(
    said: ColumnElement[Any] | InstrumentedAttribute[Any], account_id: InstrumentedAttribute[int]
) -> ColumnElement[bool]:
    """Return the condition that an account acts in the absence that an event is about, which is not over."""
    return exists().where(
        Absence.id == cast(said["absence"].astext, BigInteger),
        outlasts(Absence, TODAY),
        Absence.ended_at.is_(None),
        Substitute.absence_id == Absence.id,
        Substitute.account_id == account_id,
    )


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
