"""The little open work that a unit, a number or a name can mean: found by its index, no inbox is walked."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select, true
from sqlalchemy.orm import Session

from workflow.store.base import among
from workflow.store.conditions import open_work_of
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.submissions import ExpectedReturn

MOST_FEW: Final = 1_000
"""So much work is looked up by itself; of more, what an inbox has of it comes soon on any way."""

_MOST_UNITS: Final = 12
"""Of so many units all that they ever nominated is gone through, which is by an index and by nothing else."""

_MOST_LOOKED_UP: Final = 200
_MOST_OF_ONE: Final = 100


def few_works(session: Session, told: Mapping[str, Any]) -> Sequence[UUID] | None:
    """Return the open work that filters may leave, None where it is much or no index finds it.

    `told` is what `narrowing` says. Each filter is still asked of what is found.
    """
    units: Sequence[int] | None = told.get("units")
    if units is not None:
        return _found(session, _of_units(units)) if len(units) <= _MOST_UNITS else None
    if told.get("q_units") is None or told.get("q_like") is not None:
        return None
    return _meant_by_words(session, told)


def _meant_by_words(session: Session, told: Mapping[str, Any]) -> Sequence[UUID] | None:
    """Return the work of few names, units, numbers of lists or of a file in which the words stand."""
    units: Sequence[int] = told["q_units"]
    names: Sequence[str] = told["q_names"]
    papers: Sequence[int] | None = told["q_papers"]
    if papers is None or len(papers) > _MOST_LOOKED_UP or len(units) > _MOST_UNITS:
        return None
    sources = list(_of_units(units)) if units else []
    if names:
        sources.append(_of_nominations(among(Nomination.name_search, names)))
    if papers:
        sources.append(_of_nominations(among(Nomination.submission_id, papers)))
    if told["q_number"] is not None:
        sources.append(_of_nominations(Nomination.id == told["q_number"]))
    return _found(session, sources)


def _of_units(units: Sequence[int]) -> tuple[Select[UUID], ...]:
    is_owed = ExpectedReturn.sent_at.is_(None), ExpectedReturn.answered_at.is_(None)
    return (
        _of_nominations(among(Nomination.unit_id, units)),
        _open_of(ExpectedReturn).where(among(ExpectedReturn.unit_id, units), *is_owed),
    )


def _of_nominations(condition: ColumnElement[bool]) -> Select[UUID]:
    return _open_of(Nomination).where(condition)


def _open_of(root: type[Nomination] | type[ExpectedReturn]) -> Select[UUID]:
    """Return the statement of the open work of rows, asked of each: else a planner reads all that is open."""
    work = select(WorkItem.id).where(open_work_of(root)).correlate(root).limit(_MOST_OF_ONE).lateral("work")
    return select(work.c.id).select_from(root).join(work, true())


def _found(session: Session, sources: Iterable[Select[UUID]]) -> Sequence[UUID] | None:
    found: set[UUID] = set()
    for source in sources:
        found.update(session.scalars(source.limit(MOST_FEW + 1)))
    return sorted(found) if len(found) <= MOST_FEW else None
