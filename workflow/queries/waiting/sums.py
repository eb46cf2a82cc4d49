"""Measuring by sums of what is over, and by the stays that they leave out: all of it by the database.

A figure is looked up in a sum's own spread where it alone stands for a place. Where there are more, or stays
beside it, their buckets are added up first.
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    DateTime,
    Float,
    FromClause,
    Integer,
    Select,
    SmallInteger,
    Text,
    and_,
    any_,
    cast,
    column,
    func,
    literal,
    literal_column,
    null,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.sql.selectable import LateralFromClause

from workflow.queries.waiting.covers import Cover
from workflow.queries.waiting.measures import FIGURES, PLACE, Lasting, TimeKind, counts_of, places_of
from workflow.queries.waiting.visits import Chosen
from workflow.store.awards import WorkflowDefinition
from workflow.store.stay_sums import Measure, StaySpread, StaySum, bucket_of, seconds_in

_MEASURES: Final = ("whole", "waiting", "service")
_SPREAD: Final = (*PLACE, "measure")
_ADDED: Final = ("visits", "open", "finished", "dated", "late", "again", "late_now")


def measured_by_sums(
    rest: FromClause, lasting: Lasting, cover: Cover, chosen: Chosen
) -> Select[*tuple[Any, ...]]:
    """Return the statement of what each place amounts to; `rest` are the stays that the cover leaves out.

    Its columns are those of `measured_exactly`.
    """
    # Read four times, counted once.
    timed = lasting.timed(rest, by_unit=cover.by_unit).cte("timed").prefix_with("MATERIALIZED")
    sums = _sums(cover, chosen, lasting.kind).cte("sums").prefix_with("MATERIALIZED")
    is_working = lasting.kind is TimeKind.WORKING
    measures = {name: Measure(f"working_{name}" if is_working else name) for name in _MEASURES}
    counts = _counts(sums, timed, lasting)
    figures = _figures(_spreads(sums, timed, measures), measures)
    return select(*counts.c, *(figures.c[name] for name, _, _ in FIGURES)).select_from(
        counts.outerjoin(figures, _same(counts, figures, PLACE))
    )


def _sums(cover: Cover, chosen: Chosen, kind: TimeKind) -> Select[*tuple[Any, ...]]:
    is_working = kind is TimeKind.WORKING
    longest = StaySum.longest_minutes * 60.0 if is_working else StaySum.longest_seconds
    return (
        select(
            StaySum.id,
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
        )
        .join(WorkflowDefinition, WorkflowDefinition.id == StaySum.definition_id)
        .where(cover.holds(chosen))
    )


def _counts(sums: CTE, timed: CTE, lasting: Lasting) -> FromClause:
    """Return what is counted of each place, sums and stays together."""
    of_rest = select(*places_of(timed), *counts_of(timed, lasting.now)).group_by(*places_of(timed))
    names = [each.name for each in of_rest.selected_columns]
    both = union_all(select(*(sums.c[name] for name in names)), of_rest).subquery("both_counts")
    of = both.c
    return (
        select(
            *(of[name] for name in PLACE),
            func.max(of.definition_id).label("definition_id"),
            *(cast(func.sum(of[name]), BigInteger).label(name) for name in _ADDED),
            func.max(of.longest).label("longest"),
            func.min(of.oldest_open).label("oldest_open"),
        )
        .group_by(*(of[name] for name in PLACE))
        .subquery("counts")
    )


def _spreads(sums: CTE, timed: CTE, measures: Mapping[str, Measure]) -> FromClause:
    """Return one spread of each place and measure: that of its one sum, or what all its parts add up to."""
    buckets = union_all(*(_buckets(timed, name, kept) for name, kept in measures.items()))
    loose = buckets.cte("loose").prefix_with("MATERIALIZED")
    parts = _parts(sums, loose, measures)
    keys = [parts.c[name] for name in _SPREAD]
    alone = (
        select(*keys, StaySpread.buckets, StaySpread.upto)
        .select_from(parts)
        .join(
            StaySpread, and_(StaySpread.sum_id == parts.c.sum_ids[1], StaySpread.measure == parts.c.measure)
        )
        .where(parts.c.count == 1)
    )
    opened = _opened(parts)
    pieces = union_all(
        select(parts.c.part, opened.c.bucket, opened.c.stays).join(opened, true()).where(parts.c.count > 1),
        select(parts.c.part, loose.c.bucket, loose.c.stays).join(loose, _same(parts, loose, _SPREAD)),
    ).subquery("pieces")
    added_up = _added_up(pieces)
    mixed = select(*keys, added_up.c.buckets, added_up.c.upto).join(added_up, added_up.c.part == parts.c.part)
    return union_all(alone, mixed).subquery("spread")


def _parts(sums: CTE, loose: CTE, measures: Mapping[str, Measure]) -> CTE:
    """Return what there is of each place and measure: its sums by id, and null where stays lie beside."""
    of_each = union_all(
        *(select(*(sums.c[name] for name in PLACE), _word(kept), sums.c.id) for kept in measures.values()),
        select(*(loose.c[name] for name in _SPREAD), cast(null(), BigInteger)).distinct(),
    ).subquery("of_each")
    keys = [of_each.c[name] for name in _SPREAD]
    return (
        select(
            *keys,
            # By a number they are added up in a third of the time that five words take.
            func.row_number().over().label("part"),
            func.count().label("count"),
            func.array_agg(of_each.c.id, type_=ARRAY(BigInteger)).label("sum_ids"),
        )
        .group_by(*keys)
        .cte("parts")
        .prefix_with("MATERIALIZED")
    )


def _opened(parts: CTE) -> LateralFromClause:
    """Return the buckets of a part's sums, each with how many lie in it."""
    held = (
        func.unnest(StaySpread.buckets, StaySpread.upto, func.array_prepend(0, StaySpread.upto))
        .table_valued(column("bucket", SmallInteger), column("upto", Integer), column("before", Integer))
        .render_derived()
        .lateral("held")
    )
    return (
        select(held.c.bucket, (held.c.upto - held.c.before).label("stays"))
        .select_from(StaySpread)
        # What was prepended makes the third list longer by one than its buckets.
        .join(held, held.c.bucket.is_not(None))
        .where(StaySpread.sum_id == any_(parts.c.sum_ids), StaySpread.measure == parts.c.measure)
        # A part's own rows are looked up: a planner that may choose reads all spreads there are.
        .offset(0)
        .correlate(parts)
        .lateral("opened")
    )


