"""What the reader prepared for others and has to prepare again: it was sent back to them with a word."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, aliased

from workflow.queries.inbox.rows import ME
from workflow.queries.shapes import ListRef, Who
from workflow.store.access import Account
from workflow.store.history import Event, EventText
from workflow.store.nominations import Nomination, Visit
from workflow.store.preparations import Preparation
from workflow.store.statements import Statement
from workflow.store.submissions import Submission
from workflow.store.visible import visible_to_any

MOST_SHOWN: Final = 200
"""Of so many, the longest waiting are shown: a list that was sent back whole has that many at most."""


@dataclass(frozen=True, slots=True)
class SentBack:
    """One decision that the reader prepared and was asked to prepare again, by whom, when and why."""

    nomination_id: int
    version: int
    subject: str
    submission: ListRef | None
    by: Who | None
    at: datetime
    why: str


_again = aliased(Event, name="again_event")


def how_many_sent_back() -> ColumnElement[int]:
    """Return how many the reader has to prepare again, as a column of their counts."""
    return _of_reader(select(func.count())).scalar_subquery()


def sent_back_to(session: Session, values: dict[str, object]) -> tuple[SentBack, ...]:
    """Return what was sent back to the reader whom `values` tell of, the longest waiting first."""
    return tuple(
        SentBack(
            nomination_id=row.id,
            version=row.version,
            subject=row.subject_name,
            submission=ListRef(row.submission_id, row.number) if row.submission_id is not None else None,
            by=Who(row.actor_id, row.name) if row.actor_id is not None else None,
            at=row.recorded_at,
            why=row.text or "",
        )
        for row in _listed().fetch(session, values)
    )


@cache
def _listed() -> Statement:
    return Statement(
        _of_reader(
            select(
                Nomination.id,
                Nomination.version,
                Nomination.subject_name,
                Nomination.submission_id,
                Submission.number,
                _again.actor_id,
                Account.name,
                _again.recorded_at,
                EventText.text,
            )
        )
        .join(_again, _again.id == Preparation.again_id)
        .outerjoin(EventText, EventText.event_id == _again.id)
        .outerjoin(Account, Account.id == _again.actor_id)
        .outerjoin(Submission, Submission.id == Nomination.submission_id)
        .order_by(_again.recorded_at, Nomination.id)
        .limit(MOST_SHOWN)
    )


def _of_reader(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    return (
        statement.select_from(Preparation)
        .join(Visit, Visit.id == Preparation.visit_id)
        .join(Nomination, Nomination.id == Visit.nomination_id)
        .where(
            Preparation.prepared_by == ME,
            Preparation.again_id.is_not(None),
            Visit.left_at.is_(None),
            visible_to_any(),
        )
    )
