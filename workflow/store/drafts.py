"""What the codes of drafts mean today: one look-up for all of them, be it one draft or a whole list."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from workflow.domain.near import nearest
from workflow.domain.rights.authority import decider_of
from workflow.domain.vocabulary import AwardLevel, SubjectKind
from workflow.store.awards import Award, AwardEdition, Round, RoundAward, WorkflowDefinition
from workflow.store.base import among
from workflow.store.codes import spellings
from workflow.store.conditions import is_in_force, is_open, named_edition
from workflow.store.organisation import Person, Unit, UnitEdition
from workflow.store.people import load_ancestors
from workflow.store.submissions import ExpectedReturn

_MOST_GUESSED: Final = 50


@dataclass(frozen=True, slots=True)
class AwardChoice:
    """The edition of an award in force, whom it honours, at which level, and what its nominations run on.

    `definition_id` is the newest published version, None where none is.
    """

    edition_id: int
    subject_kind: SubjectKind
    workflow_key: str
    definition_id: int | None
    level: AwardLevel = AwardLevel.BASE


@dataclass(frozen=True, slots=True)
class Choices:
    """The rows that a draft's codes name; None where a code names nothing.

    `is_award_covered` says whether the round is held for this award too; `decider` who decides on it.
    """

    round_id: int | None
    award: AwardChoice | None
    unit_id: int | None
    unit_name: str
    person_id: int | None
    person_name: str
    person_position: str
    person_unit_id: int | None
    is_award_covered: bool = True
    decider: str = ""


@dataclass(frozen=True, slots=True)
class Roster:
    """What all the codes of one unit's drafts in one round mean: awards and people by code.

    `round_owner` is the code of the unit that runs the round, `root` that of the top of today's tree above it
    (read only where an award of the sector is among them), `managed_by` who manages people, by unit id.
    """

    round_id: int | None
    round_owner: str
    root: str
    managed_by: Mapping[int, str]
    unit_id: int | None
    unit_name: str
    awards: Mapping[str, AwardChoice]
    covered: frozenset[str]
    people: Mapping[str, Person]

    def choices(self, award_code: str, person_code: str | None) -> Choices:
        """Return what one draft's codes name."""
        person = self.people.get(person_code) if person_code else None
        award = self.awards.get(award_code)
        return Choices(
            round_id=self.round_id,
            award=award,
            unit_id=self.unit_id,
            unit_name=self.unit_name,
            person_id=person.id if person else None,
            person_name=person.name if person else "",
            person_position=person.position if person else "",
            person_unit_id=person.unit_id if person else None,
            is_award_covered=award_code in self.covered,
            decider=self._decider(award, person) if award else "",
        )

    def _decider(self, award: AwardChoice, person: Person | None) -> str:
        manager = person.managed_by_unit_id if person and award.subject_kind is SubjectKind.PERSON else None
        return decider_of(
            award.level,
            managed_by=self.managed_by.get(manager) if manager is not None else None,
            round_owner=self.round_owner,
            root=self.root,
        )


@dataclass(frozen=True, slots=True)
class DraftPlace:
    """What the codes of a round and of a unit mean for drafts; None where nothing can be drafted there.

    Of a unit that is no more, `unit_name` is what it was called last.
    """

    round_id: int | None
    round_owner: str
    unit_id: int | None
    unit_name: str


def load_roster(
    session: Session,
    *,
    round_code: str,
    unit_code: str,
    award_codes: Iterable[str],
    person_codes: Iterable[str],
    today: date,
) -> Roster:
    """Return what the codes name; only award and unit editions valid today count, and only open rounds.

    A round that is closed counts for a unit that it admits late, by exception.
    """
    people_wanted, awards_wanted = sorted(set(person_codes)), sorted(set(award_codes))
    place = load_place(session, round_code=round_code, unit_code=unit_code, today=today)
    round_id, round_owner = place.round_id, place.round_owner
    people = _people(session, people_wanted)
    awards = load_awards(session, awards_wanted, today=today)
    asks_for_root = any(award.level is AwardLevel.SECTOR for award in awards.values())
    return Roster(
        round_id=round_id,
        round_owner=round_owner,
        root=_root_above(session, round_owner, today=today) if asks_for_root and round_owner else "",
        managed_by=_managers(session, people.values()),
        unit_id=place.unit_id,
        unit_name=place.unit_name,
        awards=awards,
        covered=_covered(session, round_id, awards_wanted),
        people=people,
    )


