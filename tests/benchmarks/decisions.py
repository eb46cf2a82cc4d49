"""Rows 1 and 2: decisions through the product's operations beside the same decisions as raw statements.

One nomination each way in turn, so that a noisy machine disturbs both alike; medians over nominations.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from statistics import median
from time import perf_counter, process_time
from typing import Protocol

from tests.benchmarks.executed import sqlalchemy_executes
from tests.benchmarks.raw_decision import Leap, RawDecisions
from tests.benchmarks.rows import Row
from tests.benchmarks.scene import NOW, ROUTE, Scene, add_drafts, leaps
from tests.support.office import PAPER
from workflow.domain.facts import MoveRequest
from workflow.domain.vocabulary import Via
from workflow.operations.keys import Claim
from workflow.operations.nominations.commands import Command
from workflow.operations.nominations.decide import decide
from workflow.store.people import load_actor

# The first rounds prepare statements, fill caches and compile; a server does that once in its life.
WARM_UP = 20


class Decider(Protocol):
    """Whoever makes one decision, worked out beforehand, and commits it."""

    def decide(
        self, leap: Leap, *, nomination_id: int, version: int, actor_id: int, key: str, now: datetime
    ) -> None:
        """Carry out one decision; ValueError when it is stale or not the actor's."""


@dataclass(slots=True)
class Lap:
    """The seconds that each decision of each nomination took, by the wall and on the client's processor."""

    wall: list[list[float]] = field(default_factory=list)
    cpu: list[list[float]] = field(default_factory=list)

    def time(self, decisions: Sequence[Callable[[], None]]) -> None:
        """Carry out the decisions of one nomination and note how long each took."""
        wall, cpu = [], []
        for decision in decisions:
            began, spent = perf_counter(), process_time()
            decision()
            cpu.append(process_time() - spent)
            wall.append(perf_counter() - began)
        self.wall.append(wall)
        self.cpu.append(cpu)

    def route(self) -> float:
        """Return the median seconds of a nomination's four decisions, by the wall."""
        return median(map(sum, self.wall))

    def route_cpu(self) -> float:
        """Return the median seconds of client CPU of a nomination's four decisions."""
        return median(map(sum, self.cpu))

    def decision(self) -> tuple[float, float]:
        """Return the median seconds of a decision that opens further work, by the wall and of client CPU."""
        return _median_decision(self.wall), _median_decision(self.cpu)


def _median_decision(laps: list[list[float]]) -> float:
    return median(seconds for lap in laps for seconds in lap[:-1])


@dataclass(slots=True)
class Laps:
    """The product, the product with SQLAlchemy executing each statement, and the raw statements."""

    ours: Lap = field(default_factory=Lap)
    executed: Lap = field(default_factory=Lap)
    raw: Lap = field(default_factory=Lap)


def ours(scene: Scene, nomination_id: int) -> list[Callable[[], None]]:
    """Return the four decisions as the edge makes them: a session, the actor with grants, the operation."""

    def act(position: int) -> None:
        part, _, action, dest = ROUTE[position]
        paper = PAPER if dest == "approved" else None
        key = f"ours-{nomination_id}-{position}"
        with scene.sessions() as session:
            actor = load_actor(session, scene.accounts[part], today=NOW.date())
            assert actor is not None
            command = Command(
                nomination_id,
                position + 1,
                MoveRequest(action, decision=paper),
                Via.API,
                Claim(key, "decide", key.encode()),
            )
            decide(session, actor=actor, command=command, now=NOW)

    return [partial(act, position) for position in range(len(ROUTE))]


def raw(
    scene: Scene, machine: Decider, route: Sequence[Leap], nomination_id: int
) -> list[Callable[[], None]]:
    """Return the same four decisions, each worked out beforehand, for raw statements or a peer to make."""

    def act(position: int) -> None:
        machine.decide(
            route[position],
            nomination_id=nomination_id,
            version=position + 1,
            actor_id=scene.accounts[ROUTE[position][0]],
            key=f"raw-{nomination_id}-{position}",
            now=NOW,
        )

    return [partial(act, position) for position in range(len(ROUTE))]


def race(scene: Scene, count: int) -> Laps:
    """Carry `count` nominations through the route each way, ours and raw in turn.

    The way without our own statements comes after them: between them it made ours slower, and not raw.
    """
    warm_up = min(WARM_UP, count)
    drafts = iter(add_drafts(scene, 3 * (count + warm_up)))
    route = leaps(scene)
    laps = Laps()
    with scene.psycopg() as connection:
        machine = RawDecisions(connection, today=NOW.date())
        for number in range(count + warm_up):
            if number == warm_up:
                laps = Laps()
            laps.ours.time(ours(scene, next(drafts)))
            laps.raw.time(raw(scene, machine, route, next(drafts)))
    with sqlalchemy_executes():
        for _ in range(count):
            laps.executed.time(ours(scene, next(drafts)))
    return laps


def decision_rows(laps: Laps) -> list[Row]:
    """Return the rows of one decision, with and without our own statements, and of a whole route."""
    (ours_s, ours_cpu), (raw_s, raw_cpu) = laps.ours.decision(), laps.raw.decision()
    executed_s, executed_cpu = laps.executed.decision()
    per_s, raw_per_s = 1 / laps.ours.route(), 1 / laps.raw.route()
    return [
        Row(
            1,
            "one decision, wall",
            f"{ours_s * 1e3:.2f} ms",
            f"{raw_s * 1e3:.2f} ms raw",
            raw_s / ours_s,
            " of raw",
            0.45,
            0.7,
        ),
        Row(
            1,
            "one decision, client CPU",
            f"{ours_cpu * 1e3:.2f} ms",
            f"{raw_cpu * 1e3:.2f} ms raw",
            ours_cpu / raw_cpu,
            "x raw",
            3.0,
            2.0,
            less_is_better=True,
        ),
        Row(
            1,
            "  with store/statements.py, client CPU",
            f"{ours_cpu * 1e3:.2f} ms",
            f"{executed_cpu * 1e3:.2f} ms without",
            ours_cpu / executed_cpu,
            "x without",
            0.9,
            None,
            less_is_better=True,
        ),
        Row(
            1,
            "  with store/statements.py, wall",
            f"{ours_s * 1e3:.2f} ms",
            f"{executed_s * 1e3:.2f} ms without",
            ours_s / executed_s,
            "x without",
            None,
            None,
            less_is_better=True,
        ),
        Row(
            2,
            "nominations through four decisions",
            f"{per_s:.0f}/s",
            f"{raw_per_s:.0f}/s raw",
            per_s / raw_per_s,
            " of raw",
            0.45,
            None,
        ),
    ]
