"""The stays in steps that an analysis is about: filtered, seen by its reader, with what came of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, CompoundSelect, Select, false, or_, select, true, union_all
from sqlalchemy.orm import InstrumentedAttribute, Session

from workflow.domain.errors import FieldError, InvalidField
from workflow.domain.vocabulary import OPEN_STAGES, Ending, Stage
from workflow.queries.waiting.readers import Reader
from workflow.store.awards import Award, AwardEdition, Round, WorkflowDefinition
from workflow.store.codes import Codes, meant_code, spellings
from workflow.store.conditions import open_work_of
from workflow.store.nominations import Nomination, Visit, WorkItem
from workflow.store.organisation import Unit
from workflow.store.visible import visible


@dataclass(frozen=True, slots=True)
class VisitFilters:
    """Which stays to look at; None leaves nothing out.

    Those entered from `since` on and before `until`. Workflow, unit, award and round are codes.
    """

    since: datetime | None = None
    until: datetime | None = None
    workflow: str | None = None
    stage: str | None = None
    unit: str | None = None
    award: str | None = None
    round: str | None = None


EVERY_VISIT: Final = VisitFilters()


@dataclass(frozen=True, slots=True)
class Chosen:
    """The same filters as the rows they name; None leaves nothing out."""

    since: datetime | None
    until: datetime | None
    stage: Stage | None
    unit_id: int | None
    round_id: int | None
    edition_ids: Sequence[int] | None
    definition_ids: Sequence[int] | None


def choose(session: Session, filters: VisitFilters) -> Chosen:
    """Return the rows that the filters name, however their codes were typed.

    Raises `InvalidField` naming each that names nothing: no row would then say that nothing waits there.
    """
    errors: list[FieldError] = []

    def stored(field: str, column: Codes, word: str | None) -> str | None:
        code = spellings(session, column, [word]).get(word) if word else None
        if word and code is None:
            problem = f"there is no {field} '{word}'{meant_code(session, column, word)}"
            errors.append(FieldError(field, problem))
        return code

    unit = stored("unit", Unit.code, filters.unit)
    award = stored("award", Award.code, filters.award)
    code = stored("round", Round.code, filters.round)
    workflow = stored("workflow", WorkflowDefinition.key, filters.workflow)
    if filters.stage is not None and filters.stage not in set(Stage):
        errors.append(FieldError("stage", f"is not one of {', '.join(Stage)}"))
    if filters.since is not None and filters.until is not None and filters.until <= filters.since:
        errors.append(FieldError("to", "is before 'from'"))
    if errors:
        message = "; ".join(f"{error.field}: {error.message}" for error in errors)
        raise InvalidField(message, errors=errors)
    editions = select(AwardEdition.id).join(Award, Award.id == AwardEdition.award_id)
    definitions = select(WorkflowDefinition.id).where(WorkflowDefinition.key == workflow)
    return Chosen(
        since=filters.since,
        until=filters.until,
        stage=Stage(filters.stage) if filters.stage else None,
        unit_id=session.scalar(select(Unit.id).where(Unit.code == unit)) if unit else None,
        round_id=session.scalar(select(Round.id).where(Round.code == code)) if code else None,
        edition_ids=session.scalars(editions.where(Award.code == award)).all() if award else None,
        definition_ids=session.scalars(definitions).all() if workflow else None,
    )


def visits_of(
    reader: Reader, chosen: Chosen, *, ended: Sequence[ColumnElement[bool]] = (true(),)
) -> CompoundSelect[*tuple[Any, ...]]:
    """Return the stays of a reader: when entered, first claimed, left and due, and which time here it is.

    All that may be counted; `is_named` says of each whether it may be named too. `is_finished` are those that
    ended by a move: not what its author withdrew, its sender took back or a replay gave up. Of those that
    ended, such are meant as meet one of the conditions; none meets two.
    """
    is_moved = or_(Visit.ended.is_(None), Visit.ended == Ending.MOVED)
    # What is open says when it was taken by its work, which may still be given back and taken anew.
    still_open = _stays(reader, chosen, WorkItem.first_claimed_at, false())
    over = _stays(reader, chosen, Visit.first_claimed_at, is_moved)
    is_in_open_stage = Nomination.stage.in_(OPEN_STAGES)
    # Each is read through an index of its own, and only open ones are joined with their work. That their
    # nominations stand in open stages follows; said, it spares a look at all that ever were.
    return union_all(
        still_open.outerjoin(WorkItem, open_work_of(Visit)).where(Visit.left_at.is_(None), is_in_open_stage),
        *(over.where(Visit.left_at.is_not(None), condition) for condition in ended),
    )


def _stays(
    reader: Reader,
    chosen: Chosen,
    first_claimed_at: InstrumentedAttribute[Any],
    is_finished: ColumnElement[bool],
) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Visit.id,
            Visit.nomination_id,
            Visit.step,
            Visit.stage,
            Visit.entered_at,
            Visit.left_at,
            Visit.due_at,
            Visit.nth,
            Visit.working_minutes,
            Visit.waiting_minutes,
            Visit.service_minutes,
            Visit.holds,
            is_finished.label("is_finished"),
            first_claimed_at.label("first_claimed_at"),
            WorkflowDefinition.key.label("workflow"),
            Nomination.definition_id,
            Nomination.unit_id,
            Nomination.subject_name,
            visible(reader.scope).label("is_named"),
        )
        .join(Nomination, Nomination.id == Visit.nomination_id)
        .join(WorkflowDefinition, WorkflowDefinition.id == Nomination.definition_id)
        .where(reader.counted, *conditions_of(chosen))
    )


def conditions_of(chosen: Chosen) -> list[ColumnElement[bool]]:
    """Return what is chosen as conditions of a stay beside its nomination; what was undone never counts."""
    tests: tuple[tuple[Any, Any], ...] = (
        (Visit.entered_at.__ge__, chosen.since),
        (Visit.entered_at.__lt__, chosen.until),
        (Visit.stage.__eq__, chosen.stage),
        (Nomination.unit_id.__eq__, chosen.unit_id),
        (Nomination.round_id.__eq__, chosen.round_id),
        (Nomination.award_edition_id.in_, chosen.edition_ids),
        (Nomination.definition_id.in_, chosen.definition_ids),
    )
    return [Visit.voided_at.is_(None), *(test(value) for test, value in tests if value is not None)]
