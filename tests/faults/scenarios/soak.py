"""Ten minutes of work with nothing broken: memory, connections and threads must not grow."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from statistics import linear_regression, mean
from typing import Final

import psutil

from tests.faults.rig.installation import Installation
from tests.faults.rig.repeat import repeated
from tests.faults.rig.trial import Proof, Scenario
from workflow.clock import monotonic

SECONDS: Final = 600.0
_WARM_SECONDS: Final = 180.0
_EVERY_SECONDS: Final = 5.0
_SESSIONS: Final = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
GROWTH: Final = {"memory": 0.15, "threads": 0.1, "files": 0.15, "sessions": 0.25}
"""By which share of its mean each may grow in ten minutes, by the straight line through what was measured."""


@dataclass
class Soak:
    """What was measured of each process, and of the database's sessions, with the second of each look."""

    found: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))

    @contextmanager
    def __call__(self, rig: Installation) -> Iterator[Proof]:
        """Look every few seconds; nothing is broken."""
        began = monotonic()
        with repeated(lambda: self._look(rig, monotonic() - began), every=_EVERY_SECONDS) as looks:
            yield looks

    def grown(self, _rig: Installation) -> Iterator[str]:
        """Yield what grew by more than it may."""
        for name, growth in self.growths().items():
            if growth > GROWTH[name.split()[0]]:
                yield f"{name} grew by {growth:.0%} in ten minutes"

    def growths(self) -> Mapping[str, float]:
        """Return by which share of its mean each grew in ten minutes, once warm."""
        late = {
            name: [(at, value) for at, value in looks if at >= _WARM_SECONDS]
            for name, looks in self.found.items()
        }
        return {
            name: linear_regression([at for at, _ in looks], [value for _, value in looks]).slope
            * SECONDS
            / max(mean(value for _, value in looks), 1.0)
            for name, looks in late.items()
            if len(looks) > 10
        }

    def _look(self, rig: Installation, at: float) -> int:
        for program in ("web", "worker", "beat"):
            for process in rig.processes(program):
                with suppress(psutil.Error):
                    who = f"{program} {process.pid}"
                    self.found[f"memory of {who}"].append((at, process.memory_info().rss))
                    self.found[f"threads of {who}"].append((at, process.num_threads()))
                    self.found[f"files of {who}"].append((at, process.num_fds()))
        with rig.connect() as connection:
            row = connection.execute(_SESSIONS).fetchone()
        self.found["sessions"].append((at, float(str(row and row[0]))))
        return 1


_SOAK = Soak()
SCENARIOS = (
    Scenario("ten minutes with nothing broken", _SOAK, SECONDS, stays_green=True, demand=_SOAK.grown),
)
