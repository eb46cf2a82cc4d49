"""Row 13: decisions by two processes beside one, on this disk and on one that takes 4 ms for each flush.

Each process carries nominations of its own through the four decisions, as two web processes do. The slow disk
is `commit_delay`: a commit waits that long before it flushes, whoever else commits meanwhile goes with it, as
with a disk that is busy. Beside them stands what two processes that only count make of this machine: cores
that are shared with others, or share a cache, do not give twice as much to anybody.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from statistics import median
from time import perf_counter
from typing import Final

import psycopg
from sqlalchemy.engine import make_url

from tests.benchmarks.decisions import ours
from tests.benchmarks.rows import Row
from tests.benchmarks.scene import TIMEZONE, Scene, add_drafts, plain
from workflow.store.database import make_engine, make_sessions

SLOW_FLUSH: Final = 4_000
"""Microseconds that a flush takes on the slow disk."""

_WARM_UP: Final = 5
_PATIENCE: Final = 120.0
_COUNTS_SECONDS: Final = 1.0


def side_by_side_rows(scene: Scene, *, nominations: int, turns: int) -> list[Row]:
    """Measure one process and two in turn on both disks and return how many times as fast two are."""
    alone, both = (median(_counted(processes) for _ in range(turns)) for processes in (1, 2))
    rows = [
        Row(
            13,
            "counting by 2 processes, for comparison",
            f"{both / alone:.2f}x",
            "2.00x",
            both / alone,
            "x",
            None,
            None,
        )
    ]
    for disk, microseconds in (("this disk", 0), (f"flushes of {SLOW_FLUSH // 1000} ms", SLOW_FLUSH)):
        per_second: dict[int, list[float]] = {1: [], 2: []}
        with flushing_slowly(scene, microseconds):
            for _ in range(turns):
                for processes, found in per_second.items():
                    found.append(decided(scene, processes, nominations))
        one, two = median(per_second[1]), median(per_second[2])
        work, limit = f"decisions by 2 processes, {disk}", f"{one:.0f}/s by one"
        rows.append(Row(13, work, f"{two:.0f}/s", limit, two / one, "x", 1.6, 1.8))
    return rows


def decided(scene: Scene, processes: int, nominations: int) -> float:
    """Return how many decisions a second so many processes make together, each of its own nominations."""
    drafts = add_drafts(scene, processes * (nominations + _WARM_UP))
    context = get_context("spawn")
    barrier = context.Barrier(processes + 1)
    crew = [
        context.Process(target=_decide, args=(scene.url, scene.accounts, drafts[n::processes], barrier))
        for n in range(processes)
    ]
    for each in crew:
        each.start()
    barrier.wait(_PATIENCE)
    began = perf_counter()
    barrier.wait(_PATIENCE)
    seconds = perf_counter() - began
    for each in crew:
        each.join(_PATIENCE)
        assert each.exitcode == 0
    return processes * nominations * 4 / seconds


def _decide(url: str, accounts: dict[str, int], drafts: list[int], barrier: Barrier) -> None:
    engine = make_engine(url)
    mine = Scene(url, "", "", engine, make_sessions(engine, timezone=TIMEZONE), accounts)
    for place, nomination_id in enumerate(drafts):
        if place == _WARM_UP:
            barrier.wait(_PATIENCE)
        for decision in ours(mine, nomination_id):
            decision()
    barrier.wait(_PATIENCE)
    engine.dispose()


def _counted(processes: int) -> int:
    """Return how far so many processes count together, each for itself."""
    with get_context("spawn").Pool(processes) as pool:
        pool.map(_count, [0.0] * processes)
        return sum(pool.map(_count, [_COUNTS_SECONDS] * processes, chunksize=1))


def _count(seconds: float) -> int:
    until, rounds = perf_counter() + seconds, 0
    while perf_counter() < until:
        rounds += len({str(number): number for number in range(1_000)})
    return rounds


@contextmanager
def flushing_slowly(scene: Scene, microseconds: int) -> Iterator[None]:
    """Let every commit wait before it flushes, also a lone one."""
    superuser = plain(str(make_url(scene.owner_url).set(username="postgres")))

    def settle(*statements: str) -> None:
        with psycopg.connect(superuser, autocommit=True) as connection:
            for statement in (*statements, "SELECT pg_reload_conf()"):
                connection.execute(statement.encode())

    settle(f"ALTER SYSTEM SET commit_delay = {microseconds}", "ALTER SYSTEM SET commit_siblings = 0")
    try:
        yield
    finally:
        settle("ALTER SYSTEM RESET commit_delay", "ALTER SYSTEM RESET commit_siblings")
