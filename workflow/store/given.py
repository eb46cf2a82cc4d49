"""What was given, out of both places: nominations that were decided here, and lists of earlier years."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    ScalarSelect,
    Select,
    Subquery,
    and_,
    cast,
    exists,
    false,
    func,
    literal,
    not_,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from workflow.domain.vocabulary import AwardLevel, BuiltIn, DecisionKind, Stage, SubjectKind, UpperOutcome
from workflow.store.awards import AwardEdition, Round
from workflow.store.base import among
from workflow.store.history import Event
from workflow.store.nominations import Decision, Nomination
from workflow.store.records import PastAward

_upper = aliased(Decision, name="upper_decision")
_signed = aliased(Decision, name="signed")


def was_given() -> ColumnElement[bool]:
    """Return the condition that a nomination brought its award; join its edition outside.

    One that went up to be decided above has not before the answer came.
    """
    return and_(
        Nomination.stage == Stage.APPROVED,
        or_(
            Nomination.upper_outcome == UpperOutcome.AWARDED,
            and_(AwardEdition.level != AwardLevel.STATE, not_(_went_up())),
        ),
    )


def was_given_or_awaits() -> ColumnElement[bool]:
    """Return the condition that it was given, or went up and the answer has not come."""
    is_refused = Nomination.upper_outcome.is_not_distinct_from(UpperOutcome.NOT_AWARDED)
    return and_(Nomination.stage == Stage.APPROVED, not_(is_refused))


def was_decided() -> ColumnElement[bool]:
    """Return the condition that it did so once: the award stands, or was annulled after it was given."""
    return or_(was_given(), Nomination.annulment_id.is_not(None))


def stood_until(told_by: datetime) -> ScalarSelect[Any]:
    """Return the state that an award stood in until it was annulled later than that; null for any other.

    Whom it is about reads of an annulment when it cannot be taken back unseen any more, as of the award.
    """
    return (
        select(Event.source)
        .where(
            Nomination.annulment_id.is_not(None),
            Event.stream == func.concat("nomination:", Nomination.id),
            Event.action == BuiltIn.ANNUL,
            Event.recorded_at > told_by,
        )
        .order_by(Event.seq.desc())
        .limit(1)
        .scalar_subquery()
    )


def given_to(
    person_ids: Iterable[int],
    *,
    told_by: datetime | None = None,
    unit_id: int | None = None,
    with_annulled: bool = False,
) -> Subquery:
    """Return the awards of people, one row for each person, award and year however often it is told.

    What was decided here goes before what a list says of the same: it has the file. With `told_by` nothing is
    that was decided later, or annulled: whom it is about reads it when nobody can undo it any more. With
    `unit_id` there are those of this unit itself too, in rows without a person. What was annulled is left
    out, whatever a list says of it, unless asked for (`with_annulled`): then its rows say so in
    `is_annulled`.
    """
    ids = frozenset(person_ids)
    decided, listed = (
        statement.where(or_(among(of.person_id, ids), _is_of_unit(of, unit_id)))
        for statement, of in ((_decided(told_by), Nomination), (_listed(), PastAward))
    )
    if told_by is not None:
        decided = decided.where(Nomination.closed_at <= told_by)
    both = union_all(decided, listed).subquery("told")
    same = (both.c.person_id, both.c.award_id, both.c.year)
    first = (both.c.nomination_id.is_(None), both.c.is_annulled, both.c.nomination_id)
    one = select(both).ext(distinct_on(*same)).order_by(*same, *first).subquery("given")
    return one if with_annulled else select(one).where(not_(one.c.is_annulled)).subquery("given_still")


def _went_up() -> ColumnElement[bool]:
    """Return the condition that what was signed here submits it upward, to whoever decides on it."""
    return exists().where(
        _signed.id == Nomination.decision_id, _signed.kind == DecisionKind.SUBMISSION_UPWARD
    )


def newest_titles() -> Subquery:
    """Return each award by the names of its newest edition."""
    return (
        select(AwardEdition.award_id, AwardEdition.name_vi, AwardEdition.name_en)
        .ext(distinct_on(AwardEdition.award_id))
        .order_by(AwardEdition.award_id, AwardEdition.valid_from.desc(), AwardEdition.id.desc())
        .subquery("titles")
    )


def _is_of_unit(of: type[Nomination] | type[PastAward], unit_id: int | None) -> ColumnElement[bool]:
    """Return the condition of what a unit itself was given, of none without one."""
    if unit_id is None:
        return false()
    return and_(of.subject_kind == SubjectKind.COLLECTIVE, of.unit_id == unit_id)


def _decided(told_by: datetime | None) -> Select[*tuple[Any, ...]]:
    is_annulled: ColumnElement[bool] = Nomination.annulment_id.is_not(None)
    if told_by is not None:
        is_annulled = and_(is_annulled, stood_until(told_by).is_(None))
    return (
        select(
            Nomination.person_id,
            AwardEdition.award_id,
            Round.year,
            func.coalesce(_upper.number, Decision.number, "").label("number"),
            func.coalesce(_upper.decided_on, Decision.decided_on).label("decided_on"),
            Nomination.unit_id,
            literal("").label("unit_name"),
            Nomination.id.label("nomination_id"),
            is_annulled.label("is_annulled"),
        )
        .join(AwardEdition, AwardEdition.id == Nomination.award_edition_id)
        .join(Round, Round.id == Nomination.round_id)
        .outerjoin(Decision, Decision.id == Nomination.decision_id)
        .outerjoin(_upper, _upper.id == Nomination.upper_decision_id)
        .where(was_decided())
    )


def _listed() -> Select[*tuple[Any, ...]]:
    return select(
        PastAward.person_id,
        PastAward.award_id,
        PastAward.year,
        PastAward.number,
        PastAward.decided_on,
        PastAward.unit_id,
        PastAward.unit_name,
        cast(null(), BigInteger).label("nomination_id"),
        false().label("is_annulled"),
    )
