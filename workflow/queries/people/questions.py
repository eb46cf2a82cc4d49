"""Facts that units are asked for: what a reader's units owe, and what is open of one person."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session

from workflow.domain.eligibility.facts import FactKind
from workflow.domain.eligibility.rights import SAYERS
from workflow.domain.rights.policy import Actor
from workflow.queries.paging import Page, cut, decode_cursor, encode_cursor, text, whole
from workflow.queries.shapes import Named
from workflow.store.access import Account
from workflow.store.base import among
from workflow.store.conditions import edition_of_unit
from workflow.store.database import local_day
from workflow.store.organisation import Person, Unit, UnitEdition
from workflow.store.records import FactQuestion

_LIST: Final = "fact-questions"
_SAYING: Final = tuple(f"{role}@unit:" for role in SAYERS)


@dataclass(frozen=True, slots=True)
class FactAsked:
    """A fact that a unit is asked for, of whom, for which year and until when; `is_late` since that day.

    Whom it is about is not told who asked (`asked_by`).
    """

    person: Named
    unit: Named
    kind: FactKind
    year: int
    due_on: date
    is_late: bool
    asked_by: str | None
    asked_at: datetime


def says_for_units(actor: Actor) -> bool:
    """Return whether the actor sits in a unit that may be asked, or stands in for somebody there."""
    return bool(_units_of(actor))


def list_fact_questions(
    session: Session, *, actor: Actor, now: datetime, limit: int, cursor: str | None
) -> Page[FactAsked]:
    """Return one page of what the actor's units are asked, by day, and not of the actor."""
    today = local_day(session, now)
    statement = _asked(today).where(_is_for(actor))
    if cursor is not None:
        day, last = decode_cursor(_LIST, cursor, _day, whole)
        statement = statement.where(tuple_(FactQuestion.due_on, FactQuestion.id) > tuple_(day, last))
    rows = session.execute(statement.order_by(FactQuestion.due_on, FactQuestion.id).limit(limit + 1)).all()
    return cut(
        rows,
        limit,
        item=lambda row: _view(row, today),
        cursor=lambda row: encode_cursor(_LIST, row.FactQuestion.due_on.isoformat(), row.FactQuestion.id),
    )


def questions_about(
    session: Session, person_id: int, *, now: datetime, is_own: bool
) -> tuple[FactAsked, ...]:
    """Return what is asked of somebody and not said yet, by day."""
    today = local_day(session, now)
    rows = session.execute(
        _asked(today)
        .where(FactQuestion.person_id == person_id)
        .order_by(FactQuestion.due_on, FactQuestion.id)
    )
    found = (_view(row, today) for row in rows)
    return tuple(replace(one, asked_by=None) if is_own else one for one in found)


def _is_for(actor: Actor) -> ColumnElement[bool]:
    """Return the condition of questions that wait for the actor: not of whom they stand in for."""
    own = among(Unit.code, _units(actor.keys))
    lent = (
        and_(among(Unit.code, _units(loan.keys)), FactQuestion.person_id != (loan.absent.person_id or 0))
        for loan in actor.loans
        if loan.is_first
    )
    return and_(or_(own, *lent), FactQuestion.person_id != (actor.person_id or 0))


def _units_of(actor: Actor) -> frozenset[str]:
    return _units({*actor.keys, *(key for loan in actor.loans if loan.is_first for key in loan.keys)})


def _units(keys: Iterable[str]) -> frozenset[str]:
    return frozenset(key.partition("@unit:")[2] for key in keys if key.startswith(_SAYING))


def _asked(today: date) -> Select[*tuple[Any, ...]]:
    return (
        select(
            FactQuestion,
            Person.code,
            Person.name,
            Unit.code.label("unit_code"),
            func.coalesce(UnitEdition.name, Unit.code).label("unit_name"),
            Account.name.label("asker"),
        )
        .join(Person, Person.id == FactQuestion.person_id)
        .join(Unit, Unit.id == Person.unit_id)
        .join(Account, Account.id == FactQuestion.asked_by)
        .outerjoin(UnitEdition, edition_of_unit(today))
        .where(FactQuestion.answered_at.is_(None))
    )


def _view(row: Any, today: date) -> FactAsked:  # noqa: ANN401 - a row of several columns
    question: FactQuestion = row.FactQuestion
    return FactAsked(
        Named(row.code, row.name),
        Named(row.unit_code, row.unit_name),
        FactKind(question.kind),
        question.year,
        question.due_on,
        question.due_on < today,
        row.asker,
        question.asked_at,
    )


def _day(place: object) -> date:
    return date.fromisoformat(text(place))
