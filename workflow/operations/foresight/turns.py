"""The days on which somebody comes to a seat or leaves it, or a unit its place: between them all is alike."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from workflow.store.absences import Absence
from workflow.store.access import Grant
from workflow.store.organisation import UnitEdition

_TERMS: Final = (Grant, Absence, UnitEdition)


def turns_between(session: Session, after: date, last: date) -> Sequence[date]:
    """Return those of the days behind one, up to a last one, in order."""
    days = [day for term in _TERMS for day in (term.valid_from, term.valid_to)]
    terms = union(*(select(day).where(day > after, day <= last) for day in days))
    return sorted(session.scalars(terms))
