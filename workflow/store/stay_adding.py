"""The one statement that marks stays which are over as summed and adds them to their sums.

It writes what nobody has written of them yet (working minutes of what ended before an upgrade), counts each
stay into the shortest sums it lies in, a month of all and a year of its award and of its unit, and makes the
longer ones of these: a stay is counted three times, however many sums it lies in.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    Float,
    SmallInteger,
    TextualSelect,
    bindparam,
    case,
    func,
    not_,
    select,
    text,
    true,
    update,
)
from sqlalchemy.sql.selectable import CTE

from workflow.domain.time.workdays import Calendar
from workflow.domain.vocabulary import Ending
from workflow.store.history import Event
from workflow.store.nominations import Nomination, Visit
from workflow.store.stay_sums import GROWTH, NOTHING
from workflow.store.worktime import local_time, working_minutes

_WORDS: Final = {
    "keys": "span, starts_on, award_edition_id, unit_id, definition_id, step, stage",
    "shortest": """CASE WHEN month IS NULL THEN 'year' ELSE 'month' END AS made_of,
    coalesce(month, year) AS from_day, coalesce(award_edition_id, 0) AS award_edition_id,
    coalesce(unit_id, 0) AS unit_id, definition_id, step, stage""",
    "sets": """definition_id, step, stage,
    GROUPING SETS ((month), (year, award_edition_id), (year, unit_id))""",
    "longer": """CROSS JOIN LATERAL (VALUES
    ('month', from_day), ('year', date_trunc('year', from_day)::date), ('ever', DATE '0001-01-01')
) AS longer (span, starts_on) WHERE made_of = 'month' OR span <> 'month'""",
}
# Common table expressions, each of which reads those before it.
_PARTS: Final = {
    "stay": """
SELECT *, date_trunc('year', local)::date AS year, date_trunc('month', local)::date AS month,
    extract(epoch FROM left_at - entered_at)::float AS took,
    extract(epoch FROM first_claimed_at - entered_at)::float AS waited,
    extract(epoch FROM left_at - first_claimed_at)::float AS served
FROM taken""",
    "shortest": """
SELECT {shortest}, count(*) AS visits, count(*) FILTER (WHERE is_finished) AS finished,
    count(due_at) AS dated, count(*) FILTER (WHERE left_at > due_at) AS late,
    count(*) FILTER (WHERE nth > 1) AS again,
    max(took) FILTER (WHERE is_finished) AS longest_seconds,
    max(working_minutes) FILTER (WHERE is_finished) AS longest_minutes
FROM stay GROUP BY {sets}""",
    "counted": """
INSERT INTO stay_sum AS known ({keys}, visits, finished, dated, late, again, longest_seconds,
    longest_minutes)
SELECT {keys}, sum(visits), sum(finished), sum(dated), sum(late), sum(again), max(longest_seconds),
    max(longest_minutes)
FROM shortest {longer} GROUP BY {keys}
ON CONFLICT ON CONSTRAINT uq_stay_sum_of DO UPDATE SET
    visits = known.visits + excluded.visits, finished = known.finished + excluded.finished,
    dated = known.dated + excluded.dated, late = known.late + excluded.late,
    again = known.again + excluded.again,
    longest_seconds = greatest(known.longest_seconds, excluded.longest_seconds),
    longest_minutes = greatest(known.longest_minutes, excluded.longest_minutes)
RETURNING known.id AS sum_id, {keys}""",
    "shortest_part": """
SELECT {shortest}, measure, bucket, count(*) AS stays
FROM stay CROSS JOIN LATERAL (VALUES
    ('whole', CASE WHEN is_finished THEN took END), ('waiting', waited),
    ('service', CASE WHEN is_finished THEN served END),
    ('working_whole', CASE WHEN is_finished THEN working_minutes * 60.0 END),
    ('working_waiting', waiting_minutes * 60.0),
    ('working_service', CASE WHEN is_finished THEN service_minutes * 60.0 END)
) AS measured (measure, seconds)
CROSS JOIN LATERAL (
    SELECT CASE WHEN seconds <= 0 THEN :nothing ELSE floor(ln(seconds) / ln(:growth))::smallint END AS bucket
) AS placed
WHERE seconds IS NOT NULL GROUP BY {sets}, measure, bucket""",
    "part": """
