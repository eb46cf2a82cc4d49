"""Rows 1 and 2: decisions through the product's operations beside the same decisions as raw statements.

One nomination each way in turn, so that a noisy machine disturbs both alike; medians over nominations.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from statistics import median
from time import perf_counter, process_time

from psycopg import Connection

from tests.benchmarks.raw_decision import STATEMENTS, Leap, RawDecisions
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
_WARM_UP = 20


RAW_BESIDE_PEERS = 438


@dataclass(frozen=True, slots=True)
class Peer:
    """Another engine's quoted nominations a second through four steps, and how far to be ahead of it."""

    name: str
    per_s: int
    goal: float


PEERS = (Peer("SpiffWorkflow", 77, 3.0), Peer("DBOS", 52, 4.0), Peer("django-fsm-2", 94, 2.5))


@dataclass(slots=True)
class Lap:
    """The seconds that each decision of each nomination took, by the wall and on the client's processor."""

    wall: list[list[float]] = field(default_factory=list)
    cpu: list[list[float]] = field(default_factory=list)

    def time(self, decisions: list[Callable[[], None]]) -> None:
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
        """Return the median seconds of a nomination's four decisions."""
        return median(map(sum, self.wall))

    def decision(self) -> tuple[float, float]:
        """Return the median seconds of a decision that opens further work, by the wall and of client CPU."""
        return _median_decision(self.wall), _median_decision(self.cpu)


def _median_decision(laps: list[list[float]]) -> float:
    return median(seconds for lap in laps for seconds in lap[:-1])


@dataclass(slots=True)
class Laps:
    """The three contenders: the product, whole decisions as raw statements, bare changes of state."""

    ours: Lap = field(default_factory=Lap)
    raw: Lap = field(default_factory=Lap)
    bare: Lap = field(default_factory=Lap)


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
    scene: Scene, machine: RawDecisions, route: list[Leap], nomination_id: int
) -> list[Callable[[], None]]:
    """Return the same four decisions as raw statements."""

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


def bare(connection: Connection, nomination_id: int) -> list[Callable[[], None]]:
    """Return four transactions that only move the state: what other engines' figures were measured beside."""
    cursor = connection.cursor()

    def act(position: int) -> None:
        _, source, _, dest = ROUTE[position]
        change = {
            "nomination_id": nomination_id,
            "version": position + 1,
            "source": source,
            "state": dest,
            "stage": "council",
            "seat": None,
            "decision_id": None,
            "closed_at": None,
        }
        cursor.execute(STATEMENTS["lock"], {"nomination_id": nomination_id}, prepare=True)
        cursor.execute(STATEMENTS["update_nomination"], change, prepare=True)
        connection.commit()

    return [partial(act, position) for position in range(len(ROUTE))]


def race(scene: Scene, count: int) -> Laps:
    """Carry `count` nominations through the route each way, one of each in turn."""
    warm_up = min(_WARM_UP, count)
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
            laps.bare.time(bare(connection, next(drafts)))
    return laps


def decision_rows(laps: Laps) -> list[Row]:
    """Return the rows of one decision and of a whole route, and that of the peers."""
    (ours_s, ours_cpu), (raw_s, raw_cpu) = laps.ours.decision(), laps.raw.decision()
    per_s, raw_per_s = 1 / laps.ours.route(), 1 / laps.raw.route()
    rows = [
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
    for peer in PEERS:
        scaled = peer.per_s * raw_per_s / RAW_BESIDE_PEERS
        rows.append(
            Row(
                2,
                f"  beside {peer.name}",
                f"{per_s:.0f}/s",
                f"{scaled:.0f}/s ({peer.per_s} x {raw_per_s:.0f}/{RAW_BESIDE_PEERS})",
                per_s / scaled,
                "x",
                None,
                peer.goal,
            )
        )
    return rows


def peers_note(laps: Laps) -> str:
    """Say what the peers come to when scaled by bare changes of state instead of whole decisions."""
    bare_per_s, spiff = 1 / laps.bare.route(), PEERS[0]
    scaled = spiff.per_s * bare_per_s / RAW_BESIDE_PEERS
    times = 1 / laps.ours.route() / scaled
    return (
        f"Peers are quoted, not run: measured elsewhere beside {RAW_BESIDE_PEERS} raw/s, scaled by raw now.\n"
        f"A bare guarded update in place of each decision makes {bare_per_s:.0f} routes/s. Scaled by that,\n"
        f"{spiff.name} would make {scaled:.0f}/s, ours {times:.1f} times as many; but ours also writes\n"
        "history, work items, rungs and mail."
    )
