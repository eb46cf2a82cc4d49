"""Reviewers ask who nominates, and are answered, while workers die and what is promised falls due.

Right before anybody acts, what is promised of that nomination falls due: the reminder of the question against
its answer, that of the step against the question. Of each one is first, and the other finds it done.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Final

from tests.faults.rig.installation import Installation
from tests.faults.rig.repeat import repeated
from tests.faults.rig.trial import Proof, Scenario
from tests.faults.scenarios.race import falls_due

_ASKS: Final = 0.5
_FEWEST: Final = 5
_floors: dict[int, int] = {}

# Each is told of what is wrong where there is a row; `floor` is the highest nomination of before the fault.
_WRONG: Final = {
    "nominations with more or less than one open work": (
        "SELECT nomination.id FROM nomination LEFT JOIN work_item ON nomination_id = nomination.id"
        " AND work_item.closed_at IS NULL WHERE nomination.id > %(floor)s"
        " AND stage NOT IN ('approved', 'rejected', 'withdrawn')"
        " GROUP BY nomination.id HAVING count(work_item.id) <> 1"
    ),
    "questions whose clock did not stand just so long": (
        "SELECT work_item.id FROM work_item JOIN visit ON visit.id = visit_id"
        " WHERE work_item.kind = 'answer' AND work_item.nomination_id > %(floor)s"
        " AND (NOT opened_at = ANY (holds) OR outcome = 'answer_info' AND NOT closed_at = ANY (holds)"
        " OR closed_at IS NULL AND (clock_started_at IS NOT NULL OR visit.due_at IS NOT NULL))"
    ),
}
# The sweep is often dead when what is promised falls due: what waits for an answer does so again and again.
_FALL_DUE: Final = (
    "UPDATE rung SET fire_at = clock_timestamp() WHERE id IN (SELECT DISTINCT ON (rung.work_item_id) rung.id"
    " FROM rung JOIN work_item ON work_item.id = rung.work_item_id AND work_item.kind = 'answer'"
    " WHERE closed_at IS NULL AND fired_at IS NULL AND dead_at IS NULL AND fire_at > clock_timestamp()"
    " ORDER BY rung.work_item_id, ordinal) AND fired_at IS NULL AND fire_at IS NOT NULL"
)
_HISTORY: Final = (
    "SELECT stream, action, data->>'work_item', data ? 'rung' FROM event WHERE stream LIKE 'nomination:%%'"
    " AND substr(stream, 12)::bigint > %(floor)s ORDER BY stream, seq"
)
_ENDS_ONE: Final = ("answer_info", "approve", "return", "reject", "withdraw")
_ENDS: Final = (
    "SELECT coalesce(outcome, '-'), count(*) FROM work_item WHERE kind = 'answer'"
    " AND nomination_id > %(floor)s GROUP BY 1"
)
_TOLD: Final = (
    "SELECT count(*) FROM rung JOIN work_item ON work_item.id = work_item_id AND work_item.kind = 'answer'"
    " WHERE rung.nomination_id > %(floor)s AND fired_at IS NOT NULL"
)


def remember(rig: Installation) -> None:
    """Remember above which number the nominations of this scenario lie."""
    _floors[id(rig)] = int(str(_rows(rig, "SELECT coalesce(max(id), 0) FROM nomination")[0][0]))


@contextmanager
def asked_and_killed(rig: Installation) -> Iterator[Proof]:
    """Kill a process of the worker again and again while people ask and answer."""
    rng = random.Random(1)
    rig.world.asks, rig.world.eve = _ASKS, partial(_due_then, rig)

    def kill() -> int:
        with rig.connect() as connection:
            connection.execute(_FALL_DUE)
        # Its first process is begun anew by `up`, after pauses that grow; the lanes at once.
        found = rig.processes("worker")[:-1]
        return int(rig.kill(rng.choice(found))) if found else 0

    with repeated(kill, every=1.0) as killed:
        yield killed
    rig.world.asks, rig.world.eve = 0.0, None


def _due_then(rig: Installation, nomination_id: int) -> None:
    falls_due(rig, nomination_id)


def held_together(rig: Installation) -> Iterable[str]:
    """Yield what is not as questions leave it, and what did not come about, so that nothing was tried."""
    for name, statement in _WRONG.items():
        if found := _rows(rig, statement):
            yield f"{len(found)} {name}: {found[:3]}"
    yield from _out_of_turn(_rows(rig, _HISTORY))
    ends = {str(outcome): int(str(count)) for outcome, count in _rows(rig, _ENDS)}
    moved = sum(ends.get(outcome, 0) for outcome in ("approve", "return", "reject"))
    told = int(str(_rows(rig, _TOLD)[0][0]))
    for name, count in {
        "answered": ends.get("answer_info", 0),
        "ended by a move": moved,
        "told": told,
    }.items():
        if count < _FEWEST:
            yield f"only {count} questions were {name}: {ends}"


def _out_of_turn(events: Sequence[tuple[object, ...]]) -> Iterator[str]:
    """Yield what fired of a step while who nominates was asked, and of a question that had ended.

    The order of a stream is that of its commits, whatever their clocks said.
    """
    open_one = dict[object, object]()
    questions = {work for _, action, work, _ in events if action == "request_info"}
    for stream, action, work, is_rung in events:
        if action == "request_info":
            open_one[stream] = work
        elif action in _ENDS_ONE:
            open_one.pop(stream, None)
        elif is_rung and (work in questions or stream in open_one) and open_one.get(stream) != work:
            yield f"{stream}: {action} of {work} while {open_one.get(stream)} was asked"


def _rows(rig: Installation, statement: str) -> list[tuple[object, ...]]:
    with rig.connect() as connection:
        return connection.execute(statement, {"floor": _floors.get(id(rig), 0)}).fetchall()


SCENARIOS = (
    Scenario(
        "questions asked and answered while workers die",
        asked_and_killed,
        seconds=90,
        times=30,
        is_fast=True,
        before=remember,
        demand=held_together,
    ),
    Scenario(
        "questions asked and answered while workers die, for long",
        asked_and_killed,
        seconds=900,
        times=400,
        before=remember,
        demand=held_together,
    ),
)
