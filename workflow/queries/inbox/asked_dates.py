"""Dates that others ask the reader for: whose seat was asked, or whose they are lent."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, any_, false, func, or_, select
from sqlalchemy.orm import Session

from workflow.queries.escalations.proposed_dates import with_proposed_date
from workflow.queries.inbox.lent import LENT_SEATS, MY_PERSON
from workflow.queries.inbox.rows import KEYS, ME
from workflow.queries.shapes import UNIT_COLUMNS, Named, Who, unit_of_row
from workflow.store.awards import Round
from workflow.store.conditions import TODAY, named_edition
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.organisation import Unit, UnitEdition
from workflow.store.proposals import DateProposal, stands
from workflow.store.statements import Statement
from workflow.store.submissions import ExpectedReturn
from workflow.store.visible import visible_to_any

MOST_SHOWN: Final = 50
"""Of so many dates asked for, the longest waiting are shown."""


@dataclass(frozen=True, slots=True)
class AskedOfMe:
    """A date that somebody asks the reader for: for a nomination, or for what a unit owes a round."""

    id: UUID
    nomination_id: int | None
    subject: str
    unit: Named
    round: str
    round_title: str
    due_at: datetime
    day: date
    by: Who
    reason: str


def how_many() -> ColumnElement[int]:
    """Return how many dates are asked of the reader, as a column of their counts."""
    asked = select(func.count()).select_from(DateProposal).join(WorkItem, stands())
    return _of_reader(asked).scalar_subquery()


def asked_of_me(session: Session, values: dict[str, object]) -> tuple[AskedOfMe, ...]:
    """Return the dates that are asked of the reader whom `values` tell of, the longest waiting first."""
    return tuple(
        AskedOfMe(
            id=row.proposal_id,
            nomination_id=row.nomination_id,
            subject=row.subject_name or row.unit_name or row.unit,
            unit=unit_of_row(row),
            round=row.round,
            round_title=row.round_title,
            due_at=row.due_at,
            day=row.asked_on,
            by=Who(row.proposed_by, row.asker),
            reason=row.asked_words or "",
        )
        for row in _listed().fetch(session, values)
    )


@cache
def _listed() -> Statement:
    return Statement(
        _of_reader(
            with_proposed_date(
                select(
                    WorkItem.nomination_id,
                    WorkItem.due_at,
                    Nomination.subject_name,
                    *UNIT_COLUMNS,
                    Round.code.label("round"),
                    Round.title.label("round_title"),
                ).select_from(WorkItem),
                only=True,
            )
        )
        .outerjoin(ExpectedReturn, ExpectedReturn.id == WorkItem.expected_return_id)
        .join(Unit, Unit.id == func.coalesce(Nomination.unit_id, ExpectedReturn.unit_id))
        .outerjoin(UnitEdition, named_edition(TODAY))
        .join(Round, Round.id == func.coalesce(Nomination.round_id, ExpectedReturn.round_id))
        .order_by(DateProposal.id)
        .limit(MOST_SHOWN)
    )


def _of_reader(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    is_nominee = func.coalesce(Nomination.person_id == MY_PERSON, false())
    return statement.outerjoin(Nomination, Nomination.id == WorkItem.nomination_id).where(
        or_(DateProposal.asked_key == any_(KEYS), DateProposal.asked_key == any_(LENT_SEATS)),
        DateProposal.proposed_by != ME,
        DateProposal.hand_id.is_distinct_from(ME),
        or_(WorkItem.nomination_id.is_(None), visible_to_any()),
        ~is_nominee,
    )
