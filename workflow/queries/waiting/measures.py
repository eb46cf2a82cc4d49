"""Measuring every stay, by the clock or in working time, exactly as percentile_cont does: by the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Float,
    FromClause,
    Select,
    and_,
    case,
    cast,
    extract,
    func,
    literal_column,
    null,
    or_,
    select,
)
from sqlalchemy.types import BigInteger

from workflow.domain.time.workdays import Calendar
from workflow.store.worktime import working_minutes

_SECONDS_OF_MINUTE: Final = 60
FIGURES: Final = (
    ("median", "whole", 0.5),
    ("p85", "whole", 0.85),
    ("p90", "whole", 0.9),
    ("waiting_median", "waiting", 0.5),
    ("service_median", "service", 0.5),
)
"""Each figure by its name: which measure, and the fraction of the stays that took no longer."""


class TimeKind(StrEnum):
    """Which hours are counted: working ones net of holds, or all of the clock, gross."""

    WORKING = "working"
    CALENDAR = "calendar"


PLACE: Final = ("workflow", "step", "stage", "unit_id")
"""What stays are grouped by. A step of one name in two routes is two steps; in two versions of one, one."""


@dataclass(frozen=True, slots=True)
class Lasting:
    """Says how long stays last: which hours count, by which calendars of which routes, and the time now."""

    kind: TimeKind
    calendars: Mapping[Calendar, Sequence[int]]
    now: datetime

    def timed(self, stays: FromClause, *, by_unit: bool) -> Select[*tuple[Any, ...]]:
        """Return the stays with how long each took, waited and was in hand, in seconds, null while it does.

        As it was written, counted here where nobody has written it yet. `unit_id` is 0 where all are meant.
        """
        column = stays.c
        entered, claimed, left = column.entered_at, column.first_claimed_at, column.left_at
        whole = self._between(stays, entered, left, column.working_minutes)
        service = self._between(stays, claimed, left, column.service_minutes)
        return select(
            *(column[name] for name in ("workflow", "step", "stage", "definition_id")),
            (column.unit_id if by_unit else literal_column("0", BigInteger)).label("unit_id"),
            *(column[name] for name in ("nth", "entered_at", "left_at", "due_at", "is_finished")),
            case((column.is_finished, whole)).label("whole"),
            self._between(stays, entered, claimed, column.waiting_minutes).label("waiting"),
            case((column.is_finished, service)).label("service"),
        )

    def so_far(self, stays: FromClause) -> ColumnElement[float]:
        """Return how many seconds each stay took, or has taken until now."""
        column = stays.c
        until = func.coalesce(column.left_at, self.now)
        return self._between(stays, column.entered_at, until, column.working_minutes)

    def _between(
        self,
        stays: FromClause,
        start: ColumnElement[Any],
        end: ColumnElement[Any],
        written: ColumnElement[Any],
    ) -> ColumnElement[float]:
        if self.kind is TimeKind.CALENDAR:
            return cast(extract("epoch", end - start), Float)
        counted = working_minutes(self.calendars, stays.c.definition_id, start, end)
        # CASE, not coalesce: where it was written nothing is counted.
        minutes = case((written.is_not(None), written), (end.is_not(None), counted), else_=null())
        return cast(minutes * _SECONDS_OF_MINUTE, Float)


def places_of(timed: FromClause) -> tuple[ColumnElement[Any], ...]:
    """Return the columns that stays are grouped by."""
    return tuple(timed.c[name] for name in PLACE)


def counts_of(timed: FromClause, now: datetime) -> tuple[ColumnElement[Any], ...]:
    """Return what is counted of the stays of one place, whether they are over or not."""
    column = timed.c
    is_open = column.left_at.is_(None)
    is_late_now = and_(is_open, column.due_at < now)
    return (
        func.max(column.definition_id).label("definition_id"),
        func.count().label("visits"),
        func.count().filter(is_open).label("open"),
        func.count().filter(column.is_finished).label("finished"),
        func.count(column.due_at).label("dated"),
        func.count().filter(or_(column.left_at > column.due_at, is_late_now)).label("late"),
        func.count().filter(column.nth > 1).label("again"),
        func.max(column.whole).label("longest"),
        func.min(column.entered_at).filter(is_open).label("oldest_open"),
        func.count().filter(is_late_now).label("late_now"),
    )


def measured_exactly(stays: FromClause, lasting: Lasting, *, by_unit: bool) -> Select[*tuple[Any, ...]]:
    """Return the statement that measures each place by every one of its stays."""
    timed = lasting.timed(stays, by_unit=by_unit).subquery("timed")
    figures = [
        func.percentile_cont(fraction).within_group(timed.c[measure]).label(name)
        for name, measure, fraction in FIGURES
    ]
    places = places_of(timed)
    return select(*places, *counts_of(timed, lasting.now), *figures).group_by(*places)
