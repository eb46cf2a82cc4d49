"""What was said of somebody: what stands, and what was replaced, with who said it and when."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.eligibility.facts import FactKind, FactSource
from workflow.store.access import Account
from workflow.store.facts import fact_of
from workflow.store.records import PersonFact

_MOST: Final = 500


@dataclass(frozen=True, slots=True)
class FactView:
    """One thing that was said; `said_by` is null for the command line, and to whom it is about.

    What was said otherwise since has `replaced_at`.
    """

    kind: FactKind
    year: int
    value: str
    months: int | None
    number: str
    from_on: date | None
    until_on: date | None
    source: FactSource
    said_by: str | None
    said_at: datetime
    replaced_at: datetime | None


def facts_of(session: Session, person_id: int, *, is_own: bool) -> tuple[FactView, ...]:
    """Return what was said of somebody, the newest year first, what stands before what was replaced."""
    rows = session.execute(
        select(PersonFact, Account.name)
        .outerjoin(Account, Account.id == PersonFact.said_by)
        .where(PersonFact.person_id == person_id)
        .order_by(
            PersonFact.replaced_at.is_not(None), PersonFact.year.desc(), PersonFact.kind, PersonFact.id.desc()
        )
        .limit(_MOST)
    ).all()
    return tuple(_view(row.PersonFact, None if is_own else row.name) for row in rows)


def _view(row: PersonFact, said_by: str | None) -> FactView:
    fact = fact_of(row)
    return FactView(
        fact.kind,
        fact.year,
        fact.value,
        fact.months,
        fact.number,
        fact.from_on,
        fact.until_on,
        FactSource(row.source),
        said_by,
        row.said_at,
        row.replaced_at,
    )
