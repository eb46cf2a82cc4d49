"""Rows 1 and 2: decisions through the product's operations beside the same decisions as raw statements.

One nomination each way in turn, so that a noisy machine disturbs both alike; medians over nominations. Before
each decision its reader reads, on the connection that decides, as in life: ours the nomination's page and the
inbox, the raw side the nomination and fifty rows of open work. Reading is not counted; what it leaves behind
on the connection (statements that were forgotten, plans that were dropped) is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from statistics import median
from time import perf_counter, process_time
from typing import Protocol

import psycopg
from sqlalchemy.orm import Session

from tests.benchmarks.executed import sqlalchemy_executes
from tests.benchmarks.raw_decision import Leap, RawDecisions
from tests.benchmarks.rows import Row
from tests.benchmarks.scene import NOW, ROUTE, Scene, add_drafts, leaps
from tests.support.office import AG, PAPER
from workflow.domain.facts import MoveRequest
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import Via
from workflow.operations.keys import Claim
from workflow.operations.nominations.commands import Command
from workflow.operations.nominations.decide import decide
from workflow.queries.inbox.inbox import inbox
from workflow.queries.nominations.moves import moves_for
from workflow.queries.nominations.nomination import get_nomination
from workflow.store.people import load_actor
from workflow.store.reads import end_read, reads_only

# The first rounds prepare statements, fill caches and compile; a server does that once in its life.
WARM_UP = 20
_OPEN_WORK = (
    "SELECT id, kind, owner_key, due_at, nomination_id FROM work_item"
    " WHERE owner_key = ANY (%s) AND closed_at IS NULL ORDER BY due_at, id LIMIT 50"
)


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

    def time(self, decisions: Sequence[Callable[[], None]], before: Callable[[], None] | None = None) -> None:
        """Carry out the decisions of one nomination, `before` each of them, and note how long each took."""
        wall, cpu = [], []
        for decision in decisions:
            if before is not None:
                before()
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
    ours_reading: Lap = field(default_factory=Lap)
    raw_reading: Lap = field(default_factory=Lap)


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


def read_as_pages_do(scene: Scene, nomination_id: int) -> None:
    """Read a nomination's page and the inbox as two requests of a reviewer do."""
    reading = reads_only(scene.sessions)
    for read in (_read_page, _read_inbox):
        with reading() as session:
            actor = load_actor(session, scene.accounts["reviewer"], today=NOW.date())
            assert actor is not None
            read(session, actor, nomination_id)
            end_read(session)


def _read_page(session: Session, actor: Actor, nomination_id: int) -> None:
    get_nomination(session, actor=actor, nomination_id=nomination_id, now=NOW)
    moves_for(session, actor=actor, nomination_id=nomination_id, now=NOW)


def _read_inbox(session: Session, actor: Actor, _nomination_id: int) -> None:
    inbox(session, actor=actor, now=NOW, limit=50, cursor=None)


def read_plainly(connection: psycopg.Connection, nomination_id: int) -> None:
    """Read a nomination and fifty rows of the reviewer's open work, prepared, in two transactions."""
    for statement, values in (
        ("SELECT * FROM nomination WHERE id = %s", (nomination_id,)),
        (_OPEN_WORK, ([f"unit_reviewer@unit:{AG}"],)),
    ):
        connection.execute(statement, values, prepare=True).fetchall()
        connection.commit()


def race(scene: Scene, count: int) -> Laps:
    """Carry `count` nominations through the route each way, ours and raw in turn, with reads and without.

    The way without our own statements comes after them: between them it made ours slower, and not raw.
    """
    warm_up = min(WARM_UP, count)
    drafts = iter(add_drafts(scene, 5 * (count + warm_up)))
    route = leaps(scene)
    laps = Laps()
    with scene.psycopg() as connection:
        machine = RawDecisions(connection, today=NOW.date())
        for number in range(count + warm_up):
            if number == warm_up:
                laps = Laps()
            laps.ours.time(ours(scene, next(drafts)))
            laps.raw.time(raw(scene, machine, route, next(drafts)))
            one, other = next(drafts), next(drafts)
            laps.ours_reading.time(ours(scene, one), partial(read_as_pages_do, scene, one))
            laps.raw_reading.time(raw(scene, machine, route, other), partial(read_plainly, connection, other))
    with sqlalchemy_executes():
        for _ in range(count):
            laps.executed.time(ours(scene, next(drafts)))
    return laps


def _reading_rows(laps: Laps) -> list[Row]:
    """Return the rows of one decision with reads before it, and what the reads cost it."""
    (ours_s, ours_cpu), (raw_s, raw_cpu) = laps.ours_reading.decision(), laps.raw_reading.decision()
    (alone_s, alone_cpu), (raw_alone_s, raw_alone_cpu) = laps.ours.decision(), laps.raw.decision()
    wall, cpu = (raw_s / ours_s, ours_cpu / raw_cpu)
    ours_ms, raw_ms = (f"{ours_s * 1e3:.2f} ms", f"{raw_s * 1e3:.2f} ms raw")
    cpu_ms, raw_cpu_ms = (f"{ours_cpu * 1e3:.2f} ms", f"{raw_cpu * 1e3:.2f} ms raw")
    kept = wall / (raw_alone_s / alone_s)
    kept_cpu = cpu / (alone_cpu / raw_alone_cpu)
    return [
        Row(1, "  after reads, wall", ours_ms, raw_ms, wall, " of raw", 0.55, 0.75),
        Row(1, "  after reads, client CPU", cpu_ms, raw_cpu_ms, cpu, "x raw", 2.1, 1.5, less_is_better=True),
        Row(1, "  after reads by without, wall", ours_ms, f"{alone_s * 1e3:.2f} ms", kept, "x", 0.95, None),
        Row(
            1, "  after reads by without, client CPU", cpu_ms, f"{alone_cpu * 1e3:.2f} ms", kept_cpu, "x",
            1.05, None, less_is_better=True,
        ),
    ]  # fmt: skip


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
        *_reading_rows(laps),
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
