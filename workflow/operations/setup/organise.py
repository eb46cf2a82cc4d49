"""Setting up the organisation: units with editions, people, clusters of a year, councils. Never commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from workflow.domain.errors import FieldError, InvalidField
from workflow.domain.names import name_search, name_sort
from workflow.domain.text import normalise
from workflow.store.organisation import Council, Person, Unit, UnitEdition


@dataclass(frozen=True, slots=True)
class NewUnit:
    """A unit as of a day: code, name, its parent's code, the officer in charge with telephone and address."""

    code: str
    name: str
    parent_code: str | None = None
    officer_name: str = ""
    officer_telephone: str = ""
    officer_email: str = ""


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A member of staff: code, name, position, the code of the unit."""

    code: str
    name: str
    unit_code: str
    position: str = ""


def add_units(session: Session, units: Sequence[NewUnit], *, valid_from: date) -> dict[str, int]:
    """Add units in the order given, parents first, and return their ids by code.

    Raises `InvalidField` naming every parent that does not exist.
    """
    session.execute(
        insert(Unit), [{"code": normalise(unit.code, field="code", single_line=True)} for unit in units]
    )
    ids = unit_ids(session)
    missing = [unit for unit in units if unit.parent_code is not None and unit.parent_code not in ids]
    if missing:
        errors = [FieldError(unit.code, f"no unit '{unit.parent_code}'") for unit in missing]
        raise InvalidField("Units name parents that do not exist.", errors=errors)
    rows = [
        {
            "unit_id": ids[unit.code],
            "name": normalise(unit.name, field="name", single_line=True),
            "name_search": name_search(unit.name),
            "parent_id": ids[unit.parent_code] if unit.parent_code else None,
            "officer_name": unit.officer_name,
            "officer_telephone": unit.officer_telephone,
            "officer_email": unit.officer_email,
            "valid_from": valid_from,
        }
        for unit in units
    ]
    session.execute(insert(UnitEdition), rows)
    return ids


def unit_ids(session: Session) -> dict[str, int]:
    """Return every unit's id by code."""
    return {row.code: row.id for row in session.execute(select(Unit.code, Unit.id))}


def add_people(session: Session, people: Sequence[NewPerson]) -> dict[str, int]:
    """Add members of staff and return their ids by code. Raises `InvalidField` naming every unknown unit."""
    ids = unit_ids(session)
    wrong = [person for person in people if person.unit_code not in ids]
    if wrong:
        errors = [FieldError(person.code, f"no unit '{person.unit_code}'") for person in wrong]
        raise InvalidField("People name units that do not exist.", errors=errors)
    rows = [
        {
            "code": person.code,
            "name": (name := normalise(person.name, field="name", single_line=True)),
            "name_search": name_search(name),
            "name_sort": name_sort(name),
            "position": person.position,
            "unit_id": ids[person.unit_code],
        }
        for person in people
    ]
    found = session.execute(insert(Person).returning(Person.code, Person.id), rows)
    return {row.code: row.id for row in found}


def add_council(session: Session, *, unit_code: str, name: str) -> int:
    """Add the council of a unit and return its id."""
    council = Council(unit_id=unit_ids(session)[unit_code], name=name)
    session.add(council)
    session.flush()
    return council.id
