"""Figures looked up in sums lie within 2.5 percent of `percentile_cont`, whatever the stays are like."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.bulk import add_nominations, add_round, add_visits, unit_ids
from tests.support.office import AG, DT, Office, furnish
from tests.support.stays import rows_of
from workflow.clock import FixedClock
from workflow.operations.sweep.sum_stays import sum_stays
from workflow.queries.waiting import covers
from workflow.queries.waiting.measures import TimeKind

WITHIN = 0.025
MINUTE, DAY = 60.0, 86_400.0
EXACT = text("""
SELECT step, unit.code AS unit, count(*) AS finished,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY took) AS median_hours,
    percentile_cont(0.85) WITHIN GROUP (ORDER BY took) AS p85_hours,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY took) AS p90_hours,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY waited) AS waiting_median_hours,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY served) AS service_median_hours
FROM visit JOIN nomination ON nomination.id = nomination_id JOIN unit ON unit.id = unit_id
CROSS JOIN LATERAL (SELECT extract(epoch FROM left_at - entered_at)::float / 3600 AS took,
    extract(epoch FROM first_claimed_at - entered_at)::float / 3600 AS waited,
    extract(epoch FROM left_at - first_claimed_at)::float / 3600 AS served) AS span
WHERE left_at IS NOT NULL GROUP BY step, unit.code
""")
WORKED = text("""
SELECT step, unit.code AS unit, count(*) AS finished,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY working_minutes / 60.0) AS median_hours,
    percentile_cont(0.85) WITHIN GROUP (ORDER BY working_minutes / 60.0) AS p85_hours,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY working_minutes / 60.0) AS p90_hours,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY waiting_minutes / 60.0) AS waiting_median_hours,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY service_minutes / 60.0) AS service_median_hours
FROM visit JOIN nomination ON nomination.id = nomination_id JOIN unit ON unit.id = unit_id
WHERE left_at IS NOT NULL GROUP BY step, unit.code
""")
FIGURES = ("median_hours", "p85_hours", "p90_hours", "waiting_median_hours", "service_median_hours")
# Seconds that the stays of one step take: each step is of one kind, and of many sizes over the seeds.
KINDS: dict[str, Callable[[random.Random], float]] = {
    "nothing": lambda _: 0.0,
    "one_time": lambda _: 3.7 * DAY,
    "two_times": lambda dice: dice.choice((5 * MINUTE, 30 * DAY)),
    "often_nothing": lambda dice: dice.choice((0.0, 0.0, dice.uniform(1, DAY))),
    "any_size": lambda dice: 10 ** dice.uniform(-6, 8),
    "ten_years": lambda dice: dice.choice((dice.expovariate(1 / DAY), 3650 * DAY)),
    "ordinary": lambda dice: dice.lognormvariate(11, 1.5),
}


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish(session, now=clock.now())


def lay_out(office: Office, now: datetime, *, seed: int) -> None:
    """Write stays of each kind in two units: none, one, two or many of them in each."""
    dice = random.Random(seed)
    units = unit_ids(office.session)
    round_id = add_round(office.session, units[AG], now)
    codes = [dice.choice((AG, DT)) for _ in range(40)]
    rows = [{"unit_id": units[code], "created_by": office.ids["nominator"]} for code in codes]
    ids = add_nominations(office.session, rows, round_id=round_id, now=now)
    stays: list[dict[str, Any]] = []
    for kind, length in KINDS.items():
        for nomination_id in ids[: dice.choice((1, 2, 3, 40))]:
            took = timedelta(seconds=length(dice))
            entered_at = now - timedelta(days=dice.uniform(0, 900)) - took
            stays.append(
                {
                    "nomination_id": nomination_id,
                    "ordinal": len(stays) + 1,
                    "step": kind,
                    "stage": "council",
                    "sent_by": office.ids["nominator"],
                    "entered_at": entered_at,
                    "left_at": entered_at + took,
                    "due_at": None,
                    "claimed_at": entered_at + took * dice.random() if dice.random() < 0.6 else None,
                    "nth": 1,
                    "ended": "moved",
                }
            )
    add_visits(office.session, stays)
    office.session.commit()


@pytest.mark.parametrize("seed", range(4))
def test_every_figure_is_near_the_one_of_the_stays(
    office: Office, database: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    lay_out(office, clock.now(), seed=seed)
    # Of what is left unsummed the figures are added to those of the sums.
    sum_stays(database.sessions, batch=60 if seed % 2 else 7, seconds=0 if seed == 1 else 60)
    monkeypatch.setattr(covers, "WORTH_IT", 1)
    told = {time: rows_of(office, clock.now(), time=time, by_unit=True) for time in TimeKind}
    # That writes the working minutes which the database is asked about below.
    sum_stays(database.sessions, seconds=60)
    for time, exact in ((TimeKind.CALENDAR, EXACT), (TimeKind.WORKING, WORKED)):
        found = {(row.step, row.unit): row for row in told[time]}
        with database.sessions() as session:
            wanted = {(row.step, row.unit): row for row in session.execute(exact)}
        assert found.keys() == wanted.keys()
        for place, row in found.items():
            assert (row.finished, row.within) == (wanted[place].finished, WITHIN)
            for name in FIGURES:
                ours, theirs = getattr(row, name), getattr(wanted[place], name)
                assert is_near(ours, theirs), (time, place, name, ours, theirs)


def is_near(ours: float | None, theirs: Any) -> bool:
    """Return whether hours are those of the database, but for the share allowed and some microseconds."""
    if ours is None or theirs is None:
        return ours is theirs
    return abs(ours - float(theirs)) <= WITHIN * float(theirs) + 1e-9
