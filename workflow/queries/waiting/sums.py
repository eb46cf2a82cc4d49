"""Measuring by sums of what is over, and by the stays that they leave out, all of it read in one statement.

The database sums the stays; here sums are added up, a few for each place, however many stays they stand for.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from math import ceil, floor
from typing import Any

from sqlalchemy import (
    CompoundSelect,
    DateTime,
    Float,
    FromClause,
    Row,
    Select,
    SmallInteger,
    and_,
    cast,
    func,
    literal_column,
    null,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, aliased
from sqlalchemy.types import BigInteger

from workflow.queries.waiting.covers import Cover, conditions_of
from workflow.queries.waiting.measures import FIGURES, PLACE, Lasting, TimeKind, counts_of, places_of
from workflow.queries.waiting.visits import Chosen
from workflow.store.awards import WorkflowDefinition
from workflow.store.stay_sums import Measure, StaySpread, StaySum, bucket_of, seconds_in

_MEASURES = ("whole", "waiting", "service")
_ADDED = ("visits", "open", "finished", "dated", "late", "again", "late_now")


@dataclass(frozen=True, slots=True)
class Summed:
    """What the stays of one place amount to, with the names of the exact way; times in seconds."""

    workflow: str
    step: str
    stage: str
    unit_id: int
    definition_id: int
    visits: int
    open: int
    finished: int
    dated: int
    late: int
    again: int
    late_now: int
    longest: float | None
    oldest_open: datetime | None
    median: float | None
    p85: float | None
    p90: float | None
    waiting_median: float | None
    service_median: float | None


def measured_by_sums(
    session: Session, rest: FromClause, lasting: Lasting, cover: Cover, chosen: Chosen
) -> list[Summed]:
    """Return what each place amounts to; `rest` are the stays that the cover leaves out."""
    places: dict[tuple[Any, ...], list[Row[Any]]] = defaultdict(list)
    for row in session.execute(_parts(rest, lasting, cover, chosen)):
        places[tuple(row[: len(PLACE)])].append(row)
    return [_add(place, parts) for place, parts in places.items()]


class Spread:
    """How a measure of many stays is spread, added up of parts with buckets and counts."""

    def __init__(self, parts: Sequence[tuple[Sequence[int], Sequence[int]]]) -> None:
        stays: dict[int, int] = {}
        for buckets, counts in parts:
            if not stays:
                stays = dict(zip(buckets, counts, strict=True))
                continue
            for bucket, count in zip(buckets, counts, strict=True):
                stays[bucket] = stays.get(bucket, 0) + count
        self._buckets = sorted(stays)
        self._upto = list(accumulate(stays[bucket] for bucket in self._buckets))

    def figure(self, fraction: float) -> float | None:
        """Return the time below which that fraction of the stays lies, in seconds; None of none.

        As percentile_cont does: between the two stays around it, each in the middle of its bucket.
        """
        if not self._buckets:
            return None
        place = fraction * (self._upto[-1] - 1)
        low, high = (
            seconds_in(self._buckets[bisect_right(self._upto, around)])
            for around in (floor(place), ceil(place))
        )
        return low + (high - low) * (place - floor(place))


def _add(place: tuple[Any, ...], parts: Sequence[Row[Any]]) -> Summed:
    workflow, step, stage, unit_id = place
    spreads = {measure: Spread(_spreads(parts, measure)) for measure in _MEASURES}
    counts = {name: sum(getattr(part, name) for part in parts) for name in _ADDED}
    figures = {name: spreads[measure].figure(fraction) for name, measure, fraction in FIGURES}
    return Summed(
        workflow=workflow,
        step=step,
        stage=stage,
        unit_id=unit_id,
        definition_id=max(part.definition_id for part in parts),
        visits=counts["visits"],
        open=counts["open"],
        finished=counts["finished"],
        dated=counts["dated"],
        late=counts["late"],
        again=counts["again"],
        late_now=counts["late_now"],
        longest=max((part.longest for part in parts if part.longest is not None), default=None),
        oldest_open=min((part.oldest_open for part in parts if part.oldest_open is not None), default=None),
        median=figures["median"],
        p85=figures["p85"],
        p90=figures["p90"],
        waiting_median=figures["waiting_median"],
        service_median=figures["service_median"],
    )


def _spreads(parts: Sequence[Row[Any]], measure: str) -> list[tuple[Sequence[int], Sequence[int]]]:
    pairs = ((getattr(part, f"{measure}_buckets"), getattr(part, f"{measure}_counts")) for part in parts)
    return [pair for pair in pairs if pair[0] is not None]


def _parts(rest: FromClause, lasting: Lasting, cover: Cover, chosen: Chosen) -> CompoundSelect[Any]:
    # Read four times, counted once.
    timed = lasting.timed(rest, by_unit=cover.by_unit).cte("timed").prefix_with("MATERIALIZED")
    return union_all(_of_sums(cover, chosen, lasting.kind), _of_rest(timed, lasting.now))


def _of_sums(cover: Cover, chosen: Chosen, kind: TimeKind) -> Select[*tuple[Any, ...]]:
    is_working = kind is TimeKind.WORKING
    longest = StaySum.longest_minutes * 60.0 if is_working else StaySum.longest_seconds
    spreads = {name: aliased(StaySpread, name=name) for name in _MEASURES}
    statement = (
        select(
            WorkflowDefinition.key.label("workflow"),
            StaySum.step,
            StaySum.stage,
            StaySum.unit_id,
            StaySum.definition_id,
            StaySum.visits,
            literal_column("0", BigInteger).label("open"),
            StaySum.finished,
            StaySum.dated,
            StaySum.late,
            StaySum.again,
            cast(longest, Float).label("longest"),
            cast(null(), DateTime(timezone=True)).label("oldest_open"),
            literal_column("0", BigInteger).label("late_now"),
            *(
                column
                for name, spread in spreads.items()
                for column in (
                    spread.buckets.label(f"{name}_buckets"),
                    spread.counts.label(f"{name}_counts"),
                )
            ),
        )
        .join(WorkflowDefinition, WorkflowDefinition.id == StaySum.definition_id)
        .where(cover.holds(), *conditions_of(chosen))
    )
    for name, spread in spreads.items():
        measure = Measure(f"working_{name}" if is_working else name)
        statement = statement.outerjoin(spread, and_(spread.sum_id == StaySum.id, spread.measure == measure))
    return statement


def _of_rest(timed: FromClause, now: datetime) -> Select[*tuple[Any, ...]]:
    places = places_of(timed)
    counts = select(*places, *counts_of(timed, now)).group_by(*places).subquery("rest_counts")
    spreads = {name: _spread(timed, name) for name in _MEASURES}
    statement = select(
        *counts.c,
        *(spread.c[part] for spread in spreads.values() for part in ("buckets", "counts")),
    )
    joined: FromClause = counts
    for spread in spreads.values():
        joined = joined.outerjoin(spread, and_(*(spread.c[name] == counts.c[name] for name in PLACE)))
    return statement.select_from(joined)


def _spread(timed: FromClause, name: str) -> FromClause:
    """Return how one measure of the stays of each place is spread, as a sum keeps it."""
    places, span = places_of(timed), timed.c[name]
    bucket = bucket_of(span).label("bucket")
    counted = (
        select(*places, bucket, func.count().label("stays"))
        .where(span.is_not(None))
        .group_by(*places, bucket)
        .subquery(f"{name}_counted")
    )
    keys = [counted.c[key] for key in PLACE]
    return (
        select(
            *keys,
            cast(func.array_agg(counted.c.bucket), ARRAY(SmallInteger)).label("buckets"),
            func.array_agg(counted.c.stays, type_=ARRAY(BigInteger)).label("counts"),
        )
        .group_by(*keys)
        .subquery(f"{name}_spread")
    )