def load_place(session: Session, *, round_code: str, unit_code: str, today: date) -> DraftPlace:
    """Return what the codes of a round and a unit mean for drafts of that unit."""
    unit = session.execute(
        select(Unit.id, UnitEdition.name, is_in_force(UnitEdition, today).label("is_there"))
        .join(UnitEdition, named_edition(today))
        .where(Unit.code == unit_code)
    ).one_or_none()
    round_ = session.execute(
        select(Round.id, Unit.code)
        .join(Unit, Unit.id == Round.owner_unit_id)
        .where(Round.code == round_code, takes_drafts([unit_code], today))
    ).one_or_none()
    round_id, round_owner = round_ or (None, "")
    unit_id = unit.id if unit and unit.is_there else None
    return DraftPlace(round_id, round_owner, unit_id, unit.name if unit else "")


def takes_drafts(unit_codes: Collection[str], today: date) -> ColumnElement[bool]:
    """Return the condition of rounds that take drafts of any of these units: open, or admitting one late."""
    admits = exists().where(
        ExpectedReturn.round_id == Round.id,
        ExpectedReturn.unit_id.in_(select(Unit.id).where(among(Unit.code, unit_codes))),
        ExpectedReturn.admitted_until >= today,
    )
    return or_(is_open(Round), admits)


def near_codes(
    session: Session, roster: Roster, *, award_codes: Iterable[str], person_codes: Iterable[str]
) -> dict[str, str]:
    """Return for codes that name nothing the one probably meant: of awards, and of the unit's own people.

    Who works elsewhere is not for everybody to find out.
    """
    awards = [code for code in award_codes if code not in roster.awards]
    people = [code for code in person_codes if code not in roster.people]
    known_awards = session.scalars(select(Award.code).order_by(Award.code)).all() if awards else ()
    known_people = (
        session.scalars(
            select(Person.code).where(Person.unit_id == roster.unit_id).order_by(Person.code)
        ).all()
        if people
        else ()
    )
    near = {word: nearest(word, known_awards) for word in awards[:_MOST_GUESSED]}
    near |= {word: nearest(word, known_people) for word in people[:_MOST_GUESSED]}
    return {word: code for word, code in near.items() if code is not None}


def load_choices(
    session: Session,
    *,
    round_code: str,
    award_code: str,
    unit_code: str,
    person_code: str | None,
    today: date,
) -> Choices:
    """Return what each code of one draft names."""
    roster = load_roster(
        session,
        round_code=round_code,
        unit_code=unit_code,
        award_codes=[award_code],
        person_codes=[person_code] if person_code else [],
        today=today,
    )
    return roster.choices(award_code, person_code)


def load_awards(session: Session, codes: Iterable[str], *, today: date) -> dict[str, AwardChoice]:
    """Return the newest edition in force today of each award by code, with its newest definition."""
    newest = (
        select(WorkflowDefinition.id)
        .where(WorkflowDefinition.key == AwardEdition.workflow_key)
        .order_by(WorkflowDefinition.version.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            Award.code,
            AwardEdition.id,
            AwardEdition.subject_kind,
            AwardEdition.workflow_key,
            AwardEdition.level,
            newest.label("definition_id"),
        )
        .ext(distinct_on(Award.code))
        .join(Award, Award.id == AwardEdition.award_id)
        .where(
            among(Award.code, set(codes)),
            is_in_force(AwardEdition, today),
        )
        .order_by(Award.code, AwardEdition.valid_from.desc(), AwardEdition.id.desc())
    )
    return {
        row.code: AwardChoice(
            row.id, SubjectKind(row.subject_kind), row.workflow_key, row.definition_id, AwardLevel(row.level)
        )
        for row in rows
    }


def _people(session: Session, codes: Sequence[str]) -> dict[str, Person]:
    """Return the people by the codes given; a code that only reads like one of theirs names them too."""
    found = session.scalars(select(Person).where(Person.code.in_(codes))) if codes else ()
    people = {person.code: person for person in found}
    stored = spellings(session, Person.code, [code for code in codes if code not in people])
    if stored:
        others = session.scalars(select(Person).where(Person.code.in_(list(stored.values()))))
        by_code = {person.code: person for person in others}
        people |= {word: by_code[code] for word, code in stored.items()}
    return people


def _root_above(session: Session, code: str, *, today: date) -> str:
    return load_ancestors(session, [code], today=today)[code][-1]


def _managers(session: Session, people: Iterable[Person]) -> dict[int, str]:
    """Return the codes of the units that manage some of the people, asked only where there are any."""
    ids = {person.managed_by_unit_id for person in people} - {None}
    if not ids:
        return {}
    return {row.id: row.code for row in session.execute(select(Unit.id, Unit.code).where(Unit.id.in_(ids)))}


def _covered(session: Session, round_id: int | None, codes: Iterable[str]) -> frozenset[str]:
    """Return which of the awards the round is held for; a round that names none is held for all."""
    named = set(
        session.scalars(
            select(Award.code)
            .join(RoundAward, RoundAward.award_id == Award.id)
            .where(RoundAward.round_id == round_id)
        )
    )
    return frozenset(code for code in codes if not named or code in named)
