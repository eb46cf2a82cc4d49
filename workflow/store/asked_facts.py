"""What letters tell of a fact that a unit is asked for, as it stands when they are written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, case, func, select

from workflow.domain.eligibility.facts import FactKind
from workflow.store.access import Account
from workflow.store.conditions import TODAY, named_edition
from workflow.store.mail import Outbox
from workflow.store.organisation import Person, Unit, UnitEdition
from workflow.store.records import FactQuestion


@dataclass(frozen=True, slots=True)
class AskedFact:
    """A question: of whom, in which unit they are today, what, until when, and by which account.

    `is_late` since its day is over; `is_readers`: it is about whoever reads the letter.
    """

    question_id: int
    person_id: int
    person_code: str
    person_name: str
    unit_code: str
    unit_name: str
    kind: FactKind
    year: int
    due_on: date
    asked_by: int
    is_answered: bool
    is_late: bool
    is_readers: bool


def told_fact() -> ColumnElement[Any]:
    """Return what a letter tells of a fact, as one value; null where it is about none.

    Join the letter with its reader.
    """
    told = (
        select(
            func.jsonb_build_object(
                "question_id", FactQuestion.id,
                "person_id", Person.id,
                "person_code", Person.code,
                "person_name", Person.name,
                "unit_code", Unit.code,
                "unit_name", func.coalesce(UnitEdition.name, Unit.code),
                "kind", FactQuestion.kind,
                "year", FactQuestion.year,
                "due_on", FactQuestion.due_on,
                "asked_by", FactQuestion.asked_by,
                "is_answered", FactQuestion.answered_at.is_not(None),
                "is_late", FactQuestion.due_on < TODAY,
                "is_readers", func.coalesce(Person.id == Account.person_id, False),
            )
        )
        .select_from(FactQuestion)
        .join(Person, Person.id == FactQuestion.person_id)
        .join(Unit, Unit.id == Person.unit_id)
        .outerjoin(UnitEdition, named_edition(TODAY))
        .where(FactQuestion.id == Outbox.fact_question_id)
        .correlate(Outbox, Account)
        .scalar_subquery()
    )  # fmt: skip
    return case((Outbox.fact_question_id.is_not(None), told))


def asked_fact(told: Mapping[str, Any] | None) -> AskedFact | None:
    """Return what such a value tells, None of a letter that is about no fact."""
    if told is None:
        return None
    changed = {"kind": FactKind(told["kind"]), "due_on": date.fromisoformat(told["due_on"])}
    return AskedFact(**{**told, **changed})
