"""DBOS: a durable workflow for each nomination, a step for each decision.

Whole: each step writes the same facts as raw statements in a transaction of its own, and DBOS records the
workflow and its steps in its own tables beside them. Nobody is waited for between the steps.
"""

from collections.abc import Sequence
from typing import Any

from dbos import DBOS, DBOSConfig
from sqlalchemy.engine import make_url

from tests.benchmarks.raw_decision import Leap, RawDecisions
from tests.benchmarks.scene import NOW


class DbosRoutes:
    """Carries a nomination through its whole route as one durable workflow."""

    def __init__(
        self, machine: RawDecisions, route: Sequence[Leap], actors: Sequence[int], *, url: str
    ) -> None:
        config: DBOSConfig = {
            "name": "peers",
            "system_database_url": str(make_url(url).render_as_string(hide_password=False)),
            "run_admin_server": False,
            "log_level": "ERROR",
        }
        DBOS(config=config)

        @DBOS.step()  # type: ignore[untyped-decorator]  # its types are where it is installed
        def decide(nomination_id: int, position: int) -> int:
            machine.decide(
                route[position],
                nomination_id=nomination_id,
                version=position + 1,
                actor_id=actors[position],
                key=f"dbos-{nomination_id}-{position}",
                now=NOW,
            )
            return position + 2

        @DBOS.workflow()  # type: ignore[untyped-decorator]  # as above
        def carry(nomination_id: int) -> int:
            version = 1
            for position in range(len(route)):
                version = decide(nomination_id, position)
            return version

        self._carry: Any = carry
        DBOS.launch()

    def carry(self, nomination_id: int) -> None:
        """Run the workflow of one nomination to its end."""
        if self._carry(nomination_id) != 5:
            raise ValueError("the workflow ended early")

    def close(self) -> None:
        """Stop the threads of DBOS."""
        DBOS.destroy()