def _word(measure: Measure) -> ColumnElement[str]:
    return literal(str(measure), Text).label("measure")


def _added_up(pieces: FromClause) -> FromClause:
    part, bucket = pieces.c.part, pieces.c.bucket
    upto = func.sum(func.sum(pieces.c.stays)).over(partition_by=part, order_by=bucket)
    running = (
        select(part, bucket, cast(upto, Integer).label("upto")).group_by(part, bucket).subquery("running")
    )
    bucket = running.c.bucket
    return (
        select(
            running.c.part,
            func.array_agg(aggregate_order_by(bucket, bucket), type_=ARRAY(SmallInteger)).label("buckets"),
            func.array_agg(aggregate_order_by(running.c.upto, bucket), type_=ARRAY(Integer)).label("upto"),
        )
        .group_by(running.c.part)
        .subquery("added_up")
    )


def _buckets(timed: FromClause, name: str, measure: Measure) -> Select[*tuple[Any, ...]]:
    """Return how many stays of each place lie in each bucket of one measure."""
    places, span = places_of(timed), timed.c[name]
    bucket = bucket_of(span).label("bucket")
    return (
        select(*places, _word(measure), bucket, func.count().label("stays"))
        .where(span.is_not(None))
        .group_by(*places, bucket)
    )


def _figures(spread: FromClause, measures: Mapping[str, Measure]) -> FromClause:
    places = [spread.c[name] for name in PLACE]
    figures = (
        func.max(figure).filter(spread.c.measure == measures[measure]).label(name)
        for name, measure, figure in _FIGURES_OF_SPREAD
    )
    return select(*places, *figures).group_by(*places).subquery("figures")


def _figure(fraction: float) -> ColumnElement[float]:
    """Return the time below which that fraction of a spread's stays lies, in seconds.

    As percentile_cont does: between the two stays around it, each in the middle of its bucket.
    """
    buckets, upto = column("buckets", ARRAY(SmallInteger)), column("upto", ARRAY(Integer))
    place = literal(fraction, Float) * (upto[func.cardinality(upto)] - 1)
    low, high = (
        seconds_in(buckets[func.width_bucket(cast(around, Integer), upto, type_=Integer) + 1])
        for around in (func.floor(place), func.ceil(place))
    )
    return low + (high - low) * (place - func.floor(place))


# Built once, as nothing of them differs between questions: building them took a third of a short answer.
_FIGURES_OF_SPREAD: Final = tuple((name, measure, _figure(fraction)) for name, measure, fraction in FIGURES)


def _same(one: FromClause, other: FromClause, names: tuple[str, ...]) -> ColumnElement[bool]:
    return and_(*(one.c[name] == other.c[name] for name in names))
