"""Sums of stays that are over: hints, made of `visit` by the sweep, which could be thrown away and made anew.

See docs/adr/0042-sums-of-what-is-over.md.
"""

from datetime import date
from enum import StrEnum
from math import log
from typing import Final

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    SmallInteger,
    UniqueConstraint,
    bindparam,
    case,
    cast,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import BigInteger, Float, Text

from workflow.store.base import Base, BigKey, known

EVER_STARTS: Final = date(1, 1, 1)
_GROWTH: Final = 1.05
_NOTHING: Final = -(2**15)


class SumSpan(StrEnum):
    """How long a time one sum covers: all there is, or the stays that began in one year or month."""

    EVER = "ever"
    YEAR = "year"
    MONTH = "month"


class Measure(StrEnum):
    """What is measured of a stay, by the clock or in working time: all of it, the wait, the rest."""

    WHOLE = "whole"
    WAITING = "waiting"
    SERVICE = "service"
    WORKING_WHOLE = "working_whole"
    WORKING_WAITING = "working_waiting"
    WORKING_SERVICE = "working_service"


class StaySum(Base):
    """The summed stays of one step that began in one span, counted: of one award's edition, or of one unit.

    `award_edition_id` and `unit_id` are 0 where all are meant. `late` is of those that were `dated`, `again`
    of those that were not the first of their nomination; the longest finished ones are kept exactly.
    """

    __tablename__ = "stay_sum"
    __table_args__ = (
        known("span", SumSpan),
        UniqueConstraint(
            "span", "starts_on", "unit_id", "award_edition_id", "definition_id", "step", "stage",
            name="uq_stay_sum_of",
        ),
    )  # fmt: skip

    id: Mapped[BigKey]
    span: Mapped[str]
    starts_on: Mapped[date]
    award_edition_id: Mapped[int]
    unit_id: Mapped[int]
    definition_id: Mapped[int]
    step: Mapped[str]
    stage: Mapped[str]
    visits: Mapped[int]
    finished: Mapped[int]
    dated: Mapped[int]
    late: Mapped[int]
    again: Mapped[int]
    longest_seconds: Mapped[float | None] = mapped_column(Float)
    longest_minutes: Mapped[int | None]


class StaySpread(Base):
    """How one measure of a sum is spread: in bucket `b` lie the stays of 1.05^b up to 1.05^(b+1) seconds.

    `buckets` are in order, `counts` beside them; the lowest bucket of all holds those that took no time.
    """

    __tablename__ = "stay_spread"

    sum_id: Mapped[int] = mapped_column(ForeignKey("stay_sum.id"), primary_key=True)
    measure: Mapped[str] = mapped_column(primary_key=True)
    buckets: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    counts: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))


def bucket_of(seconds: ColumnElement[float]) -> ColumnElement[int]:
    """Return the bucket that a time lies in."""
    return case(
        (seconds <= 0, _NOTHING), else_=cast(func.floor(func.ln(seconds) / log(_GROWTH)), SmallInteger)
    )


def seconds_in(bucket: int) -> float:
    """Return the seconds that stand for a bucket: off by at most 2.44 % of any time that lies in it."""
    return 0.0 if bucket == _NOTHING else _GROWTH ** (bucket + 1) * 2 / (1 + _GROWTH)


