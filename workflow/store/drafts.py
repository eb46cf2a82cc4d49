"""What the codes of drafts mean today: one look-up for all of them, be it one draft or a whole list."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from workflow.domain.vocabulary import SubjectKind
from workflow.store.awards import Award, AwardEdition, Round, RoundAward, WorkflowDefinition
from workflow.store.organisation import Person, Unit, UnitEdition


@dataclass(frozen=True, slots=True)
class AwardChoice:
    """The edition of an award in force, whom it honours and the definition its nominations run on.

    `definition_id` is the newest published version, None where none is.
    """

    edition_id: int
    subject_kind: SubjectKind
    workflow_key: str
    definition_id: int | None


@dataclass(frozen=True, slots=True)
class Choices:
    """The rows that a draft's codes name; None where a code names nothing.

    `is_award_covered` says whether the round is held for this award too.
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


@dataclass(frozen=True, slots=True)
class Roster:
    """What all the codes of one unit's drafts in one round mean: awards and people by code."""

    round_id: int | None
    unit_id: int | None
    unit_name: str
    awards: Mapping[str, AwardChoice]
    covered: frozenset[str]
    people: Mapping[str, Person]

    def choices(self, award_code: str, person_code: str | None) -> Choices:
        """Return what one draft's codes name."""
        person = self.people.get(person_code) if person_code else None
        return Choices(
            round_id=self.round_id,
            award=self.awards.get(award_code),
            unit_id=self.unit_id,
            unit_name=self.unit_name,
            person_id=person.id if person else None,
            person_name=person.name if person else "",
            person_position=person.position if person else "",
            person_unit_id=person.unit_id if person else None,
            is_award_covered=award_code in self.covered,
        )


def load_roster(
    session: Session,
    *,
    round_code: str,
    unit_code: str,
    award_codes: Iterable[str],
    person_codes: Iterable[str],
    today: date,
) -> Roster:
    """Return what the codes name; only open rounds, and award and unit editions valid today, count."""
    people_wanted, awards_wanted = sorted(set(person_codes)), sorted(set(award_codes))
    unit = session.execute(
        select(Unit.id, UnitEdition.name)
        .join(UnitEdition, UnitEdition.unit_id == Unit.id)
        .where(
            Unit.code == unit_code,
            UnitEdition.valid_from <= today,
            or_(UnitEdition.valid_to.is_(None), UnitEdition.valid_to > today),
        )
    ).one_or_none()
    round_id = session.scalar(select(Round.id).where(Round.code == round_code, Round.closed_at.is_(None)))
    people = session.scalars(select(Person).where(Person.code.in_(people_wanted))) if people_wanted else ()
    return Roster(
        round_id=round_id,
        unit_id=unit and unit.id,
        unit_name=unit.name if unit else "",
        awards=load_awards(session, awards_wanted, today=today),
        covered=_covered(session, round_id, awards_wanted),
        people={person.code: person for person in people},
    )


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
            newest.label("definition_id"),
        )
        .ext(distinct_on(Award.code))
        .join(Award, Award.id == AwardEdition.award_id)
        .where(
            Award.code.in_(sorted(set(codes))),
            AwardEdition.valid_from <= today,
            or_(AwardEdition.valid_to.is_(None), AwardEdition.valid_to > today),
        )
        .order_by(Award.code, AwardEdition.valid_from.desc(), AwardEdition.id.desc())
    )
    return {
        row.code: AwardChoice(row.id, SubjectKind(row.subject_kind), row.workflow_key, row.definition_id)
        for row in rows
    }


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
