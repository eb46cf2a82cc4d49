"""Decisions against the sweep: of whatever falls due in the moment in which it is decided, one is first."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import psycopg

from tasks.app import hint, make_app
from tasks.names import TaskName
from tests.faults.rig.installation import Installation
from tests.faults.rig.repeat import repeated
from tests.faults.rig.trial import Proof, Scenario

TIMES: Final = 1000
_NEAR: Final = "interval '250 milliseconds'"
_FALLS_DUE: Final = """
UPDATE rung SET fire_at = clock_timestamp() + random() * interval '100 milliseconds' WHERE id = (
    SELECT rung.id FROM rung JOIN work_item ON work_item.id = rung.work_item_id AND closed_at IS NULL
    WHERE rung.nomination_id = %s AND fired_at IS NULL AND dead_at IS NULL AND fire_at IS NOT NULL
    ORDER BY ordinal LIMIT 1
) AND fired_at IS NULL
"""
_MET: Final = f"""
SELECT count(*) FROM work_item WHERE closed_at IS NOT NULL AND EXISTS (SELECT FROM rung
    WHERE work_item_id = work_item.id AND (
        fired_at BETWEEN closed_at - {_NEAR} AND closed_at + {_NEAR}
        OR fire_at BETWEEN closed_at - {_NEAR} AND closed_at + {_NEAR}))
"""


@contextmanager
def raced(rig: Installation) -> Iterator[Proof]:
    """Let a reminder of each nomination fall due right before it is acted on, and the sweep never rest."""
    app = make_app(f"redis://127.0.0.1:{rig.hints.port}/0")
    before = _met(rig)

    def falls_due(nomination_id: int) -> None:
        with suppress(psycopg.Error), rig.connect() as connection:
            connection.execute(_FALLS_DUE, (nomination_id,))

    def look() -> int:
        hint(app, TaskName.SWEEP)
        return 1

    rig.world.eve = falls_due
    with repeated(look, every=0.05):
        yield lambda: _met(rig) - before
    rig.world.eve = None


def _met(rig: Installation) -> int:
    """Return of how many pieces of work the end and a reminder lie within a quarter of a second."""
    with rig.connect() as connection:
        row = connection.execute(_MET).fetchone()
    assert row is not None
    return int(str(row[0]))


SCENARIOS = (Scenario("decided while a reminder falls due", raced, seconds=3600, times=TIMES),)
