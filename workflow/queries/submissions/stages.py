"""The line of stages of a whole list: how many names reached each and when, where they are, until when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from workflow.domain.rights.scope import Scope
from workflow.domain.vocabulary import FINAL_STAGES, Stage
from workflow.queries.nominations.stages import StageReached, stages_of
from workflow.store.clusters import kind_of_cluster
from workflow.store.conditions import open_work_of
from workflow.store.definitions import shown_definition
from workflow.store.nominations import Decision, Nomination, Visit, WorkItem
from workflow.store.visible import visible

MOST_NAMES: Final = 2000
"""Of so many names of a list the line is told."""


@dataclass(frozen=True, slots=True)
class ListStage:
    """One stage of a list's line: of so many names that pass it, how many reached it, and how many are there.

    Between which days they reached it, None while it is ahead of all; when the first of those there is due.
    The one that `is_current` is the first in which any name is that still goes on; where none does, the last.
    `cluster_kind` is that of the unit's cluster in the round, null without one.
    """

    stage: Stage
    cluster_kind: str | None
    of: int
    reached: int
    here: int
    first_on: date | None
    last_on: date | None
    due_at: datetime | None
    is_current: bool


_stays = (
    select(
        func.jsonb_agg(
            aggregate_order_by(
                func.jsonb_build_object("stage", Visit.stage, "entered_at", Visit.entered_at), Visit.ordinal
            )
        )
    )
    .where(Visit.nomination_id == Nomination.id, Visit.voided_at.is_(None))
    .scalar_subquery()
)
_NAMES: Final = (
    select(
        Nomination.stage,
        Nomination.state,
        Nomination.subject_kind,
        Nomination.definition_id,
        Nomination.closed_at,
        select(Decision.decided_on)
        .where(Decision.id == Nomination.annulment_id)
        .scalar_subquery()
        .label("annulled_on"),
        WorkItem.due_at,
        kind_of_cluster().label("cluster_kind"),
        _stays.label("stays"),
    )
    .outerjoin(WorkItem, open_work_of(Nomination))
    .where(Nomination.submission_id == bindparam("submission_id"))
    .order_by(Nomination.id)
    .limit(MOST_NAMES)
)


def list_stages(session: Session, *, scope: Scope, submission_id: int) -> tuple[ListStage, ...]:
    """Return the line of the names of a list that the reader sees; of none there is no line."""
    rows = session.execute(_NAMES.where(visible(scope)), {"submission_id": submission_id}).all()
    return _line(
        [(row, stages_of(session, row, shown_definition(session, row.definition_id))) for row in rows]
    )


def _line(names: Iterable[tuple[Row[Any], tuple[StageReached, ...]]]) -> tuple[ListStage, ...]:
    found: dict[Stage, list[tuple[Row[Any], StageReached]]] = {}
    for row, line in names:
        for one in line:
            found.setdefault(one.stage, []).append((row, one))
    inside = [stage for stage in Stage if stage in found]
    going = [stage for stage in inside if stage not in FINAL_STAGES and _here(found[stage])]
    current = going[0] if going else next((stage for stage in reversed(inside) if _here(found[stage])), None)
    return tuple(_stage(stage, found[stage], is_current=stage is current) for stage in inside)


def _here(passing: list[tuple[Row[Any], StageReached]]) -> list[Row[Any]]:
    return [row for row, one in passing if one.is_current]


def _stage(stage: Stage, passing: list[tuple[Row[Any], StageReached]], *, is_current: bool) -> ListStage:
    days = [one.reached_on for _, one in passing if one.reached_on is not None]
    here = _here(passing)
    return ListStage(
        stage=stage,
        # All names of a list are of one unit and one round.
        cluster_kind=passing[0][0].cluster_kind,
        of=len(passing),
        reached=len(days),
        here=len(here),
        first_on=min(days, default=None),
        last_on=max(days, default=None),
        due_at=min((row.due_at for row in here if row.due_at is not None), default=None),
        is_current=is_current,
    )