ADD_STAYS: Final = text("""
WITH due AS (
    SELECT id FROM visit WHERE left_at IS NOT NULL AND NOT is_summed AND working_minutes IS NOT NULL
    ORDER BY left_at LIMIT :most FOR NO KEY UPDATE SKIP LOCKED
), taken AS (
    UPDATE visit SET is_summed = true FROM due WHERE visit.id = due.id
    RETURNING visit.nomination_id, step, stage, nth, entered_at, left_at, due_at, first_claimed_at,
        coalesce(ended, :moved) = :moved AS is_finished, working_minutes, waiting_minutes, service_minutes,
        timezone(:zone, entered_at) AS local
), stay AS (
    SELECT taken.*, definition_id, award.id AS award_id, nomination.unit_id AS of_unit,
        extract(epoch FROM left_at - entered_at)::float AS took,
        extract(epoch FROM first_claimed_at - entered_at)::float AS waited,
        extract(epoch FROM left_at - first_claimed_at)::float AS served
    FROM taken JOIN nomination ON nomination.id = nomination_id
    JOIN award_edition award ON award.id = award_edition_id
), cell AS (
    SELECT stay.*, kind.* FROM stay CROSS JOIN LATERAL (VALUES
        ('ever', DATE '0001-01-01', award_id, 0::bigint), ('ever', DATE '0001-01-01', 0, of_unit),
        ('year', date_trunc('year', local)::date, award_id, 0),
        ('year', date_trunc('year', local)::date, 0, of_unit),
        ('month', date_trunc('month', local)::date, award_id, 0)
    ) AS kind (span, starts_on, award_edition_id, unit_id)
), counted AS (
    INSERT INTO stay_sum AS known (span, starts_on, award_edition_id, unit_id, definition_id, step, stage,
        visits, finished, dated, late, again, longest_seconds, longest_minutes)
    SELECT span, starts_on, award_edition_id, unit_id, definition_id, step, stage, count(*),
        count(*) FILTER (WHERE is_finished), count(due_at), count(*) FILTER (WHERE left_at > due_at),
        count(*) FILTER (WHERE nth > 1), max(took) FILTER (WHERE is_finished),
        max(working_minutes) FILTER (WHERE is_finished)
    FROM cell GROUP BY span, starts_on, award_edition_id, unit_id, definition_id, step, stage
    ON CONFLICT ON CONSTRAINT uq_stay_sum_of DO UPDATE SET
        visits = known.visits + excluded.visits, finished = known.finished + excluded.finished,
        dated = known.dated + excluded.dated, late = known.late + excluded.late,
        again = known.again + excluded.again,
        longest_seconds = greatest(known.longest_seconds, excluded.longest_seconds),
        longest_minutes = greatest(known.longest_minutes, excluded.longest_minutes)
    RETURNING known.*
), part AS (
    SELECT counted.id AS sum_id, measure, bucket, count(*) AS stays
    FROM cell JOIN counted USING (span, starts_on, award_edition_id, unit_id, definition_id, step, stage)
    CROSS JOIN LATERAL (VALUES
        ('whole', CASE WHEN is_finished THEN took END), ('waiting', waited),
        ('service', CASE WHEN is_finished THEN served END),
        ('working_whole', CASE WHEN is_finished THEN working_minutes * 60.0 END),
        ('working_waiting', waiting_minutes * 60.0),
        ('working_service', CASE WHEN is_finished THEN service_minutes * 60.0 END)
    ) AS measured (measure, seconds)
    CROSS JOIN LATERAL (
        SELECT CASE WHEN seconds <= 0 THEN :nothing
            ELSE floor(ln(seconds) / ln(:growth))::smallint END AS bucket
    ) AS placed
    WHERE seconds IS NOT NULL GROUP BY counted.id, measure, bucket
), spread AS (
    INSERT INTO stay_spread AS known (sum_id, measure, buckets, counts)
    SELECT sum_id, measure, array_agg(bucket ORDER BY bucket), array_agg(stays ORDER BY bucket)
    FROM part GROUP BY sum_id, measure
    ON CONFLICT (sum_id, measure) DO UPDATE SET (buckets, counts) = (
        SELECT array_agg(bucket ORDER BY bucket), array_agg(stays ORDER BY bucket) FROM (
            SELECT bucket, sum(stays)::bigint AS stays FROM (
                SELECT unnest(known.buckets) AS bucket, unnest(known.counts) AS stays
                UNION ALL SELECT unnest(excluded.buckets), unnest(excluded.counts)
            ) AS both_parts GROUP BY bucket
        ) AS merged
    )
)
SELECT count(*) FROM taken
""").bindparams(
    bindparam("nothing", _NOTHING, SmallInteger),
    bindparam("growth", _GROWTH, Float),
    bindparam("zone", type_=Text),
    bindparam("moved", type_=Text),
)
"""Marks at most so many stays that are over as summed, adds them to their sums, and says how many."""
