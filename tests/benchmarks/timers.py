"""Row 12: what a sweeping process takes of memory with few and with many timers open.

A timer is a row (`rung`). Queues that hold each as a message with a time of its own take 1 kB of the broker
and 8 kB of the worker for every one.
"""

from collections.abc import Sequence
from multiprocessing import get_context
from typing import Final

import psutil
import psycopg

from tests.benchmarks.lists import ours as decide_list
from tests.benchmarks.rows import Row
from tests.benchmarks.scene import TIMEZONE, Scene, add_drafts, plain
from tests.benchmarks.sweeping import DAY, renew
from workflow.clock import FixedClock
from workflow.operations.sweep.escalate import fire_due
from workflow.store.database import make_engine, make_sessions

_FEW: Final = 10_000
_PASSES: Final = 20


def timer_rows(scene: Scene, *, rungs: int, most: int) -> list[Row]:
    """Fire that many reminders among few open timers and among many, each in a process of its own."""
    drafts = add_drafts(scene, rungs)
    decide_list(scene, drafts, 0, key="timers")
    taken = {}
    for size in (_FEW, most):
        renew(scene, drafts)
        _open(scene, drafts, size)
        with get_context("spawn").Pool(1) as pool:
            fired, taken[size] = pool.apply(_sweep, (scene.url,))
        assert fired == rungs, fired
    few, many = (f"{taken[size] / 2**20:.1f} MB" for size in (_FEW, most))
    return [
        Row(12, f"memory of a sweeper of {most:,} open timers", many, f"{few} of {_FEW:,}",
            taken[most] / taken[_FEW], "x", 1.1, 1.1, less_is_better=True)
    ]  # fmt: skip


def _open(scene: Scene, drafts: Sequence[int], size: int) -> None:
    """Have so many timers open beside those that are due: they hang on the same work, months ahead."""
    with psycopg.connect(plain(scene.owner_url), autocommit=True) as connection:
        connection.execute("DELETE FROM rung WHERE ordinal > 1000")
        connection.execute(
            "INSERT INTO rung (id, work_item_id, nomination_id, ordinal, kind, recipient, fire_at)"
            " SELECT gen_random_uuid(), work.id, work.nomination_id, 1000 + n, 'remind', 'holder',"
            " %(day)s + (1 + random()) * interval '90 days'"
            " FROM work_item AS work, generate_series(1, %(each)s) AS n"
            " WHERE work.nomination_id = ANY(%(ids)s) AND work.closed_at IS NULL",
            {"day": DAY, "each": size // len(drafts), "ids": list(drafts)},
        )
        connection.execute("VACUUM ANALYZE rung")


def _sweep(url: str) -> tuple[int, int]:
    """Sweep over and over, as a worker does, and return how many fired and the octets of memory at most."""
    sessions = make_sessions(make_engine(url), timezone=TIMEZONE)
    fired = most = 0
    for _ in range(_PASSES):
        fired += fire_due(sessions, clock=FixedClock(DAY)).rungs
        # The peak that the system keeps begins with that of whoever started us.
        most = max(most, psutil.Process().memory_info().rss)
    return fired, most
