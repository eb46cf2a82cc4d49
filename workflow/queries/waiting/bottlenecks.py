"""Where things wait: how long nominations stay in each step, measured by their visits.

Durations are hours: of the clock, or of working time (eight to a working day) by the definition's calendar.
Half of the finished stays are shorter than the median, 85 and 90 of a hundred than p85 and p90 (interpolated
as SQL's percentile_cont does). Open stays count in `visits`, `open`, `oldest_open` and lateness alone.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeAlias

from sqlalchemy import Row, Select, func, select, tuple_
from sqlalchemy.orm import Session

from workflow.domain.rights.scope import Scope
from workflow.domain.vocabulary import Stage
from workflow.queries.shapes import Words, state_words
from workflow.queries.waiting.measures import Hours, TimeKind, measure_here, measure_in_sql
from workflow.queries.waiting.visits import EVERY_VISIT, VisitFilters, as_stored, visits_of
from workflow.store.definitions import shown_definition

FEW: Final = 5
"""Of fewer finished stays than this no share or median says anything: the stays themselves are named."""

MOST_ROWS: Final = 1000


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
    """One step, or one step in one unit (`unit` is its code, null otherwise), worst median first.

    `waiting` is from entry until somebody first took the work, `service` from then until it left; stays
    nobody took count in neither. `overdue_share` is of the stays that had a due date, `rework_rate` of all:
    those that were not the nomination's first in this step. `late_now` counts the open ones past due.
    Where under 5 are finished, `items` names them and the 5 that have been open longest; those of them that
    the reader may count and not name are `unnamed`.
    """

    step: str
    stage: Stage
    label: Words
    unit: str | None
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
    items: tuple[StayItem, ...]
    unnamed: int


_Place: TypeAlias = tuple[str, str, str | None]


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
    limit: int = MOST_ROWS,
) -> tuple[BottleneckRow, ...]:
    """Return where the nominations that a scope counts stay longest, at most `limit` steps."""
    stays = visits_of(scope, as_stored(session, filters)).subquery("stays")
    if time is TimeKind.CALENDAR:
        statement = measure_in_sql(stays, now=now, by_unit=by_unit)
        measured: Sequence[Any] = session.execute(statement.limit(limit)).all()
    else:
        rows = session.execute(select(stays).execution_options(yield_per=MOST_ROWS))
        measured = measure_here(rows, Hours(session, time), now=now, by_unit=by_unit)[:limit]
    few = [_place(row) for row in measured if row.visits - row.open < FEW]
    items = _items(select(stays), few, Hours(session, time), now)
    return tuple(_row(session, row, items.get(_place(row), _NOTHING)) for row in measured)


def _place(row: Any) -> _Place:  # noqa: ANN401 - a row of SQL or of our own measuring, with the same names
    return row.step, row.stage, row.unit


def _items(
    stays: Select[*tuple[Any, ...]], places: Sequence[_Place], hours: Hours, now: datetime
) -> Mapping[_Place, _Few]:
    if not places:
        return {}
    column = stays.selected_columns
    by_unit = places[0][2] is not None
    columns = (column.step, column.stage, *((column.unit,) if by_unit else ()))
    wanted = [place if by_unit else place[:2] for place in places]
    is_open = column.left_at.is_(None)
    rank = func.row_number().over(partition_by=(*columns, is_open), order_by=(column.entered_at, column.id))
    ranked = stays.add_columns(rank.label("rank")).where(tuple_(*columns).in_(wanted)).subquery("ranked")
    rows = hours.session.execute(
        select(ranked).where(ranked.c.rank <= FEW).order_by(ranked.c.entered_at, ranked.c.id)
    )
    found: dict[_Place, _Few] = defaultdict(_Few)
    for row in rows:
        few = found[row.step, row.stage, row.unit if by_unit else None]
        if row.is_named:
            few.items.append(_item(row, hours, now))
        else:
            few.unnamed += 1
    return found


def _item(row: Row[Any], hours: Hours, now: datetime) -> StayItem:
    return StayItem(
        nomination_id=row.nomination_id,
        subject=row.subject_name,
        entered_at=row.entered_at,
        hours=hours.between(row.definition_id, row.entered_at, row.left_at or now),
        is_open=row.left_at is None,
    )


def _row(session: Session, row: Any, few: _Few) -> BottleneckRow:  # noqa: ANN401 - as `_place`
    return BottleneckRow(
        step=row.step,
        stage=Stage(row.stage),
        label=state_words(shown_definition(session, row.definition_id), row.step, None),
        unit=row.unit,
        visits=row.visits,
        open=row.open,
        median_hours=row.median_hours,
        p85_hours=row.p85_hours,
        p90_hours=row.p90_hours,
        max_hours=row.max_hours,
        waiting_median_hours=row.waiting_median_hours,
        service_median_hours=row.service_median_hours,
        overdue_share=row.overdue_share,
        rework_rate=row.rework_rate,
        oldest_open=row.oldest_open,
        late_now=row.late_now,
        items=tuple(few.items),
        unnamed=few.unnamed,
    )
