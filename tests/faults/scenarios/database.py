"""PostgreSQL holds every fact: while it is away nothing is acknowledged, and what was is there afterwards."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tests.faults.rig.installation import Installation
from tests.faults.rig.trial import Proof, Scenario

DATABASE: Final = frozenset({"database"})


@contextmanager
def restarted_at_once(rig: Installation) -> Iterator[Proof]:
    """Restart with `-m immediate`: no session is asked, and the log is read again."""
    before = rig.postmaster().pid
    rig.end_postgres(signal.SIGQUIT)
    rig.start_postgres()
    yield lambda: int(rig.postmaster().pid != before)


SCENARIOS = (
    Scenario(
        "PostgreSQL restarted with -m immediate", restarted_at_once, seconds=1, bears=True, is_fast=True
    ),
)
