"""Where things wait: how long nominations stay in each step, measured by their visits.

Durations are hours: gross, of the clock (`calendar`), or net, of working time without what a nomination was
on hold (`working`, eight to a working day) by the definition's calendar.
Half of the finished stays are shorter than the median, 85 and 90 of a hundred than p85 and p90 (interpolated
as SQL's percentile_cont does). Open stays count in `visits`, `open`, `oldest_open` and lateness alone; what
its author withdrew, its sender took back or a replay gave up counts there too, and never as finished.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeAlias

from sqlalchemy import FromClause, func, or_, select, tuple_
from sqlalchemy.orm import Session

from workflow.domain.rights.scope import Scope
from workflow.domain.route.courts import party_of
from workflow.domain.time.parties import Party
from workflow.domain.time.stays import holds_of, net_minutes
from workflow.domain.vocabulary import Stage
from workflow.queries.paging import (
    MAX_LIMIT,
    Page,
    cut,
    decode_cursor,
    encode_cursor,
    name_of,
    number,
    text,
    truth,
    whole,
)
from workflow.queries.shapes import Words, state_words, words_of
from workflow.queries.waiting.covers import covering
from workflow.queries.waiting.measures import Lasting, TimeKind, measured_exactly
from workflow.queries.waiting.readers import reader_of
from workflow.queries.waiting.sums import measured_by_sums
from workflow.queries.waiting.visits import EVERY_VISIT, VisitFilters, choose, visits_of
from workflow.store.calendars import calendar_in_force
from workflow.store.database import expect_many_rows
from workflow.store.definitions import shown_definition
from workflow.store.organisation import Unit
from workflow.store.worktime import calendars_of_routes

FEW: Final = 5
"""Of fewer finished stays than this no share or median says anything: the stays themselves are named."""

_LIST: Final = "bottlenecks"
_SECONDS_OF_HOUR: Final = 3600
_MINUTES_OF_HOUR: Final = 60


@dataclass(frozen=True, slots=True)
class StayItem:
    """One stay by name: how many hours it took, or has taken so far while it is open."""

    nomination_id: int
    subject: str
    entered_at: datetime
    hours: float
    is_open: bool


@dataclass(frozen=True, slots=True)
class BottleneckRow:
    """One step of one route (`workflow`, by name `route`), or one in one unit (its code is `unit`).

    Worst median first, those with too few finished stays to say anything last. `waiting` is from entry until
    somebody first took the work, `service` from then until it left; stays nobody took count in neither.
    `overdue_share` is of the stays that had a due date, `rework_rate` of all: those that were not the
    nomination's first in this step. `late_now` counts the open ones past due. Where under 5 are finished,
    `party` is whose time the step is.
    `items` names them and the 5 that have been open longest; those of them that the reader may count and not
    name are `unnamed`. Medians and percentiles are exact, or within the share `within` of the exact ones.
    """

    workflow: str
    route: Words
    step: str
    stage: Stage
    party: Party
    label: Words
    unit: str | None
    visits: int
    open: int
    finished: int
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
    within: float
    items: tuple[StayItem, ...]
    unnamed: int


_Place: TypeAlias = tuple[str, str, str, int]


@dataclass(slots=True)
class _Few:
    """The few stays of a place: those that may be named, and how many may not."""

    items: list[StayItem] = field(default_factory=list)
    unnamed: int = 0


_NOTHING: Final = _Few()


def bottlenecks(
    session: Session,
    *,
    scope: Scope,
    now: datetime,
    filters: VisitFilters = EVERY_VISIT,
    time: TimeKind = TimeKind.CALENDAR,
    by_unit: bool = False,
    limit: int = MAX_LIMIT,
    cursor: str | None = None,
) -> Page[BottleneckRow]:
    """Return one page of where the nominations that a scope counts stay longest.

    Raises `InvalidField` for a filter that names nothing, `StaysBeingCounted` while an upgrade still sums.
    """
    expect_many_rows(session)
    chosen, reader = choose(session, filters), reader_of(session, scope)
    lasting = Lasting(time, calendars_of_routes(session) if time is TimeKind.WORKING else {}, now)
    cover = covering(session, reader, chosen, by_unit=by_unit)
    if cover is None:
        every = measured_exactly(visits_of(reader, chosen).subquery("stays"), lasting, by_unit=by_unit)
    else:
        rest = visits_of(reader, chosen, ended=cover.left_out())
        every = measured_by_sums(rest.subquery("rest"), lasting, cover, chosen)
    measured: Sequence[Any] = session.execute(every).all()
    name = name_of(_LIST, filters, str(time), by_unit)
    rows = _after(name, cursor, sorted(measured, key=_rank))[: limit + 1]
    few = [_place(row) for row in rows[:limit] if row.finished < FEW]
    items = (
        _items(session, visits_of(reader, chosen).subquery("named"), few, lasting, by_unit=by_unit)
        if few
        else {}
    )
    units = _codes(session, {row.unit_id for row in rows[:limit]})
    within = cover.within if cover else 0.0
    return cut(
        rows,
        limit,
        item=lambda row: _row(session, row, units, items.get(_place(row), _NOTHING), within),
        cursor=lambda row: encode_cursor(name, *_rank(row)),
    )


def _rank(row: Any) -> tuple[bool, float, str, str, str, int]:  # noqa: ANN401 - measured exactly or by sums
    """Return the place in the list: too few stays last, else the longest median first."""
    # A place where nothing is finished comes behind one where all took no time.
    slowness = 1.0 if row.median is None else -row.median
    return row.finished < FEW, slowness, row.workflow, row.step, row.stage, row.unit_id


def _after(name: str, cursor: str | None, rows: list[Any]) -> list[Any]:
    if cursor is None:
        return rows
    last = tuple(decode_cursor(name, cursor, truth, number, text, text, text, whole))
    return [row for row in rows if _rank(row) > last]


def _codes(session: Session, unit_ids: Collection[int]) -> Mapping[int, str]:
    rows = session.execute(select(Unit.id, Unit.code).where(Unit.id.in_(unit_ids)))
    return {row.id: row.code for row in rows}


def _place(row: Any) -> _Place:  # noqa: ANN401 - as `_rank`
    return row.workflow, row.step, row.stage, row.unit_id


def _items(
    session: Session,
    stays: FromClause,
    places: Sequence[_Place],
    lasting: Lasting,
    *,
    by_unit: bool,
) -> Mapping[_Place, _Few]:
    """Return by each place the stays that are finished there, and those that have been open longest."""
    column = stays.c
    columns = (column.workflow, column.step, column.stage, *((column.unit_id,) if by_unit else ()))
    wanted = [place if by_unit else place[:3] for place in places]
    is_open = column.left_at.is_(None)
    rank = func.row_number().over(partition_by=(*columns, is_open), order_by=(column.entered_at, column.id))
    ranked = (
        select(stays, rank.label("rank"), lasting.so_far(stays).label("seconds"))
        .where(tuple_(*columns).in_(wanted), or_(column.is_finished, is_open))
        .subquery("ranked")
    )
    rows = session.execute(
        select(ranked).where(ranked.c.rank <= FEW).order_by(ranked.c.entered_at, ranked.c.id)
    )
    found: dict[_Place, _Few] = defaultdict(_Few)
    for row in rows:
        few = found[row.workflow, row.step, row.stage, row.unit_id if by_unit else 0]
        if row.is_named:
            hours, is_still_there = _so_far(session, row, lasting), row.left_at is None
            few.items.append(
                StayItem(row.nomination_id, row.subject_name, row.entered_at, hours, is_still_there)
            )
        else:
            few.unnamed += 1
    return found


def _row(
    session: Session,
    row: Any,  # noqa: ANN401 - as `_rank`
    units: Mapping[int, str],
    few: _Few,
    within: float,
) -> BottleneckRow:
    definition = shown_definition(session, row.definition_id)
    return BottleneckRow(
        workflow=row.workflow,
        route=words_of(definition.title),
        step=row.step,
        stage=Stage(row.stage),
        party=party_of(definition, row.step, Stage(row.stage)),
        label=state_words(definition, row.step, None),
        unit=units.get(row.unit_id),
        visits=row.visits,
        open=row.open,
        finished=row.finished,
        median_hours=_hours(row.median),
        p85_hours=_hours(row.p85),
        p90_hours=_hours(row.p90),
        max_hours=_hours(row.longest),
        waiting_median_hours=_hours(row.waiting_median),
        service_median_hours=_hours(row.service_median),
        overdue_share=row.late / row.dated if row.dated else None,
        rework_rate=row.again / row.visits,
        oldest_open=row.oldest_open,
        late_now=row.late_now,
        within=within,
        items=tuple(few.items),
        unnamed=few.unnamed,
    )


def _so_far(session: Session, row: Any, lasting: Lasting) -> float:  # noqa: ANN401 - a row of `ranked`
    """Return how many hours one stay took or has taken; net, what is open was not on hold in them."""
    if lasting.kind is TimeKind.CALENDAR or row.left_at is not None or row.holds is None:
        return float(row.seconds) / _SECONDS_OF_HOUR
    calendar = calendar_in_force(session, shown_definition(session, row.definition_id).calendar)
    return net_minutes(calendar, row.entered_at, lasting.now, holds_of(row.holds)) / _MINUTES_OF_HOUR


def _hours(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / _SECONDS_OF_HOUR
