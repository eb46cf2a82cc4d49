"""Finding the people that rows name: by code, or by name with day of birth and unit where two have it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.names import name_search
from workflow.domain.near import did_you_mean
from workflow.domain.text import fold
from workflow.imports.reading.cells import Cells
from workflow.store.codes import spellings
from workflow.store.organisation import Person

_MOST_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A member of staff as a row may mean them."""

    id: int
    code: str
    name: str
    unit_id: int
    born_on: date | None
    left_on: date | None


@dataclass(frozen=True, slots=True)
class Persons:
    """All people by code and by name without marks, and the codes that the file's words stand for."""

    by_code: Mapping[str, KnownPerson]
    by_name: Mapping[str, Sequence[KnownPerson]]
    stored: Mapping[str, str]
    by_id: Mapping[int, KnownPerson]

    def code_of(self, person_id: int | None) -> str | None:
        """Return somebody's code, None for nobody."""
        return self.by_id[person_id].code if person_id is not None else None

    def find(self, cells: Cells, *, unit_id: int | None, born_on: date | None) -> KnownPerson | None:
        """Give whom the cells `person`, `name`, `born_on` and `unit` mean; None where nobody is known so.

        Two that fit are noted as bad: who imports says which by the code. A code that is nobody's is bad too.
        """
        code = cells.text("person")
        if code:
            found = self.by_code.get(self.stored.get(code, code))
            if found is None:
                cells.bad("person", f"nobody has this code{did_you_mean(code, self.by_code)}")
            elif born_on and found.born_on and born_on != found.born_on:
                cells.bad("born_on", f"{found.code} was born on {found.born_on}")
            return found
        name = cells.text("name")
        fitting = _narrow(self._called(name), unit_id, born_on) if name else ()
        if len(fitting) > 1:
            codes = ", ".join(sorted(one.code for one in fitting)[:_MOST_NAMED])
            cells.bad("name", f"{len(fitting)} people fit; say which by the code: {codes}")
            return None
        return fitting[0] if fitting else None

    def _called(self, name: str) -> Sequence[KnownPerson]:
        """Return who is called so; marks count where the file has any."""
        plain = name_search(name)
        alike = self.by_name.get(plain, ())
        same = [one for one in alike if fold(one.name) == fold(name)]
        return same or (alike if fold(name) == plain else ())


def _narrow(
    people: Sequence[KnownPerson], unit_id: int | None, born_on: date | None
) -> Sequence[KnownPerson]:
    """Return those who were born that day, and among several those of the unit: people move, days stay.

    Of several of one name and one day of birth those are meant who did not leave: the others are who stood on
    the list twice. Without the day nothing is taken for sure of who left: lists of earlier years name them.
    """
    if born_on is not None:
        people = [one for one in people if one.born_on in {None, born_on}]
        people = [one for one in people if one.born_on] or people
    if len(people) > 1 and unit_id is not None:
        people = [one for one in people if one.unit_id == unit_id] or people
    if born_on is not None and all(one.born_on for one in people):
        return [one for one in people if one.left_on is None] or people
    return people


def load_persons(session: Session, rows: Sequence[Cells]) -> Persons:
    """Return everybody, and the stored spelling of each code that the rows hold."""
    found = [
        KnownPerson(*row)
        for row in session.execute(
            select(
                Person.id, Person.code, Person.name, Person.unit_id, Person.born_on, Person.left_on
            ).order_by(Person.id)
        )
    ]
    names: dict[str, list[KnownPerson]] = defaultdict(list)
    for one in found:
        names[name_search(one.name)].append(one)
    stored = spellings(session, Person.code, {cells.raw("person") for cells in rows})
    return Persons({one.code: one for one in found}, names, stored, {one.id: one for one in found})
