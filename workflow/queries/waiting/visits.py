"""The stays in steps that an analysis is about: filtered, seen by its reader, with what happened in each."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from workflow.domain.rights.scope import Depth, Scope
from workflow.domain.vocabulary import Stage
from workflow.store.awards import Award, AwardEdition, Round, WorkflowDefinition
from workflow.store.codes import stored_code
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
    stage: Stage | None = None
    unit: str | None = None
    award: str | None = None
    round: str | None = None


EVERY_VISIT: Final = VisitFilters()


def as_stored(session: Session, filters: VisitFilters) -> VisitFilters:
    """Return the filters with the codes of unit, award and round as they are stored."""
    return replace(
        filters,
        unit=filters.unit and stored_code(session, Unit.code, filters.unit),
        award=filters.award and stored_code(session, Award.code, filters.award),
        round=filters.round and stored_code(session, Round.code, filters.round),
    )


def visits_of(scope: Scope, filters: VisitFilters) -> Select[*tuple[Any, ...]]:
    """Return the stays of the scope: when entered, first claimed, left and due, and which time here it is.

    All that may be counted; `is_named` says of each whether it may be named too.
    `nth` counts the stays of one nomination in one step, whether the filters show the earlier ones or not.
    """
    nth = func.row_number().over(partition_by=(Visit.nomination_id, Visit.step), order_by=Visit.ordinal)
    numbered = (
        select(
            Visit.id,
            Visit.nomination_id,
            Visit.step,
            Visit.stage,
            Visit.entered_at,
            Visit.left_at,
            Visit.due_at,
            Nomination.definition_id,
            Nomination.subject_name,
            visible(scope).label("is_named"),
            Unit.code.label("unit"),
            nth.label("nth"),
        )
        .join(Nomination, Nomination.id == Visit.nomination_id)
        .join(Unit, Unit.id == Nomination.unit_id)
        .where(visible(scope, Depth.COUNT), *_of_nominations(filters))
        .subquery("numbered")
    )
    column = numbered.c
    statement = select(numbered, WorkItem.first_claimed_at).outerjoin(
        WorkItem, WorkItem.visit_id == column.id
    )
    if filters.since is not None:
        statement = statement.where(column.entered_at >= filters.since)
    if filters.until is not None:
        statement = statement.where(column.entered_at < filters.until)
    if filters.stage is not None:
        statement = statement.where(column.stage == filters.stage)
    return statement


def _of_nominations(filters: VisitFilters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.unit is not None:
        conditions.append(Unit.code == filters.unit)
    if filters.workflow is not None:
        definitions = select(WorkflowDefinition.id).where(WorkflowDefinition.key == filters.workflow)
        conditions.append(Nomination.definition_id.in_(definitions))
    if filters.award is not None:
        editions = select(AwardEdition.id).join(Award, Award.id == AwardEdition.award_id)
        conditions.append(Nomination.award_edition_id.in_(editions.where(Award.code == filters.award)))
    if filters.round is not None:
        rounds = select(Round.id).where(Round.code == filters.round)
        conditions.append(Nomination.round_id.in_(rounds))
    return conditions
