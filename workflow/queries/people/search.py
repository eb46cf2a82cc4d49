"""Looking somebody up by any part of their name, without marks or case, among those in sight."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, Text, and_, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from workflow.domain.names import name_search
from workflow.domain.rights.policy import Actor
from workflow.queries.paging import Page, cut, decode_cursor, encode_cursor, name_of, text
from workflow.queries.shapes import Named
from workflow.store.conditions import named_edition
from workflow.store.database import local_day
from workflow.store.organisation import Person, Unit, UnitEdition
from workflow.store.people_seen import all_in_sight

_SHORTEST: Final = 3


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Somebody as a list shows them."""

    code: str
    name: str
    position: str
    unit: Named
    left_on: date | None


def find_people(
    session: Session, *, actor: Actor, q: str, now: datetime, limit: int, cursor: str | None
) -> Page[PersonRow]:
    """Return one page of the people in sight whom `q` names, by given name: a part of a name, or a code."""
    wanted = name_search(q)
    place = (Person.name_sort, Person.code)
    name = name_of("people", wanted)
    is_sought = is_called(q, wanted), all_in_sight(session, actor)
    statement = people_with_units(local_day(session, now)).where(*is_sought)
    if cursor is not None:
        statement = statement.where(tuple_(*place) > tuple_(*decode_cursor(name, cursor, text, text)))
    rows = session.execute(statement.order_by(*place).limit(limit + 1)).all()
    return cut(
        rows,
        limit,
        item=person_of_row,
        cursor=lambda row: encode_cursor(name, row.name_sort, row.code),
    )


def people_with_units(today: date) -> Select[*tuple[Any, ...]]:
    """Return the statement of people with their units of the day, as `person_of_row` reads it."""
    return (
        select(
            Person.id,
            Person.code,
            Person.name,
            Person.name_sort,
            Person.position,
            Person.unit_id,
            Person.left_on,
            Unit.code.label("unit_code"),
            func.coalesce(UnitEdition.name, Unit.code).label("unit_name"),
        )
        .join(Unit, Unit.id == Person.unit_id)
        .outerjoin(UnitEdition, named_edition(today))
    )


def person_of_row(row: Row[Any]) -> PersonRow:
    """Return somebody out of a row of `people_with_units`."""
    return PersonRow(row.code, row.name, row.position, Named(row.unit_code, row.unit_name), row.left_on)


def is_called(q: str, wanted: str) -> ColumnElement[bool]:
    """Return the condition of people so called; three letters and more are looked up in an index."""
    called = Person.name_search.contains(wanted, autoescape=True)
    if len(wanted) >= _SHORTEST:
        index = func.trigrams(Person.name_search, type_=ARRAY(Text))
        called = and_(called, index.contains(func.trigrams(wanted, type_=ARRAY(Text))))
    return or_(called, Person.code.in_([q, q.upper()]))
