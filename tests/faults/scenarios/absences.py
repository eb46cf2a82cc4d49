"""Reviewers go away and come back in the very moment in which reminders of their work fall due.

The deputy of the unit acts meanwhile. Of each rung one of the two is told, never both and never nobody.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import cycle
from typing import Final
from zoneinfo import ZoneInfo

from tasks.app import hint, make_app
from tasks.names import TaskName
from tests.faults.rig.installation import ZONE, Installation
from tests.faults.rig.repeat import repeated
from tests.faults.rig.trial import Proof, Scenario
from tests.faults.rig.world import UNITS, Away, seat
from workflow.clock import DatabaseClock
from workflow.domain.vocabulary import Via
from workflow.operations.people.absences import NewAbsence, announce_absence, end_absence

_NEAR: Final = timedelta(milliseconds=250)
_SHARE: Final = 20
_FALL_DUE: Final = """
UPDATE rung SET fire_at = clock_timestamp() + random() * interval '100 milliseconds' WHERE id IN (
    SELECT DISTINCT ON (rung.work_item_id) rung.id FROM rung
    JOIN work_item ON work_item.id = rung.work_item_id AND closed_at IS NULL AND owner_key = %s
    WHERE fired_at IS NULL AND dead_at IS NULL AND fire_at > clock_timestamp()
    ORDER BY rung.work_item_id, ordinal LIMIT 2
) AND fired_at IS NULL
"""
# By work and rung, those who were told to do it; a letter that was handed on went to the other one.
_TOLD: Final = """
SELECT event.id, rung.fired_at, array_agg(account.email ORDER BY account.email)
FROM rung JOIN work_item ON work_item.id = rung.work_item_id AND owner_key LIKE 'unit_reviewer@unit:F%%'
JOIN event ON event.stream = 'nomination:' || rung.nomination_id AND event.action = 'remind'
    AND event.data->>'work_item' = rung.work_item_id::text AND event.data->>'rung' = rung.ordinal::text
LEFT JOIN outbox ON outbox.event_id = event.id AND coalesce(outbox.state_reason, '') NOT LIKE '%%away'
LEFT JOIN account ON account.id = outbox.account_id
WHERE rung.kind = 'remind' AND rung.fired_at >= %s AND event.data->>'skipped' IS DISTINCT FROM 'superseded'
GROUP BY event.id, rung.fired_at
"""
_since: dict[int, datetime] = {}


@contextmanager
def away_and_back(rig: Installation) -> Iterator[Proof]:
    """Have each unit's reviewer leave and return, and their reminders fall due just then."""
    app = make_app(f"redis://127.0.0.1:{rig.hints.port}/0")
    changed_at, standing = list[datetime](), dict[str, tuple[int, datetime]]()
    since = _since[id(rig)] = datetime.now(UTC)
    units = cycle(UNITS)
    rig.world.away.clear()

    def change() -> int:
        unit = next(units)
        with rig.connect() as connection:
            connection.execute(_FALL_DUE, (f"unit_reviewer@unit:{unit}",))
        _turn(rig, unit, standing)
        changed_at.append(datetime.now(UTC))
        hint(app, TaskName.SWEEP)
        return 1

    with repeated(change, every=0.1):
        yield lambda: _met(rig, since, list(changed_at))
    for unit in list(standing):
        _turn(rig, unit, standing)


def _turn(rig: Installation, unit: str, standing: dict[str, tuple[int, datetime]]) -> None:
    """Announce that the reviewer of a unit is away, or end that."""
    email, substitute = seat("unit_reviewer", unit), seat("unit_deputy", unit)
    with rig.sessions() as session:
        now = DatabaseClock().now(session)
        if unit in standing:
            absence_id, begun_at = standing.pop(unit)
            end_absence(session, actor=None, absence_id=absence_id, via=Via.CLI, now=now)
            rig.world.away.append(Away(email, substitute, begun_at, datetime.now(UTC)))
            return
        today, ids = now.astimezone(ZoneInfo(ZONE)).date(), rig.world.account_ids
        new = NewAbsence(ids[email], today, today + timedelta(days=3), None, [ids[substitute]])
        made = announce_absence(session, actor=None, new=new, via=Via.CLI, now=now)
        standing[unit] = (made.absence_id, now)


def _told(rig: Installation, since: datetime) -> list[tuple[datetime, list[str | None]]]:
    with rig.connect() as connection:
        rows = connection.execute(_TOLD, (since,)).fetchall()
    return [(at, told) for _, at, told in rows if isinstance(at, datetime) and isinstance(told, list)]


def _met(rig: Installation, since: datetime, changed_at: Sequence[datetime]) -> int:
    """Return how many reminders fired within a quarter of a second of a change.

    None count unless each of the two was told at least one in twenty: else nothing races.
    """
    near = [told for at, told in _told(rig, since) if any(abs(at - one) <= _NEAR for one in changed_at)]
    to_deputies = sum(any(one and "deputy" in one for one in told) for told in near)
    return len(near) if min(to_deputies, len(near) - to_deputies) * _SHARE >= len(near) else 0


def each_was_told_once(rig: Installation) -> Iterable[str]:
    """Yield reminders of which both were told, or nobody."""
    for at, told in _told(rig, _since.pop(id(rig))):
        if len(told) != 1 or told[0] is None:
            yield f"of a reminder at {at} were told {told}"


SCENARIOS = (
    Scenario(
        "absence changed while a rung fires",
        away_and_back,
        seconds=90,
        times=20,
        stays_green=True,
        demand=each_was_told_once,
    ),
    Scenario(
        "absence changed while a rung fires, for long",
        away_and_back,
        seconds=900,
        times=500,
        stays_green=True,
        demand=each_was_told_once,
    ),
)
