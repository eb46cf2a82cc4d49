"""What a list of nominations is narrowed to, in the words of addresses, and the conditions that follow."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import SQLColumnExpression, and_, or_, select
from sqlalchemy.orm import Session

from workflow.domain.names import name_search
from workflow.domain.only import read_runs
from workflow.domain.route.forecast import HOME_STAGES
from workflow.domain.route.states import BUILT_IN_STATES
from workflow.domain.vocabulary import OPEN_STAGES, Stage, WorkKind
from workflow.queries.progress import Progress, marks_of, matching
from workflow.store.awards import Award, AwardEdition, Round
from workflow.store.base import among
from workflow.store.codes import stored_code
from workflow.store.definitions import published_routes
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.organisation import Unit
from workflow.store.sightings import few_names, is_called


class Order(StrEnum):
    """How the list runs."""

    NEWEST = "newest"
    DUE = "due"


class Flag(StrEnum):
    """What can be true of a nomination beside its stage."""

    HELD = "held"
    ASKED = "asked"
    LATE = "late"
    UNCLAIMED = "unclaimed"


@dataclass(frozen=True, slots=True)
class NominationFilters:
    """What to leave out of the list; None leaves nothing out. Unit, round and award are codes.

    `q` is searched in the names of those nominated, without marks or case. `progress` is a word that the
    board of a round counts by. `only` names nominations by number, runs as first-last (`12,15-18`).
    """

    stage: Stage | None = None
    state: str | None = None
    unit: str | None = None
    round: str | None = None
    award: str | None = None
    q: str | None = None
    flag: Flag | None = None
    progress: Progress | None = None
    only: str | None = None
    order: Order = Order.NEWEST

    @property
    def is_of_work(self) -> bool:
        """Tell whether open work is asked about, not the nomination alone."""
        return self.order is Order.DUE or self.flag in _OF_WORK or self.progress is not None

    @property
    def is_late(self) -> bool:
        """Tell whether only what is past its due date is asked for: the first of the list by due date."""
        return self.flag is Flag.LATE or self.progress is Progress.OVERDUE


_OF_WORK: Final = frozenset({Flag.ASKED, Flag.LATE, Flag.UNCLAIMED})
# What is asked of an index that holds nothing else.
_FEW: Final = frozenset({Flag.HELD, Progress.HELD, Progress.ANNULLED})
_OPEN, _HOME = frozenset(OPEN_STAGES), frozenset(HOME_STAGES)
_STAGES: Final[Mapping[Flag | Progress, frozenset[Stage]]] = {
    **dict.fromkeys((*_OF_WORK, Progress.OVERDUE, Progress.ASKED), _OPEN),
    Progress.RETURNED: _HOME,
    Progress.DECIDED: frozenset({Stage.APPROVED}),
    Progress.UPWARD: frozenset({Stage.APPROVED}),
    Progress.REJECTED: frozenset({Stage.REJECTED}),
    Progress.WITHDRAWN: frozenset({Stage.WITHDRAWN}),
}
"""In which stages a word leaves nominations to stand: open work is of open ones."""
NO_FILTERS: Final = NominationFilters()
Conditions = list[SQLColumnExpression[bool]]


def may_meet_few(session: Session, filters: NominationFilters) -> bool:
    """Return whether hardly anything may be left of much, and no index holds just that.

    A unit, a round, numbers and few names bound a list, and so do holds and annulments.
    """
    is_bound = (
        filters.unit is not None
        or filters.round is not None
        or filters.only is not None
        or not _FEW.isdisjoint({filters.flag, filters.progress})
        or (filters.q is not None and few_names(session, name_search(filters.q)) is not None)
    )
    return not is_bound and replace(filters, order=Order.NEWEST) != NO_FILTERS


def stages_of(session: Session, filters: NominationFilters) -> frozenset[Stage] | None:
    """Return in which stages alone it may stand, by all that is asked; None where that says nothing."""
    asked = [
        frozenset({filters.stage}) if filters.stage is not None else None,
        _stages_of(session, filters.state) if filters.state is not None else None,
        *(_STAGES.get(word) for word in (filters.flag, filters.progress) if word is not None),
    ]
    said = [stages for stages in asked if stages is not None]
    return frozenset.intersection(*said) if said else None


def in_stages(stages: frozenset[Stage] | None) -> Conditions:
    """Return the condition of those stages: one alone is walked in order by its index."""
    if stages is None:
        return []
    return [Nomination.stage == next(iter(stages)) if len(stages) == 1 else among(Nomination.stage, stages)]


def _stages_of(session: Session, state: str) -> frozenset[Stage] | None:
    """Return the stages of the steps of that name on any route, None where a route cannot be read."""
    routes = published_routes(session).values()
    if not all(route.steps for route in routes):
        return None
    return frozenset(
        route.stage_of(state) for route in routes if state in BUILT_IN_STATES or route.has_step(state)
    )


def conditions_of(session: Session, filters: NominationFilters, now: datetime) -> Conditions:
    """Return what is asked of nominations, and of their open work where `is_of_work`."""
    of_stages = in_stages(stages_of(session, filters))
    return [*of_stages, *_in_parts(session, filters), *_asked(session, filters, now)]


def _in_parts(session: Session, filters: NominationFilters) -> Iterator[SQLColumnExpression[bool]]:
    # By id, not by the code beside it: so the planner walks the part of the list that it is narrowed to.
    parts = ((Nomination.unit_id, Unit, filters.unit), (Nomination.round_id, Round, filters.round))
    for column, row, code in parts:
        if code is not None:
            stored = stored_code(session, row.code, code)
            yield column == select(row.id).where(row.code == stored).scalar_subquery()
    if filters.award is not None:
        editions = select(AwardEdition.id).join(Award, Award.id == AwardEdition.award_id)
        code = stored_code(session, Award.code, filters.award)
        yield Nomination.award_edition_id.in_(editions.where(Award.code == code))


def _asked(
    session: Session, filters: NominationFilters, now: datetime
) -> Iterator[SQLColumnExpression[bool]]:
    if filters.state is not None:
        yield Nomination.state == filters.state
    if filters.q is not None:
        yield is_called(session, name_search(filters.q))
    if filters.flag is not None:
        yield {
            Flag.HELD: Nomination.is_held,
            Flag.ASKED: WorkItem.kind == WorkKind.ANSWER,
            Flag.LATE: WorkItem.due_at < now,
            Flag.UNCLAIMED: and_(WorkItem.id.is_not(None), WorkItem.assignee_id.is_(None)),
        }[filters.flag]
    if filters.only is not None:
        runs = read_runs(filters.only)
        yield or_(*(Nomination.id.between(first, last) for first, last in runs))
    if filters.progress is not None:
        yield matching(filters.progress, marks_of(session, now=now))
