"""What the codes of a draft mean today: one look-up for all of them."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from workflow.domain.vocabulary import SubjectKind
from workflow.store.awards import Award, AwardEdition, Round
from workflow.store.organisation import Person, Unit, UnitEdition


@dataclass(frozen=True, slots=True)
class AwardChoice:
    """The edition of an award in force, whom it honours and the definition its nominations run on."""

    edition_id: int
    subject_kind: SubjectKind
    workflow_key: str


@dataclass(frozen=True, slots=True)
class Choices:
    """The rows that a draft's codes name; None where a code names nothing."""

    round_id: int | None
    award: AwardChoice | None
    unit_id: int | None
    unit_name: str
    person_id: int | None
    person_name: str
    person_position: str
    person_unit_id: int | None


def load_choices(
    session: Session,
    *,
    round_code: str,
    award_code: str,
    unit_code: str,
    person_code: str | None,
    today: date,
) -> Choices:
    """Return what each code names; only open rounds, and award and unit editions valid today, count."""
    person = session.scalar(select(Person).where(Person.code == person_code)) if person_code else None
    unit = session.execute(
        select(Unit.id, UnitEdition.name)
        .join(UnitEdition, UnitEdition.unit_id == Unit.id)
        .where(
            Unit.code == unit_code,
            UnitEdition.valid_from <= today,
            or_(UnitEdition.valid_to.is_(None), UnitEdition.valid_to > today),
        )
    ).one_or_none()
    return Choices(
        round_id=session.scalar(select(Round.id).where(Round.code == round_code, Round.closed_at.is_(None))),
        award=load_award(session, award_code, today=today),
        unit_id=unit and unit.id,
        unit_name=unit.name if unit else "",
        person_id=person.id if person else None,
        person_name=person.name if person else "",
        person_position=person.position if person else "",
        person_unit_id=person.unit_id if person else None,
    )


def load_award(session: Session, code: str, *, today: date) -> AwardChoice | None:
    """Return the newest edition of an award in force today, or None."""
    row = session.execute(
        select(AwardEdition.id, AwardEdition.subject_kind, AwardEdition.workflow_key)
        .join(Award, Award.id == AwardEdition.award_id)
        .where(
            Award.code == code,
            AwardEdition.valid_from <= today,
            or_(AwardEdition.valid_to.is_(None), AwardEdition.valid_to > today),
        )
        .order_by(AwardEdition.valid_from.desc(), AwardEdition.id.desc())
        .limit(1)
    ).one_or_none()
    return row and AwardChoice(row.id, SubjectKind(row.subject_kind), row.workflow_key)
