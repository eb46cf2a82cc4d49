"""The days on which a seat, what somebody took or a unit's place changes hands: between them all is alike."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from workflow.store.absences import Absence
from workflow.store.access import Grant
from workflow.store.conditions import is_open
from workflow.store.nominations import WorkItem
from workflow.store.organisation import UnitEdition

_TERMS: Final = (Grant, Absence, UnitEdition)


def turns_between(session: Session, after: date, last: date) -> Sequence[date]:
    """Return those of the days behind one, up to a last one, in order."""
    days = [day for term in _TERMS for day in (term.valid_from, term.valid_to)]
    day_after = WorkItem.claimed_until + 1
    claims = select(day_after).where(
        is_open(WorkItem), WorkItem.claimed_until >= after, WorkItem.claimed_until < last
    )
    terms = union(claims, *(select(day).where(day > after, day <= last) for day in days))
    return sorted(session.scalars(terms))
