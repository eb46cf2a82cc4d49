"""Measuring every stay, by the clock or in working time, exactly as percentile_cont does: by the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final, TypeAlias

from sqlalchemy import (
    ColumnElement,
    Date,
    Float,
    FromClause,
    Integer,
    Select,
    Time,
    and_,
    case,
    cast,
    extract,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.types import BigInteger

from workflow.domain.time.workdays import Calendar
from workflow.store.worktime import LocalTime, local_time, working_minutes

_SECONDS_OF_MINUTE: Final = 60
FIGURES: Final = (
    ("median", "whole", 0.5),
    ("p85", "whole", 0.85),
    ("p90", "whole", 0.9),
    ("waiting_median", "waiting", 0.5),
    ("service_median", "service", 0.5),
)
"""Each figure by its name: which measure, and the fraction of the stays that took no longer."""

_Routes: TypeAlias = tuple[Calendar, tuple[int, ...]]
_SPANS: Final = (
    ("whole", "entered_at", "left_at", "working_minutes"),
    ("waiting", "entered_at", "first_claimed_at", "waiting_minutes"),
    ("service", "first_claimed_at", "left_at", "service_minutes"),
)
"""What of a stay is measured: from when, until when, and where its working minutes are written."""


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
        is_working = self.kind is TimeKind.WORKING
        column = (_with_local_times(stays, self._zone()) if is_working else stays).c
        routes = tuple((calendar, tuple(ids)) for calendar, ids in self.calendars.items())
        took = {
            name: _worked(routes, start, end, written) if is_working else _elapsed(column[start], column[end])
            for name, start, end, written in _SPANS
        }
        return select(
            *(column[name] for name in ("workflow", "step", "stage", "definition_id")),
            (column.unit_id if by_unit else literal_column("0", BigInteger)).label("unit_id"),
            *(column[name] for name in ("nth", "entered_at", "left_at", "due_at", "is_finished")),
            case((column.is_finished, took["whole"])).label("whole"),
            took["waiting"].label("waiting"),
            case((column.is_finished, took["service"])).label("service"),
        )

    def so_far(self, stays: FromClause) -> ColumnElement[float]:
        """Return how many seconds each stay took, or has taken until now."""
        column = stays.c
        until = func.coalesce(column.left_at, self.now)
        if self.kind is TimeKind.CALENDAR:
            return _elapsed(column.entered_at, until)
        start, end = (local_time(self._zone(), at) for at in (column.entered_at, until))
        return _counted(self.calendars, column.definition_id, start, end, column.working_minutes)

    def _zone(self) -> str:
        """Return the zone that every calendar of an installation counts in."""
        return next((str(calendar.timezone) for calendar in self.calendars), "UTC")


def _counted(
    calendars: Mapping[Calendar, Sequence[int]],
    definition_id: ColumnElement[int],
    start: LocalTime,
    end: LocalTime,
    written: ColumnElement[Any],
) -> ColumnElement[float]:
    # CASE, not coalesce: where it was written nothing is counted.
    counted = working_minutes(calendars, definition_id, start, end)
    minutes = case((written.is_not(None), written), else_=counted)
    return cast(minutes * _SECONDS_OF_MINUTE, Float)


@lru_cache(maxsize=64)
def _worked(routes: tuple[_Routes, ...], start: str, end: str, written: str) -> ColumnElement[float]:
    """Return the working seconds of a stay beside its local times, by the names of their columns.

    Built once for the calendars in force: building it took a third of a short answer.
    """
    first, last = (
        LocalTime(literal_column(f"{name}_day", Date), literal_column(f"{name}_clock", Time))
        for name in (start, end)
    )
    definition_id, minutes = literal_column("definition_id", BigInteger), literal_column(written, Integer)
    seconds = _counted(dict(routes), definition_id, first, last, minutes)
    return case((literal_column(end).is_not(None), seconds))


def _elapsed(start: ColumnElement[Any], end: ColumnElement[Any]) -> ColumnElement[float]:
    return cast(extract("epoch", end - start), Float)


def _with_local_times(stays: FromClause, zone: str) -> FromClause:
    """Return the stays with day and clock of each of their instants, where nobody has written the minutes."""
    column = stays.c
    local = {
        name: local_time(zone, case((column.working_minutes.is_(None), column[name])))
        for name in ("entered_at", "first_claimed_at", "left_at")
    }
    parts = (
        part
        for name, at in local.items()
        for part in (at.day.label(f"{name}_day"), at.clock.label(f"{name}_clock"))
    )
    # The offset has them worked out here: without it each would be, wherever it is looked at.
    return select(stays, *parts).offset(0).subquery("local")


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
