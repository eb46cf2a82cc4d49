"""Decisions against the sweep: of whatever falls due in the moment in which it is decided, one is first."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Final
from uuid import UUID

import psycopg

from tasks.app import hint, make_app
from tasks.names import TaskName
from tests.faults.rig.installation import Installation
from tests.faults.rig.repeat import repeated
from tests.faults.rig.trial import Proof, Scenario

TIMES: Final = 1000
_SHARE: Final = 50
_NEAR: Final = "interval '250 milliseconds'"
_FALLS_DUE: Final = """
UPDATE rung SET fire_at = clock_timestamp() + random() * interval '100 milliseconds' WHERE id = (
    SELECT rung.id FROM rung JOIN work_item ON work_item.id = rung.work_item_id AND closed_at IS NULL
    WHERE rung.nomination_id = %s AND fired_at IS NULL AND dead_at IS NULL AND fire_at IS NOT NULL
    ORDER BY ordinal LIMIT 1
) AND fired_at IS NULL RETURNING work_item_id, fire_at
"""
# A reminder that came second has no instant any more, so those that were set are remembered here.
_MET: Final = f"""
SELECT count(DISTINCT work_item.id), count(DISTINCT work_item.id) FILTER (WHERE EXISTS (SELECT FROM rung
    WHERE work_item_id = work_item.id AND fired_at BETWEEN closed_at - {_NEAR} AND closed_at))
FROM unnest(%s::uuid[], %s::timestamptz[]) AS due (id, at)
JOIN work_item ON work_item.id = due.id AND closed_at BETWEEN due.at - {_NEAR} AND due.at + {_NEAR}
"""


def falls_due(rig: Installation, nomination_id: int) -> list[tuple[UUID, datetime]]:
    """Let the next reminder of a nomination fall due within a tenth of a second; return its work and when."""
    found = list[tuple[object, ...]]()
    with suppress(psycopg.Error), rig.connect() as connection:
        found = connection.execute(_FALLS_DUE, (nomination_id,)).fetchall()
    return [(UUID(str(work)), datetime.fromisoformat(str(at))) for work, at in found]


@contextmanager
def raced(rig: Installation) -> Iterator[Proof]:
    """Let a reminder of each nomination fall due right before it is acted on, and the sweep never rest."""
    app = make_app(f"redis://127.0.0.1:{rig.hints.port}/0")
    dues = list[tuple[UUID, datetime]]()

    def remember(nomination_id: int) -> None:
        dues.extend(falls_due(rig, nomination_id))

    def look() -> int:
        hint(app, TaskName.SWEEP)
        return 1

    rig.world.eve = remember
    with repeated(look, every=0.05):
        yield lambda: _met(rig, dues)
    rig.world.eve = None


def _met(rig: Installation, dues: Sequence[tuple[UUID, datetime]]) -> int:
    """Return how many pieces of work ended within a quarter of a second of a reminder's instant.

    None count unless each of the two came first in one of fifty: else they do not race at all.
    """
    known = list(dues)
    with rig.connect() as connection:
        row = connection.execute(_MET, ([work for work, _ in known], [at for _, at in known])).fetchone()
    assert row is not None
    met, reminded_first = (int(str(number)) for number in row)
    is_a_race = min(reminded_first, met - reminded_first) * _SHARE >= met
    return met if is_a_race else 0


SCENARIOS = (Scenario("decided while a reminder falls due", raced, seconds=3600, times=TIMES),)