SELECT {keys}, measure, bucket, sum(stays) AS stays
FROM shortest_part {longer} GROUP BY {keys}, measure, bucket""",
    "running": """
SELECT sum_id, measure, bucket,
    sum(stays) OVER (PARTITION BY sum_id, measure ORDER BY bucket)::integer AS upto
FROM part JOIN counted USING ({keys})""",
    # Up to a bucket lie as many as in both together; before its first bucket a spread has none.
    "spread": """
INSERT INTO stay_spread AS known (sum_id, measure, buckets, upto)
SELECT sum_id, measure, array_agg(bucket ORDER BY bucket), array_agg(upto ORDER BY bucket)
FROM running GROUP BY sum_id, measure
ON CONFLICT (sum_id, measure) DO UPDATE SET (buckets, upto) = (
    SELECT array_agg(bucket ORDER BY bucket), array_agg(
        coalesce(known.upto[width_bucket(bucket, known.buckets)], 0)
        + coalesce(excluded.upto[width_bucket(bucket, excluded.buckets)], 0) ORDER BY bucket)
    FROM (SELECT unnest(known.buckets) AS bucket UNION SELECT unnest(excluded.buckets)) AS either
)""",
}


def add_stays(
    calendars: Mapping[Calendar, Sequence[int]], *, most: int, zone: str, settled_until: datetime | None
) -> TextualSelect:
    """Return the statement that adds the stays which ended first, of those not added yet, and says how many.

    With `settled_until` none of a nomination to which anything happened since, as that may be undone.
    Years and months begin at midnight in the time zone. Whoever else adds takes others.
    """
    parts = [_taken(calendars, most=most, zone=zone, settled_until=settled_until)]
    for name, words in _PARTS.items():
        parts.append(text(words.format(**_WORDS)).bindparams(*_bound(name)).columns().cte(name))
    return text("SELECT count(*) FROM taken").columns().add_cte(*parts)


def _bound(name: str) -> Sequence[BindParameter[Any]]:
    if name != "shortest_part":
        return ()
    return bindparam("nothing", NOTHING, SmallInteger), bindparam("growth", GROWTH, Float)


_LAST_AT: Final = (
    select(Event.recorded_at)
    .where(Event.stream == func.concat("nomination:", Visit.nomination_id))
    .order_by(Event.seq.desc())
    .limit(1)
    .scalar_subquery()
)


def _taken(
    calendars: Mapping[Calendar, Sequence[int]], *, most: int, zone: str, settled_until: datetime | None
) -> CTE:
    """Return the stays that are marked, with the keys of their nomination."""
    # What happened to its nomination so lately may be undone, and its last stay then goes on.
    settled = true() if settled_until is None else func.coalesce(settled_until >= _LAST_AT, true())
    due = (
        select(Visit.id)
        .where(Visit.left_at.is_not(None), not_(Visit.is_summed), Visit.voided_at.is_(None), settled)
        .order_by(Visit.left_at)
        .limit(most)
        .with_for_update(key_share=True, skip_locked=True)
        .cte("due")
    )
    entered, claimed, left = Visit.entered_at, Visit.first_claimed_at, Visit.left_at
    is_counted = Visit.working_minutes.is_not(None)
    minutes = {
        written: case(
            (is_counted | start.is_(None) | end.is_(None), written),
            else_=working_minutes(
                calendars, Nomination.definition_id, local_time(zone, start), local_time(zone, end)
            ),
        )
        for written, start, end in (
            (Visit.working_minutes, entered, left),
            (Visit.waiting_minutes, entered, claimed),
            (Visit.service_minutes, claimed, left),
        )
    }
    return (
        update(Visit)
        .where(Visit.id == due.c.id, Nomination.id == Visit.nomination_id)
        .values({Visit.is_summed: True, **minutes})
        .returning(
            Nomination.definition_id,
            Nomination.award_edition_id,
            Nomination.unit_id,
            *(Visit.step, Visit.stage, Visit.nth, entered, left, Visit.due_at, claimed),
            *(Visit.working_minutes, Visit.waiting_minutes, Visit.service_minutes),
            (func.coalesce(Visit.ended, Ending.MOVED) == Ending.MOVED).label("is_finished"),
            func.timezone(zone, entered).label("local"),
        )
        .cte("taken")
    )
