"""What the rules of awards are told: the rules that ship, and all that is known of somebody for a year."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from importlib import resources
from typing import Any

import yaml
from sqlalchemy import BigInteger, ColumnElement, Text, and_, distinct, exists, func, or_, select, true
from sqlalchemy.orm import Session

from workflow.domain.eligibility.evaluate import GivenIn, Group, Known
from workflow.domain.eligibility.facts import Discipline, FactKind
from workflow.domain.eligibility.rules import RuleBook, read_rules
from workflow.domain.vocabulary import SubjectKind
from workflow.store.awards import Award, AwardEdition, Round
from workflow.store.base import among, given
from workflow.store.conditions import is_open
from workflow.store.facts import fact_of
from workflow.store.given import given_to, was_given, was_given_or_awaits
from workflow.store.nominations import Nomination
from workflow.store.organisation import Person
from workflow.store.records import PastAward, PersonFact

_FURTHEST_BACK = 10
_PAIRS = {"codes": ("code", Text()), "years": ("year", BigInteger())}


@lru_cache(maxsize=1)
def shipped_rules() -> RuleBook:
    """Return the rules that ship, read once."""
    written = resources.files("workflow").joinpath("definitions/eligibility.yaml").read_text("utf-8")
    return read_rules(yaml.safe_load(written))


@dataclass(frozen=True, slots=True)
class AskedYear:
    """For which year the rules are asked, until which day of it, and for which awards.

    `told_by` is by when what is decided was told: what was later is under way for whom it is about.
    """

    year: int
    until: date
    awards: Collection[str]
    told_by: datetime | None = None


def known_of_person(session: Session, person_id: int, asked: AskedYear) -> Known:
    """Return all that is known of somebody for a year."""
    facts = session.scalars(
        select(PersonFact).where(PersonFact.person_id == person_id, PersonFact.replaced_at.is_(None))
    )
    awards = given_to([person_id], told_by=asked.told_by)
    is_under_way: ColumnElement[bool] = is_open(Nomination)
    if asked.told_by is not None:
        is_under_way = or_(is_under_way, Nomination.closed_at > asked.told_by)
    had = session.execute(select(Award.code, awards.c.year).join(Award, Award.id == awards.c.award_id))
    open_ones = session.scalars(
        select(Award.code)
        .join(AwardEdition, AwardEdition.award_id == Award.id)
        .join(Nomination, Nomination.award_edition_id == AwardEdition.id)
        .join(Round, Round.id == Nomination.round_id)
        .where(Nomination.person_id == person_id, is_under_way, Round.year == asked.year)
    )
    return Known(
        asked.year,
        asked.until,
        tuple(fact_of(row) for row in facts),
        frozenset(GivenIn(row.code, row.year) for row in had),
        frozenset(open_ones),
        _known_lists(session, asked),
    )


def known_of_unit(session: Session, unit_id: int, asked: AskedYear) -> Known:
    """Return what is known of the people of a unit, counted, for a year; not of who had left by its end."""
    is_there = or_(Person.left_on.is_(None), Person.left_on > asked.until)
    people = select(Person.id).where(Person.unit_id == unit_id, is_there)
    ids = list(session.scalars(people.order_by(Person.id)))
    return Known(
        asked.year,
        asked.until,
        lists=_known_lists(session, asked),
        group=Group(
            members=len(ids),
            awarded=_awarded(session, ids, asked),
            proposed=_proposed(session, ids, asked),
            **_discipline(session, ids, asked.year),
        ),
    )


def counts_of_award(session: Session, award: str, *, round_id: int, decider: str) -> int:
    """Return how many of an award stand in a round before one who decides: given, or still proposed."""
    stands = or_(is_open(Nomination), was_given_or_awaits())
    return (
        session.scalar(
            select(func.count())
            .select_from(Nomination)
            .join(AwardEdition, AwardEdition.id == Nomination.award_edition_id)
            .join(Award, Award.id == AwardEdition.award_id)
            .where(
                Nomination.round_id == round_id, Nomination.decider == decider, Award.code == award, stands
            )
        )
        or 0
    )


def _known_lists(session: Session, asked: AskedYear) -> frozenset[GivenIn]:
    """Return of which awards and years anybody's is known: then who is not on it was not given it."""
    pairs = [
        (code, year) for code in asked.awards for year in range(asked.year - _FURTHEST_BACK, asked.year + 1)
    ]
    wanted = given("wanted", _PAIRS)
    listed = exists().where(PastAward.award_id == Award.id, PastAward.year == wanted.c.year)
    decided = (
        _one_was_given(wanted.c.year, whose)
        for whose in (Nomination.person_id.is_not(None), Nomination.subject_kind == SubjectKind.COLLECTIVE)
    )
    rows = session.execute(
        select(wanted.c.code, wanted.c.year)
        .select_from(wanted)
        .join(Award, Award.code == wanted.c.code)
        .where(or_(listed, *decided)),
        {"codes": [code for code, _ in pairs], "years": [year for _, year in pairs]},
    )
    return frozenset(GivenIn(row.code, row.year) for row in rows)


def _one_was_given(year: ColumnElement[int], whose: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return whether an award was given in any round of a year; `whose` names the index of its honourees.

    Round by round: where nobody was given it, all that were ever nominated for it would be read otherwise.
    """
    one = (
        select(Nomination.id)
        .where(
            Nomination.round_id == Round.id,
            Nomination.award_edition_id == AwardEdition.id,
            whose,
            was_given(),
        )
        .limit(1)
        .lateral("one")
    )
    given_ones = select(one.c.id).select_from(Round).join(AwardEdition, AwardEdition.award_id == Award.id)
    return given_ones.join(one, true()).where(Round.year == year).exists()


def _awarded(session: Session, ids: Iterable[int], asked: AskedYear) -> Mapping[str, int]:
    awards = given_to(ids)
    rows = session.execute(
        select(Award.code, func.count().label("held"))
        .select_from(awards)
        .join(Award, Award.id == awards.c.award_id)
        .where(awards.c.year == asked.year)
        .group_by(Award.code)
    )
    return {row.code: row.held for row in rows}


def _proposed(session: Session, ids: Iterable[int], asked: AskedYear) -> Mapping[str, int]:
    rows = session.execute(
        select(Award.code, func.count(distinct(Nomination.person_id)).label("held"))
        .join(AwardEdition, AwardEdition.award_id == Award.id)
        .join(Nomination, Nomination.award_edition_id == AwardEdition.id)
        .join(Round, Round.id == Nomination.round_id)
        .where(among(Nomination.person_id, ids), is_open(Nomination), Round.year == asked.year)
        .group_by(Award.code)
    )
    return {row.code: row.held for row in rows}


def _discipline(session: Session, ids: Iterable[int], year: int) -> dict[str, Any]:
    """Return what is said of people's discipline in a year, or of such as lasted into it."""
    lasts = and_(
        PersonFact.from_on <= date(year, 12, 31),
        func.coalesce(PersonFact.until_on, PersonFact.from_on) >= date(year, 1, 1),
    )
    rows = session.execute(
        select(PersonFact.person_id, PersonFact.value).where(
            among(PersonFact.person_id, ids),
            PersonFact.kind == FactKind.DISCIPLINE,
            or_(PersonFact.year == year, lasts),
            PersonFact.replaced_at.is_(None),
        )
    ).all()
    order = list(Discipline)
    worst = max((Discipline(row.value) for row in rows), key=order.index, default=Discipline.NONE)
    return {"clear": len({row.person_id for row in rows}), "worst": worst}
