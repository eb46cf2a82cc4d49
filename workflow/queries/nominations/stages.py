"""The line of stages of a nomination: which it reached and when, where it is, which are ahead."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from workflow.domain.route.definition import Definition
from workflow.domain.route.forecast import steps_ahead
from workflow.domain.vocabulary import FINAL_STAGES, Stage, SubjectKind
from workflow.store.database import local_day


@dataclass(frozen=True, slots=True)
class StageReached:
    """One stage of the line, with the day it was reached; None while it is ahead.

    `is_annulled`: the end of one whose award was annulled, on the day of that decision.
    """

    stage: Stage
    reached_on: date | None
    is_current: bool
    is_annulled: bool = False


def stages_of(session: Session, row: Row[Any], definition: Definition) -> tuple[StageReached, ...]:
    """Return the line of a nomination by its row (`stays`, `stage`, `state`, `closed_at`, `annulled_on`).

    What came back has the stages that it must pass again ahead; one that this nomination never passes, as
    clusters for a person, is no part of its line.
    """
    stage = Stage(row.stage)
    passed = passed_stages(row.stays or ())
    if stage in FINAL_STAGES and row.closed_at is not None:
        passed[Stage.APPROVED if row.annulled_on else stage] = row.closed_at
    line = [StageReached(one, local_day(session, at), one == stage) for one, at in passed.items()]
    if row.annulled_on:
        return (*line, StageReached(stage, row.annulled_on, is_current=True, is_annulled=True))
    if stage in FINAL_STAGES:
        return tuple(line)
    ahead = [step.stage for step in steps_ahead(definition, row.state, SubjectKind(row.subject_kind))]
    ahead = [one for one in dict.fromkeys([*ahead, Stage.APPROVED]) if one not in passed]
    return (*line, *(StageReached(one, None, is_current=False) for one in ahead))


def passed_stages(stays: Sequence[Mapping[str, Any]]) -> dict[Stage, datetime]:
    """Return the stages passed and not undone by a return, each with when it was entered last."""
    path: dict[Stage, datetime] = {}
    before = None
    for stay in stays:
        stage = Stage(stay["stage"])
        if stage == before or stage in FINAL_STAGES:
            continue
        if stage in path:
            kept = list(path)[: list(path).index(stage)]
            path = {one: path[one] for one in kept}
        path[stage] = datetime.fromisoformat(stay["entered_at"])
        before = stage
    return path
