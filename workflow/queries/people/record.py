"""What is known of somebody: the awards of each year, by which decision, in which unit they were then."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, and_, func, select
from sqlalchemy.orm import Session

from workflow.domain.eligibility.rights import who_says
from workflow.domain.errors import NotFound
from workflow.domain.rights.policy import Actor
from workflow.queries.people.advice import AdviceView, advice_for_person
from workflow.queries.people.facts import FactView, facts_of
from workflow.queries.people.questions import FactAsked, questions_about
from workflow.queries.people.search import people_with_units, person_of_row
from workflow.queries.shapes import Named, Titled, Words
from workflow.store.awards import Award
from workflow.store.codes import is_named
from workflow.store.conditions import named_edition
from workflow.store.database import local_day, undo_window
from workflow.store.given import given_to, newest_titles
from workflow.store.nominations import Nomination
from workflow.store.organisation import Person, Unit, UnitEdition
from workflow.store.people_seen import in_sight
from workflow.store.visible import visible


class Told(StrEnum):
    """Where an award is known from."""

    NOMINATION = "nomination"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class GivenAward:
    """An award that somebody was given; `unit_then` is where they were, perhaps a unit that is no more.

    One that `is_annulled` counts no more. `nomination_id` is null where a list tells of it, or its reader
    does not see the file.
    """

    year: int
    award: Titled
    number: str
    decided_on: date | None
    unit_then: str
    source: Told
    nomination_id: int | None
    is_annulled: bool


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """Somebody with the awards they were given and what was said of them, the newest first.

    `advice` is what the rules of each award come to for a year. `may_say` tells whether its reader says what
    is known of this person, `may_ask` whether they ask the person's unit; `questions` are open.
    """

    code: str
    name: str
    position: str
    unit: Named
    left_on: date | None
    awards: tuple[GivenAward, ...]
    facts: tuple[FactView, ...]
    advice: tuple[AdviceView, ...]
    may_say: bool
    questions: tuple[FactAsked, ...]
    may_ask: bool


def person_record(
    session: Session, *, actor: Actor, code: str, now: datetime, year: int | None = None
) -> PersonRecord:
    """Return what is known of somebody in sight, with advice for a year, or raise `NotFound`."""
    today = local_day(session, now)
    statement = people_with_units(today).where(is_named(session, Person.code, code), in_sight(actor))
    found = session.execute(statement).one_or_none()
    if found is None:
        raise NotFound(f"There is no person '{code}' among those whose record you may see.")
    return _record(session, actor, found, now, year or today.year)


def own_record(session: Session, *, actor: Actor, now: datetime) -> PersonRecord:
    """Return what is known of the reader, or raise `NotFound` where they are no member of staff."""
    today = local_day(session, now)
    statement = people_with_units(today).where(Person.id == (actor.person_id or 0))
    found = session.execute(statement).one_or_none()
    if found is None:
        raise NotFound("You are no member of staff, so nothing is kept of you.")
    return _record(session, actor, found, now, today.year)


def _record(session: Session, actor: Actor, found: Row[Any], now: datetime, year: int) -> PersonRecord:
    person, is_own = person_of_row(found), actor.person_id == found.id
    told_by = now - undo_window(session) if is_own else None
    saying = who_says(actor, person_id=found.id, unit_id=found.unit_id, unit=found.unit_code)
    return PersonRecord(
        person.code,
        person.name,
        person.position,
        person.unit,
        person.left_on,
        _awards(session, actor, found.id, local_day(session, now), told_by),
        facts_of(session, found.id, is_own=is_own),
        advice_for_person(session, found.id, year=year, now=now, told_by=told_by),
        saying is not None,
        questions_about(session, found.id, now=now, is_own=is_own),
        not is_own,
    )


def _awards(
    session: Session, actor: Actor, person_id: int, today: date, told_by: datetime | None
) -> tuple[GivenAward, ...]:
    given = given_to([person_id], told_by=told_by, with_annulled=True)
    titles = newest_titles()
    rows = session.execute(
        select(
            given,
            Award.code,
            titles.c.name_vi,
            titles.c.name_en,
            func.coalesce(UnitEdition.name, Unit.code).label("unit_called"),
            Nomination.id.label("seen_id"),
        )
        .join(Award, Award.id == given.c.award_id)
        .join(titles, titles.c.award_id == given.c.award_id)
        .outerjoin(Unit, Unit.id == given.c.unit_id)
        .outerjoin(UnitEdition, named_edition(func.coalesce(given.c.decided_on, today)))
        .outerjoin(Nomination, and_(Nomination.id == given.c.nomination_id, visible(actor.scope)))
        .order_by(given.c.year.desc(), given.c.decided_on.desc().nulls_last(), Award.code)
    ).all()
    return tuple(
        GivenAward(
            year=row.year,
            award=Titled(row.code, Words(row.name_vi, row.name_en)),
            number=row.number,
            decided_on=row.decided_on,
            unit_then=row.unit_name or row.unit_called or "",
            source=Told.IMPORT if row.nomination_id is None else Told.NOMINATION,
            nomination_id=row.seen_id,
            is_annulled=row.is_annulled,
        )
        for row in rows
    )
