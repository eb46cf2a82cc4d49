"""Asking a unit for a fact about somebody, by name and with a day; whoever says the fact answers."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import ColumnElement, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from workflow.domain.eligibility.facts import YEARS, Fact, FactKind
from workflow.domain.eligibility.rights import saying_keys
from workflow.domain.errors import Conflict, FieldError, Forbidden, InvalidField, NotFound, Reason
from workflow.domain.rights.policy import Actor
from workflow.domain.time.workdays import Calendar, CalendarName
from workflow.domain.vocabulary import Via
from workflow.operations.deadlines.fact_letters import (
    AskedQuestion,
    able_to_say,
    sayers_of,
    tell_askers,
    tell_of_question,
)
from workflow.operations.history.streams import append_event
from workflow.operations.keys import Claim, claim_key, settle_key
from workflow.store.base import table_of
from workflow.store.calendars import calendar_in_force
from workflow.store.codes import is_named
from workflow.store.organisation import Person, Unit
from workflow.store.people import load_holders
from workflow.store.people_seen import in_sight
from workflow.store.records import FactQuestion, PersonFact

DAYS_TO_ANSWER: Final = 5
"""Working days until a question is due for which nobody named a day."""


@dataclass(frozen=True, slots=True)
class WantedFact:
    """What a unit is asked for, until a day, or for five working days where none is named."""

    kind: FactKind
    year: int
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """A question that was written just now: its number, of whom, in which unit, for what, until which day."""

    id: int
    person_id: int
    unit: str
    wanted: WantedFact
    due_on: date


def ask_fact(
    session: Session,
    *,
    actor: Actor,
    person_code: str,
    wanted: WantedFact,
    via: Via,
    now: datetime,
    claim: Claim | None = None,
) -> None:
    """Ask the unit of somebody in sight for a fact, and commit; whoever says it there is written to.

    What is asked already stays asked with its own day, and nobody is written to again. Raises `NotFound` for
    who is not in sight, `Forbidden` of oneself, `Conflict` where it is known, `InvalidField` for a year or
    day that cannot be.
    """
    if claim_key(session, claim, actor=actor, now=now) is not None:
        return
    person_id, unit = _person_to_ask_of(session, actor, person_code)
    calendar = calendar_in_force(session, CalendarName.LOCAL, unit=unit)
    today = calendar.local_day(now)
    due_on = wanted.due_on or calendar.shift(today, DAYS_TO_ANSWER)
    _demand_possible(wanted.year, due_on, today)
    _demand_unknown(session, person_id, wanted.kind, wanted.year)
    table = table_of(FactQuestion)
    asked = session.execute(
        insert(table)
        .values(
            person_id=person_id,
            kind=str(wanted.kind),
            year=wanted.year,
            due_on=due_on,
            asked_by=actor.account_id,
            asked_at=now,
        )
        .on_conflict_do_nothing()
        .returning(table.c.id)
    ).scalar_one_or_none()
    if asked is not None:
        question = NewQuestion(asked, person_id, unit, wanted, due_on)
        _tell(session, question, calendar, actor=actor, via=via, now=now)
    settle_key(session, claim, actor=actor, result={"person": person_id})
    session.commit()


def _tell(
    session: Session, question: NewQuestion, calendar: Calendar, *, actor: Actor, via: Via, now: datetime
) -> None:
    """Write that it was asked, and promise every letter about it."""
    holders = load_holders(session, saying_keys(question.unit), today=calendar.local_day(now))
    able = able_to_say(question.unit, holders, question.person_id)
    told = sayers_of(able, asked_by=actor.account_id)
    data = {
        "question": question.id,
        "kind": str(question.wanted.kind),
        "year": question.wanted.year,
        "due": question.due_on.isoformat(),
        "key": told.key,
        "asked_as": min(actor.keys, default=None),
    }
    stream = f"person:{question.person_id}"
    event = append_event(session, stream, "ask_fact", actor=actor, via=via, now=now, data=data)
    session.execute(
        update(FactQuestion).where(FactQuestion.id == question.id).values(event_id=event.event_id)
    )
    asked = AskedQuestion(question.id, event.event_id, question.due_on, actor.account_id)
    tell_of_question(session, asked, told, calendar, now=now)


def answer_questions(
    session: Session, person_id: int, said: Fact, *, said_by: int | None, now: datetime
) -> None:
    """Close the open question that a fact answers, said just now; whoever asked is told. Never commits."""
    answered = session.execute(
        update(FactQuestion)
        .where(FactQuestion.person_id == person_id, FactQuestion.answered_at.is_(None))
        .where(FactQuestion.kind == str(said.kind), is_answered(said))
        .values(answered_at=now)
        .returning(FactQuestion.id)
    )
    tell_askers(session, answered.scalars().all(), said_by=said_by, now=now)


def is_answered(said: Fact) -> ColumnElement[bool]:
    """Return the condition that a question of its kind is answered by a fact, whose year counts.

    Since when somebody serves is one answer whatever the year it was asked for.
    """
    return true() if said.kind is FactKind.RECRUITED else FactQuestion.year == said.year


def _person_to_ask_of(session: Session, actor: Actor, code: str) -> tuple[int, str]:
    """Return somebody in sight, locked, by number and unit; what is said of them waits until this ends."""
    found = session.execute(
        select(Person.id, Unit.code)
        .join(Unit, Unit.id == Person.unit_id)
        .where(is_named(session, Person.code, code), in_sight(actor))
        .with_for_update(of=Person, key_share=True)
    ).one_or_none()
    if found is None:
        raise NotFound(f"There is no person '{code}' among those whose record you may see.")
    if found.id == actor.person_id:
        message = "Nobody asks for facts of themselves."
        raise Forbidden(message, reasons=[Reason("not_yours_to_ask", message)])
    return found.id, found.code


def _demand_possible(year: int, day: date, today: date) -> None:
    if year not in YEARS or year > today.year:
        message = "lies in the future" if year > today.year else "is no year that is kept"
        raise InvalidField(f"year: {message}.", errors=[FieldError("year", message)])
    if day < today:
        message = "lies in the past"
        raise InvalidField(f"due_on: {message}.", errors=[FieldError("due_on", message)])


def _demand_unknown(session: Session, person_id: int, kind: FactKind, year: int) -> None:
    is_known = select(PersonFact.id).where(
        PersonFact.person_id == person_id, PersonFact.kind == str(kind), PersonFact.replaced_at.is_(None)
    )
    if kind is not FactKind.RECRUITED:
        is_known = is_known.where(PersonFact.year == year)
    if session.scalar(is_known.limit(1)) is not None:
        message = "This is known already; look at the person's page."
        raise Conflict(message, reasons=[Reason("fact_known", message)])
