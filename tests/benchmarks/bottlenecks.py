"""Row 9: where a year of stays took longest, beside percentile_cont over the same stays in the same run.

Ours is the whole question as the edge asks it, by unit: filters, figures, counts and labels. The limit is the
five figures alone, and both sides are compared at the end.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final
from zoneinfo import ZoneInfo

import psycopg

from tests.benchmarks.rows import Row
from tests.benchmarks.scene import NOW, TIMEZONE, Scene, plain
from tests.benchmarks.sector import sum_at_once
from tests.support.office import TOP
from workflow.domain.rights.scope import Scope
from workflow.queries.paging import Page
from workflow.queries.waiting.bottlenecks import BottleneckRow, bottlenecks
from workflow.queries.waiting.visits import VisitFilters

_GROUPS: Final = 800
_STEPS: Final = 6
_TABLES: Final = ("units", "round", "nominations", "visits")
_SINCE: Final = datetime(NOW.year - 1, 1, 1, tzinfo=ZoneInfo(TIMEZONE))
_UNTIL: Final = datetime(NOW.year, 1, 1, tzinfo=ZoneInfo(TIMEZONE))
_NAME: Final = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)
_HOUR: Final = 3600
_WITHIN: Final = 0.025


def bottleneck_rows(scene: Scene, *, stays: int, turns: int) -> list[Row]:
    """Lay out the year, sum what is over as the sweep does, and time both sides in turn."""
    statements = _statements()
    units = -(-_GROUPS // _STEPS)
    values = {
        "units": units,
        "nominations": stays // _STEPS,
        "top": TOP,
        "round": "YEAR",
        "year": _SINCE.year,
        "since": _SINCE,
        "until": _UNTIL,
    }
    with psycopg.connect(plain(scene.owner_url), autocommit=True) as connection:
        for name in _TABLES:
            connection.execute(statements[name].encode(), values)
        sum_at_once(scene.owner_url)
        # As autovacuum would have done by the time a real table has this many rows.
        connection.execute("VACUUM ANALYZE")
        ours, limit = [], []
        for turn in range(turns + 1):
            began = perf_counter()
            page = _read(scene, limit=units * _STEPS)
            between = perf_counter()
            exact = connection.execute(statements["limit"].encode(), values).fetchall()
            # The first turn plans, compiles and warms the cache, which a server does once in its life.
            if turn:
                ours.append(between - began)
                limit.append(perf_counter() - between)
    check(page, exact)
    times = median(limit) / median(ours)
    return [
        Row(
            9,
            f"bottlenecks of a year, {stays:,} stays, {len(page.items)} groups",
            f"{median(ours) * 1e3:.0f} ms",
            f"{median(limit) * 1e3:.0f} ms percentile_cont",
            times,
            "x",
            50,
            100,
        )
    ]


def check(page: Page[BottleneckRow], exact: Sequence[tuple[float, ...]]) -> None:
    """Make sure that both sides measured the same, and ours within what it says of itself."""
    assert page.next is None
    assert sum(row.finished for row in page.items) == sum(row[2] for row in exact)
    names = ("median_hours", "p85_hours", "p90_hours", "waiting_median_hours", "service_median_hours")
    for place, name in enumerate(names, 3):
        ours = sorted(getattr(row, name) * _HOUR for row in page.items)
        theirs = sorted(row[place] for row in exact)
        for found, wanted in zip(ours, theirs, strict=True):
            assert abs(found - wanted) <= _WITHIN * wanted, (name, found, wanted)


def _read(scene: Scene, *, limit: int) -> Page[BottleneckRow]:
    with scene.sessions() as session:
        return bottlenecks(
            session,
            scope=Scope(is_everything=True),
            now=NOW,
            filters=VisitFilters(since=_SINCE, until=_UNTIL),
            by_unit=True,
            limit=limit,
        )


def _statements() -> dict[str, str]:
    _, *parts = _NAME.split(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    return dict(zip(parts[::2], parts[1::2], strict=True))
