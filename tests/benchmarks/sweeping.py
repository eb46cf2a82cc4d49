"""Rows 5 and 6: firing due reminders beside raw statements, by one sweep and two; finding them among many.

The raw statements write the same rows, one nomination a transaction. Each way in turn, medians of turns.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache, partial
from multiprocessing import get_context
from statistics import median
from time import perf_counter
from typing import Any

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy.dialects.postgresql import psycopg as psycopg_dialect

from tests.benchmarks.lists import ours as decide_list
from tests.benchmarks.raw_firing import fire_raw
from tests.benchmarks.rows import Row
from tests.benchmarks.scene import NOW, TIMEZONE, Scene, add_drafts, plain
from workflow.clock import FixedClock
from workflow.operations.nominations.decide_many import MOST_AT_ONCE
from workflow.operations.sweep.due import PAGE, ROOTS, due_pages
from workflow.operations.sweep.escalate import fire_due
from workflow.operations.sweep.firing import Fired
from workflow.store.database import make_engine, make_sessions

# On a later day than anything else of the benchmark: nothing but these is due then.
DAY = NOW + timedelta(days=400)
_LONG_BEFORE = NOW - timedelta(days=1)
_SMALL = 10_000
_ASKED = 9
_PATIENCE = 120


def fire_rows(scene: Scene, *, rungs: int, turns: int) -> list[Row]:
    """Fire that many rungs each way in turn, each of a nomination of its own; the first turn warms up."""
    drafts = _with_work(scene, rungs)
    seconds: dict[str, list[float]] = {"raw": [], "one": [], "two": []}
    with _sweepers(scene, 1) as one_sweeps, _sweepers(scene, 2) as two_sweep:
        for turn in range(turns + 1):
            for name, work in (("raw", partial(_raw, scene)), ("one", one_sweeps), ("two", two_sweep)):
                renew(scene, drafts)
                took = work(rungs)
                if turn:
                    seconds[name].append(took)
    per_s = {name: rungs / median(took) for name, took in seconds.items()}
    one, two, raw = (f"{per_s[name]:,.0f}/s" for name in ("one", "two", "raw"))
    return [
        Row(5, f"firing {rungs:,} due reminders completely", one, f"{raw} raw",
            per_s["one"] / per_s["raw"], " of raw", 0.4, 0.5),
        Row(5, "  by two sweeps", two, f"{one} by one", per_s["two"] / per_s["one"], "x one", None, 1.8),
    ]  # fmt: skip


def _with_work(scene: Scene, count: int) -> list[int]:
    """Send up that many nominations, as many at once as a request takes."""
    drafts = list[int]()
    for first in range(0, count, MOST_AT_ONCE):
        made = add_drafts(scene, min(MOST_AT_ONCE, count - first))
        decide_list(scene, made, 0, key=f"sweep {first}")
        drafts += made
    return drafts


def claim_rows(scene: Scene, *, rungs: int, most: int) -> list[Row]:
    """Time the sweep's own question for that many due rungs among few, among many, beside a long transaction.

    They lie scattered, in tables like the real one that are thrown away.
    """
    with scene.psycopg(as_owner=True) as connection:
        connection.execute("SET statement_timeout = 0")
        connection.commit()
        found = {}
        for size in (_SMALL, most):
            _lay_out(connection, size, rungs)
            found[size] = median(_ask(connection, DAY, rungs) for _ in range(_ASKED))
        idle = median(_ask(connection, _LONG_BEFORE, 0) for _ in range(_ASKED))
        free = _cycles(connection, rungs)
        with scene.psycopg() as other:
            other.execute("SET idle_in_transaction_session_timeout = 0")
            other.commit()
            # Only such a transaction keeps its first snapshot, and with it every row that was true then.
            other.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            other.execute("SELECT count(*) FROM rung")
            held = _cycles(connection, rungs)
        connection.execute("DROP SCHEMA bench CASCADE")
        connection.commit()
    few, many = (f"{found[size] * 1e3:.1f} ms" for size in (_SMALL, most))
    return [
        Row(5, f"finding {rungs:,} due among {most:,} open", many, f"{few} among {_SMALL:,}",
            found[most] / found[_SMALL], "x", 2.5, 1.5, less_is_better=True),
        Row(5, "  finding that nothing is", f"{idle * 1e3:.2f} ms", "", idle * 1e3, " ms", None, 1.0,
            less_is_better=True),
        Row(6, "finding those due while a long transaction is open", f"{held * 1e3:.1f} ms",
            f"{free * 1e3:.1f} ms without", held / free, "x", 2.6, 1.3, less_is_better=True),
    ]  # fmt: skip


def renew(scene: Scene, drafts: Sequence[int]) -> None:
    """Make the first reminder of each nomination due on that day, as if it had never fired, and no other."""
    with scene.psycopg(as_owner=True) as connection:
        connection.execute("SET statement_timeout = 0")
        connection.execute("DELETE FROM outbox WHERE notice IN ('reminder', 'escalation')")
        connection.execute("UPDATE rung SET fire_at = NULL WHERE fire_at IS NOT NULL")
        connection.execute(
            "UPDATE rung SET fire_at = %s - random() * interval '1 hour', fired_at = NULL"
            " WHERE nomination_id = ANY(%s) AND kind = 'remind' AND ordinal = 1",
            [DAY, list(drafts)],
        )
    with psycopg.connect(plain(scene.owner_url), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE rung, outbox")


def _raw(scene: Scene, rungs: int) -> float:
    with scene.psycopg() as connection:
        began = perf_counter()
        fired = fire_raw(connection, [row.nomination_id for row in _pages(connection, DAY)], DAY)
        took = perf_counter() - began
    assert fired == rungs, fired
    return took


@contextmanager
def _sweepers(scene: Scene, count: int) -> Iterator[Callable[[int], float]]:
    """Keep so many processes that sweep at once when they are called, as workers do."""
    context = get_context("spawn")
    start = context.Barrier(count + 1)
    with context.Pool(count, _begin, (scene.url, start)) as pool:

        def sweep(rungs: int) -> float:
            done = [pool.apply_async(_sweep) for _ in range(count)]
            start.wait(_PATIENCE)
            began = perf_counter()
            fired = sum((each.get(_PATIENCE) for each in done), Fired())
            took = perf_counter() - began
            assert fired.rungs == rungs, fired
            return took

        yield sweep


_OWN: dict[str, Any] = {}


def _begin(url: str, start: Any) -> None:
    _OWN.update(sessions=make_sessions(make_engine(url), timezone=TIMEZONE), start=start)


def _sweep() -> Fired:
    _OWN["start"].wait(_PATIENCE)
    return fire_due(_OWN["sessions"], clock=FixedClock(DAY))


def _lay_out(connection: psycopg.Connection[Any], size: int, rungs: int) -> None:
    """Make a table of open rungs in a schema before the real one, so many of them due and scattered."""
    connection.execute("SET search_path = public")
    connection.execute("DROP SCHEMA IF EXISTS bench CASCADE")
    connection.execute("CREATE SCHEMA bench")
    connection.execute("CREATE TABLE bench.rung (LIKE public.rung INCLUDING ALL)")
    connection.execute(
        "INSERT INTO bench.rung (id, work_item_id, nomination_id, ordinal, kind, recipient, fire_at)"
        " SELECT gen_random_uuid(), gen_random_uuid(), n, 1, 'remind', 'holder', CASE WHEN n %% %(every)s = 0"
        " THEN %(day)s - random() * interval '1 hour' ELSE %(day)s + (1 + random()) * interval '30 days' END"
        " FROM generate_series(1, %(size)s) AS n",
        {"day": DAY, "every": size // rungs, "size": size},
    )
    connection.execute("SET search_path = bench, public")
    connection.commit()
    # As autovacuum has by the time a real table has this many rows.
    connection.autocommit = True
    connection.execute("VACUUM ANALYZE bench.rung")
    connection.autocommit = False


def _ask(connection: psycopg.Connection[Any], now: datetime, rungs: int) -> float:
    """Ask as the sweep does, page after page, and return the seconds."""
    began = perf_counter()
    count = len(_pages(connection, now))
    took = perf_counter() - began
    connection.commit()
    assert count == rungs, count
    return took


def _pages(connection: psycopg.Connection[Any], now: datetime) -> list[Any]:
    cursor, found = connection.cursor(row_factory=namedtuple_row), list[Any]()
    values: dict[str, Any] = {"now": now}
    while True:
        text, constants = _page(goes_on=bool(found))
        rows: list[Any] = list(cursor.execute(text, {**constants, **values}, prepare=True))
        found += rows
        if len(rows) < PAGE:
            return found
        values |= {"after": rows[-1].fire_at, "after_id": rows[-1].id}


@cache
def _page(*, goes_on: bool) -> tuple[bytes, Any]:
    """Return the sweep's own question as its driver gets it."""
    page = due_pages(ROOTS[0], goes_on=goes_on).compile(dialect=psycopg_dialect.dialect())
    return str(page).encode(), page.params


def _cycles(connection: psycopg.Connection[Any], rungs: int) -> float:
    """Find what is due, fire it and make others due, some times over; return the median of the finding."""
    seconds = []
    for _ in range(_ASKED):
        seconds.append(_ask(connection, DAY, rungs))
        connection.execute(
            "WITH fired AS (UPDATE rung SET fired_at = %(day)s WHERE fire_at <= %(day)s AND fired_at IS NULL)"
            " UPDATE rung SET fire_at = %(day)s - random() * interval '1 hour' WHERE id IN"
            " (SELECT id FROM rung WHERE fire_at > %(day)s AND fired_at IS NULL LIMIT %(rungs)s)",
            {"day": DAY, "rungs": rungs},
        )
        connection.commit()
    return median(seconds)
