"""DBOS: a durable workflow for each nomination, a step for each decision.

Whole: each step writes the same facts as raw statements, in a transaction of its own. Bare: a state and one
row of a log. DBOS records the workflow and its steps in tables of its own besides. Nobody is waited for
between the steps; a program that waits for people sends and receives a message more for each.
"""

from collections.abc import Callable, Sequence
from typing import Any

from dbos import DBOS, DBOSConfig

from tests.benchmarks.decisions import Decider
from tests.benchmarks.raw_decision import Leap
from tests.benchmarks.scene import NOW


class DbosRoutes:
    """Makes durable workflows that carry a nomination through its whole route."""

    def __init__(self, route: Sequence[Leap], actors: Sequence[int], *, url: str) -> None:
        config: DBOSConfig = {
            "name": "peers",
            "system_database_url": url,
            "run_admin_server": False,
            "log_level": "ERROR",
        }
        DBOS(config=config)
        self._route, self._actors = route, actors

    def carrier(self, name: str, machine: Decider) -> Callable[[int], None]:
        """Return what runs the workflow of one nomination to its end; to be made before the launch."""

        @DBOS.step(name=f"{name}-step")  # type: ignore[untyped-decorator]  # its types are where it is installed
        def decide(nomination_id: int, position: int) -> int:
            machine.decide(
                self._route[position],
                nomination_id=nomination_id,
                version=position + 1,
                actor_id=self._actors[position],
                key=f"{name}-{nomination_id}-{position}",
                now=NOW,
            )
            return position + 2

        @DBOS.workflow(name=name)  # type: ignore[untyped-decorator]  # as above
        def route(nomination_id: int) -> int:
            version = 1
            for position in range(len(self._route)):
                version = decide(nomination_id, position)
            return version

        carried: Any = route

        def carry(nomination_id: int) -> None:
            if carried(nomination_id) != len(self._route) + 1:
                raise ValueError("the workflow ended early")

        return carry

    def launch(self) -> None:
        """Start the threads of DBOS and make its tables."""
        DBOS.launch()

    def close(self) -> None:
        """Stop the threads of DBOS."""
        DBOS.destroy()
