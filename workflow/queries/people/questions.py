"""Facts that units are asked for: what a reader's units owe, and what is open of one person."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Date, Text, bindparam, func, select, tuple_
from sqlalchemy.orm import Session

from workflow.domain.eligibility.facts import FactKind
from workflow.domain.eligibility.rights import SAYERS
from workflow.domain.rights.policy import Actor
from workflow.queries.paging import Page, cut, decode_cursor, encode_cursor, text, whole
from workflow.queries.shapes import Named
from workflow.store.access import Account
from workflow.store.base import given
from workflow.store.conditions import TODAY, named_edition
from workflow.store.database import local_day
from workflow.store.organisation import Person, Unit, UnitEdition
from workflow.store.records import FactQuestion
from workflow.store.statements import Statement

_LIST: Final = "fact-questions"
_SAYING: Final = tuple(f"{role}@unit:" for role in SAYERS)
_ASKED: Final = (
    select(
        FactQuestion.id,
        FactQuestion.kind,
        FactQuestion.year,
        FactQuestion.due_on,
        FactQuestion.asked_at,
        Person.code,
        Person.name,
        Unit.code.label("unit_code"),
        func.coalesce(UnitEdition.name, Unit.code).label("unit_name"),
        Account.name.label("asker"),
    )
    .join(Person, Person.id == FactQuestion.person_id)
    .join(Unit, Unit.id == Person.unit_id)
    .join(Account, Account.id == FactQuestion.asked_by)
    .outerjoin(UnitEdition, named_edition(TODAY))
    .where(FactQuestion.answered_at.is_(None))
    .order_by(FactQuestion.due_on, FactQuestion.id)
)
_ABOUT: Final = Statement(_ASKED.where(FactQuestion.person_id == bindparam("person_id", type_=BigInteger())))
_SEATS: Final = given(
    "asked_of", {"asked_codes": ("code", Text()), "asked_not_of": ("person_id", BigInteger())}
)
_ANSWERS_FOR: Final = (
    select(_SEATS.c.code)
    .where(_SEATS.c.code == Unit.code, _SEATS.c.person_id.is_distinct_from(FactQuestion.person_id))
    .exists()
)
_PLACE: Final = bindparam("after_day", type_=Date()), bindparam("after_id", type_=BigInteger())
# What is asked for: not about whoever answers.
_WAITING: Final = Statement(
    _ASKED.where(
        _ANSWERS_FOR,
        FactQuestion.person_id.is_distinct_from(bindparam("own", type_=BigInteger())),
        tuple_(FactQuestion.due_on, FactQuestion.id) > tuple_(*_PLACE),
    ).limit(bindparam("limit", type_=BigInteger()))
)


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
    day, last = (date.min, 0) if cursor is None else decode_cursor(_LIST, cursor, _day, whole)
    told = {TODAY.key: today, "after_day": day, "after_id": last, "limit": limit + 1, **_who_is_asked(actor)}
    return cut(
        _WAITING.fetch(session, told),
        limit,
        item=lambda row: _view(row, today),
        cursor=lambda row: encode_cursor(_LIST, row.due_on.isoformat(), row.id),
    )


def questions_about(
    session: Session, person_id: int, *, now: datetime, is_own: bool
) -> tuple[FactAsked, ...]:
    """Return what is asked of somebody and not said yet, by day."""
    today = local_day(session, now)
    rows = _ABOUT.fetch(session, {TODAY.key: today, "person_id": person_id})
    found = (_view(row, today) for row in rows)
    return tuple(replace(one, asked_by=None) if is_own else one for one in found)


def _who_is_asked(actor: Actor) -> dict[str, object]:
    """Return for which units the actor answers; where they stand in for somebody, not of that person."""
    own = [(code, None) for code in sorted(_units(actor.keys))]
    lent = [
        (code, loan.absent.person_id)
        for loan in actor.loans
        if loan.is_first
        for code in sorted(_units(loan.keys))
    ]
    return {
        "asked_codes": [code for code, _ in own + lent],
        "asked_not_of": [person_id for _, person_id in own + lent],
        "own": actor.person_id,
    }


def _units_of(actor: Actor) -> frozenset[str]:
    return _units({*actor.keys, *(key for loan in actor.loans if loan.is_first for key in loan.keys)})


def _units(keys: Iterable[str]) -> frozenset[str]:
    return frozenset(key.partition("@unit:")[2] for key in keys if key.startswith(_SAYING))


def _view(row: Any, today: date) -> FactAsked:  # noqa: ANN401 - a row of several columns
    return FactAsked(
        Named(row.code, row.name),
        Named(row.unit_code, row.unit_name),
        FactKind(row.kind),
        row.year,
        row.due_on,
        row.due_on < today,
        row.asker,
        row.asked_at,
    )


def _day(place: object) -> date:
    return date.fromisoformat(text(place))
