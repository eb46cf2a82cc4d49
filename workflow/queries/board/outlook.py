"""Whether a round will be through in time, and which units stand against it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from workflow.domain.errors import NotFound
from workflow.domain.owed import ReturnStatus
from workflow.domain.route.definition import Definition
from workflow.domain.route.forecast import HOME_STAGES, day_after, periods, steps_ahead, steps_beyond_the_unit
from workflow.domain.vocabulary import Stage, SubjectKind
from workflow.queries.board.rows import OpenGroup, UnitFacts
from workflow.store.awards import AwardEdition, RoundAward
from workflow.store.calendars import calendar_in_force
from workflow.store.conditions import is_in_force
from workflow.store.definitions import latest_definition_id, shown_definition

OWES: Final = frozenset({ReturnStatus.NOT_STARTED, ReturnStatus.DRAFTING})
"""The states of a return in which something is still expected of the unit."""

_MOST_AWARDS: Final = 1000


class Risk(StrEnum):
    """Why a unit may not make it.

    `silent`: past its day nothing has begun; `late`: past its day nothing was sent; `stuck`: from the step
    its nominations are in, the periods of those ahead no longer fit; `tight`: nor do they from its own day.
    """

    SILENT = "silent"
    LATE = "late"
    STUCK = "stuck"
    TIGHT = "tight"


@dataclass(frozen=True, slots=True)
class Outlook:
    """When a unit will be through (None when it is, or nobody can say), what holds it up most, the risk."""

    through_on: date | None = None
    slowest: OpenGroup | None = None
    risk: Risk | None = None


@dataclass(frozen=True, slots=True)
class Horizon:
    """What the outlook of every unit of a round is measured by."""

    session: Session
    today: date
    upper_deadline: date | None
    routes: Sequence[Definition]
    # Units stand in few places and have few due days, so most of them end as another does.
    _ends: dict[tuple[object, ...], date] = field(default_factory=dict)

    def of(
        self, unit: UnitFacts, groups: Sequence[OpenGroup], status: ReturnStatus, *, is_past_due: bool
    ) -> Outlook:
        """Return the outlook of one unit.

        It is at risk when its day has passed and nothing was sent, or when what is left of its work, each
        step taking the period that its route gives it and the present one until its due date, ends after the
        upper deadline. Late work counts as done today: nothing is forecast that is better than that. While
        the unit's own day lies ahead it is expected to send on it.
        """
        ends = {group: self._end_of(unit, group) for group in groups}
        slowest = max(ends, key=lambda group: ends[group], default=None)
        through_on = ends[slowest] if slowest is not None else None
        if slowest is None and status in OWES and unit.due_on is not None:
            through_on = self._if_sent_on(max(unit.due_on, self.today))
        if is_past_due and status in OWES:
            risk = Risk.SILENT if status is ReturnStatus.NOT_STARTED else Risk.LATE
            return Outlook(through_on, slowest, risk)
        latest = self.upper_deadline
        if through_on is not None and latest is not None and through_on > latest:
            return Outlook(through_on, slowest, Risk.STUCK if slowest is not None else Risk.TIGHT)
        return Outlook(through_on, slowest)

    def _end_of(self, unit: UnitFacts, group: OpenGroup) -> date:
        definition = shown_definition(self.session, group.definition_id)
        calendar = calendar_in_force(self.session, definition.calendar)
        day = unit.due_on if Stage(group.stage) in HOME_STAGES and unit.sent_at is None else None
        is_sent_on = day is not None and day >= self.today
        if day is None or not is_sent_on:
            due_on = calendar.local_day(group.latest_due_at) if group.latest_due_at else self.today
            day = max(self.today, due_on)
        key = (group.definition_id, group.state, group.subject_kind, day, is_sent_on)
        if key not in self._ends:
            ahead = steps_beyond_the_unit if is_sent_on else steps_ahead
            steps = ahead(definition, group.state, SubjectKind(group.subject_kind))
            self._ends[key] = day_after(day, periods(steps), calendar)
        return self._ends[key]

    def _if_sent_on(self, day: date) -> date | None:
        key = ("sent", day)
        if key not in self._ends and (end := self._end_if_sent_on(day)) is not None:
            self._ends[key] = end
        return self._ends.get(key)

    def _end_if_sent_on(self, day: date) -> date | None:
        ends = [
            day_after(
                day,
                periods(steps_beyond_the_unit(route, route.initial, kind)),
                calendar_in_force(self.session, route.calendar),
            )
            for route in self.routes
            for kind in SubjectKind
        ]
        return max(ends, default=None)


def horizon_of(
    session: Session,
    *,
    round_id: int,
    groups: Iterable[OpenGroup],
    upper_deadline: date | None,
    today: date,
) -> Horizon:
    """Return what a round's units are measured by; routes are those in use, else those of its awards."""
    in_use = sorted({group.definition_id for group in groups})
    ids = in_use or _routes_of_awards(session, round_id, today)
    return Horizon(session, today, upper_deadline, [shown_definition(session, one) for one in ids])


def _routes_of_awards(session: Session, round_id: int, today: date) -> list[int]:
    """Return the newest version of each route that a draft in the round could start on today."""
    covered = select(RoundAward.award_id).where(RoundAward.round_id == round_id)
    newest = (
        select(AwardEdition.award_id, AwardEdition.workflow_key)
        .where(
            is_in_force(AwardEdition, today),
            or_(~covered.exists(), AwardEdition.award_id.in_(covered)),
        )
        .ext(distinct_on(AwardEdition.award_id))
        .order_by(AwardEdition.award_id, AwardEdition.valid_from.desc(), AwardEdition.id.desc())
        .limit(_MOST_AWARDS)
    )
    found = []
    for key in sorted({row.workflow_key for row in session.execute(newest)}):
        try:
            found.append(latest_definition_id(session, key))
        except NotFound:
            # An award may name a route that this installation has not published: nothing can start on it.
            continue
    return found
