"""Whom to telephone about the work of a seat: who sits there, at the office of its unit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy.orm import Session

from workflow.domain.rights.routing import split_key, unit_of
from workflow.queries.seats import Officer
from workflow.store.desks import Office, Seated, read_offices, read_seated

_MOST_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Desks:
    """Who sits today in some seats, and the offices of the units that answer for them."""

    seated: Mapping[str, Sequence[Seated]]
    offices: Mapping[str, Office]

    def is_empty(self, key: str) -> bool:
        """Whether nobody sits there."""
        return not self.seated.get(key)

    def contact(self, key: str, taken_by: str | None, *, names: bool) -> Officer | None:
        """Return who has the work of a seat and the telephone of its unit; names only where they may be told.

        Without a name to tell it is the officer of that unit; None where there is no one to reach.
        """
        office = self.offices.get(unit_of(split_key(key)[1]) or "")
        telephone = office.officer_telephone if office else ""
        sitting = [name for _, name in self.seated.get(key, ())][:_MOST_NAMED]
        name = (taken_by or ", ".join(sitting)) if names else ""
        name = name or (office.officer_name if office else "")
        return Officer(name, telephone) if name else None


def read_desks(session: Session, keys: Sequence[str], *, today: date) -> Desks:
    """Return who sits in the seats of these keys today, in two statements whatever their number."""
    units = {unit_of(split_key(key)[1]) for key in keys}
    return Desks(read_seated(session, keys, today=today), read_offices(session, units, today=today))
