"""Submissions read under lock, and the scope of readers rendered to SQL."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, true
from sqlalchemy.orm import Session

from workflow.domain.rights.scope import Scope
from workflow.store.awards import Round
from workflow.store.base import among
from workflow.store.nominations import Nomination
from workflow.store.organisation import Unit
from workflow.store.proposed import has_left_its_unit
from workflow.store.sightings import units_named
from workflow.store.submissions import Submission
from workflow.store.visible import units_seen_by_any, visible, visible_to_any

_UNIT_SEAT = "unit:"


@dataclass(frozen=True, slots=True)
class LockedSubmission:
    """One submission under lock.

    `has_left` says whether any name of its list has left the unit, which freezes the submission; `names_any`
    whether the reader may name any of its list.
    """

    id: int
    round_id: int
    round_code: str
    unit_id: int
    unit_code: str
    decider: str
    number: str
    signed_on: date | None
    signer: str
    version: int
    has_left: bool
    names_any: bool


def has_left() -> ColumnElement[bool]:
    """Return the condition that a name of the submission's list has left the unit."""
    return exists().where(Nomination.submission_id == Submission.id, has_left_its_unit())


def visible_submissions(scope: Scope) -> ColumnElement[bool]:
    """Return the condition of the submissions a scope sees: the twin of `sees_submission`.

    For statements that join `Unit` to the submission.
    """
    if scope.is_everything:
        return true()
    codes = sorted(seat.removeprefix(_UNIT_SEAT) for seat in scope.seats if seat.startswith(_UNIT_SEAT))
    return or_(
        among(Submission.unit_id, scope.units),
        among(Unit.code, codes),
        # Few submissions are of a unit of which anything is seen, and only their lists are looked into.
        and_(Submission.unit_id.in_(units_named(scope)), _names_any(scope)),
    )


def submission_visible_to_any() -> ColumnElement[bool]:
    """Return the same of what a scope sees that is told when the statement runs, by `scope_values`.

    For one submission, looked up by its id: its list is read, whoever looks. Join `Unit` to it.
    """
    listed = exists().where(Nomination.submission_id == Submission.id, visible_to_any())
    return or_(units_seen_by_any(), listed.correlate_except(Nomination))


def lock_submissions(
    session: Session, ids: Iterable[int], *, scope: Scope, with_names: bool = False
) -> dict[int, LockedSubmission]:
    """Lock submissions in order of id and return them; those absent are left out.

    Before the nominations of their lists are locked: submission, then nomination, everywhere. For what must
    not happen in the instant in which a name leaves, those are locked here too, `with_names`.
    """
    wanted = sorted(set(ids))
    lock = select(Submission.id).where(among(Submission.id, wanted)).order_by(Submission.id)
    session.execute(lock.with_for_update(key_share=True)).all()
    if with_names:
        lock_listed(session, wanted)
    rows = session.execute(_read(scope).where(among(Submission.id, wanted)).order_by(Submission.id))
    return {row.id: LockedSubmission(*row) for row in rows}


def lock_listed(session: Session, submission_ids: Sequence[int]) -> None:
    """Lock the nominations of locked submissions in order of id: whoever moves one moves it before or after.

    What is read of them after this is how they stand.
    """
    lock = select(Nomination.id).where(Nomination.submission_id.in_(submission_ids)).order_by(Nomination.id)
    session.execute(lock.with_for_update(key_share=True)).all()


def _read(scope: Scope) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Submission.id,
            Submission.round_id,
            Round.code,
            Submission.unit_id,
            Unit.code,
            Submission.decider,
            Submission.number,
            Submission.signed_on,
            Submission.signer,
            Submission.version,
            has_left(),
            _names_any(scope),
        )
        .join(Round, Round.id == Submission.round_id)
        .join(Unit, Unit.id == Submission.unit_id)
    )


def _names_any(scope: Scope) -> ColumnElement[bool]:
    return exists().where(and_(Nomination.submission_id == Submission.id, visible(scope)))
