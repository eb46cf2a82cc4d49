"""Measuring stays: by the database in hours of the clock, here in hours of working time.

Both give the same columns by the same definitions; calendars are not known to the database.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Float,
    FromClause,
    Row,
    Select,
    Text,
    and_,
    cast,
    extract,
    func,
    null,
    or_,
    select,
)
from sqlalchemy.orm import Session

from workflow.domain.time.workdays import TimeUnit
from workflow.store.calendars import calendar_in_force
from workflow.store.definitions import shown_definition

_SECONDS_OF_HOUR: Final = 3600
_MINUTES_OF_HOUR: Final = 60
_MEDIAN, _P85, _P90 = 0.5, 0.85, 0.9


class TimeKind(StrEnum):
    """Which hours are counted."""

    WORKING = "working"
    CALENDAR = "calendar"


@dataclass(frozen=True, slots=True)
class Measured:
    """What the stays of one step amount to; see `BottleneckRow`."""

    step: str
    stage: str
    unit: str | None
    definition_id: int
    visits: int
    open: int
    median_hours: float | None
    p85_hours: float | None
    p90_hours: float | None
    max_hours: float | None
    waiting_median_hours: float | None
    service_median_hours: float | None
    overdue_share: float | None
    rework_rate: float
    oldest_open: datetime | None
    late_now: int


@dataclass(frozen=True, slots=True)
class Hours:
    """Counts the hours between two instants for a nomination of one definition."""

    session: Session
    kind: TimeKind

    def between(self, definition_id: int, start: datetime, end: datetime) -> float:
        """Return the hours from start to end, of the clock or of the definition's working time."""
        if self.kind is TimeKind.CALENDAR:
            return (end - start).total_seconds() / _SECONDS_OF_HOUR
        definition = shown_definition(self.session, definition_id)
        calendar = calendar_in_force(self.session, definition.calendar)
        return calendar.minutes_between(start, end, TimeUnit.WORKING_DAYS) / _MINUTES_OF_HOUR


def measure_in_sql(stays: FromClause, *, now: datetime, by_unit: bool) -> Select[*tuple[Any, ...]]:
    """Return the statement that measures stays in hours of the clock, worst median first."""
    column = stays.c
    hours = _hours(column.left_at - column.entered_at)
    is_open = column.left_at.is_(None)
    is_late = or_(column.left_at > column.due_at, and_(is_open, column.due_at < now))
    dated = func.count(column.due_at)
    unit: ColumnElement[Any] = column.unit if by_unit else cast(null(), Text)
    median = _percentile(_MEDIAN, hours).label("median_hours")
    return (
        select(
            column.step,
            column.stage,
            unit.label("unit"),
            func.max(column.definition_id).label("definition_id"),
            func.count().label("visits"),
            func.count().filter(is_open).label("open"),
            median,
            _percentile(_P85, hours).label("p85_hours"),
            _percentile(_P90, hours).label("p90_hours"),
            func.max(hours).label("max_hours"),
            _percentile(_MEDIAN, _hours(column.first_claimed_at - column.entered_at)).label(
                "waiting_median_hours"
            ),
            _percentile(_MEDIAN, _hours(column.left_at - column.first_claimed_at)).label(
                "service_median_hours"
            ),
            (cast(func.count().filter(is_late), Float) / func.nullif(dated, 0)).label("overdue_share"),
            (cast(func.count().filter(column.nth > 1), Float) / func.count()).label("rework_rate"),
            func.min(column.entered_at).filter(is_open).label("oldest_open"),
            func.count().filter(is_open, column.due_at < now).label("late_now"),
        )
        .group_by(column.step, column.stage, *((column.unit,) if by_unit else ()))
        .order_by(median.desc().nulls_last(), column.step, column.stage, unit)
    )


def measure_here(rows: Iterable[Row[Any]], hours: Hours, *, now: datetime, by_unit: bool) -> list[Measured]:
    """Return the same measures, counted here, worst median first."""
    places: dict[tuple[str, str, str | None], list[Row[Any]]] = defaultdict(list)
    for row in rows:
        places[row.step, row.stage, row.unit if by_unit else None].append(row)
    measured = [_measure(place, stays, hours, now) for place, stays in places.items()]
    return sorted(
        measured,
        key=lambda row: (
            row.median_hours is None,
            -(row.median_hours or 0),
            row.step,
            row.stage,
            row.unit or "",
        ),
    )


def percentile(values: Sequence[float], fraction: float) -> float | None:
    """Return the value below which that fraction lies, as percentile_cont interpolates; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    below, rest = divmod(fraction * (len(ordered) - 1), 1)
    low = ordered[int(below)]
    high = ordered[min(int(below) + 1, len(ordered) - 1)]
    return low + (high - low) * rest


def _measure(
    place: tuple[str, str, str | None], stays: Sequence[Row[Any]], hours: Hours, now: datetime
) -> Measured:
    taken = [stay for stay in stays if stay.first_claimed_at is not None]
    whole = [
        hours.between(stay.definition_id, stay.entered_at, stay.left_at)
        for stay in stays
        if stay.left_at is not None
    ]
    waiting = [hours.between(stay.definition_id, stay.entered_at, stay.first_claimed_at) for stay in taken]
    service = [
        hours.between(stay.definition_id, stay.first_claimed_at, stay.left_at)
        for stay in taken
        if stay.left_at is not None
    ]
    dated = [stay for stay in stays if stay.due_at is not None]
    opened = [stay.entered_at for stay in stays if stay.left_at is None]
    return Measured(
        *place,
        definition_id=max(stay.definition_id for stay in stays),
        visits=len(stays),
        open=len(opened),
        median_hours=percentile(whole, _MEDIAN),
        p85_hours=percentile(whole, _P85),
        p90_hours=percentile(whole, _P90),
        max_hours=max(whole, default=None),
        waiting_median_hours=percentile(waiting, _MEDIAN),
        service_median_hours=percentile(service, _MEDIAN),
        overdue_share=sum(stay.due_at < (stay.left_at or now) for stay in dated) / len(dated)
        if dated
        else None,
        rework_rate=sum(stay.nth > 1 for stay in stays) / len(stays),
        oldest_open=min(opened, default=None),
        late_now=sum(stay.due_at < now for stay in dated if stay.left_at is None),
    )


def _hours(span: ColumnElement[Any]) -> ColumnElement[float]:
    return cast(extract("epoch", span) / _SECONDS_OF_HOUR, Float)


def _percentile(fraction: float, hours: ColumnElement[float]) -> ColumnElement[float]:
    return cast(func.percentile_cont(fraction).within_group(hours), Float)
