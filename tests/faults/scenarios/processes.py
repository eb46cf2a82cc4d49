"""Processes die, hang and multiply: `up` and the worker bring back what is gone, and nobody acts twice."""

import random
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from threading import Event

import psutil

from tests.faults.rig.installation import Installation
from tests.faults.rig.repeat import repeated
from tests.faults.rig.trial import Fault, Proof, Scenario, all_of
from tests.faults.rig.watch import SILENT
from tests.support.patience import PATIENCE
from tests.support.servers import is_alive
from workflow.clock import wait_for

_SUSPENDED_SECONDS = 60.0


@contextmanager
def one_of_each(rig: Installation) -> Iterator[Proof]:
    """Kill a child of the web and of the worker, Redis, and then the three programs."""
    rig.broker.kill()
    for name in ("web", "worker"):
        rig.kill(rig.processes(name)[0], sends=name == "worker")
    rig.broker.start()
    dead = [rig.processes(name)[-1] for name in ("web", "worker", "beat")]
    for each in dead:
        rig.kill(each)
    yield lambda: all_of(not is_alive(each) for each in dead)


@contextmanager
def at_random(rig: Installation) -> Iterator[Proof]:
    """Kill one process after the other, drawn by a seed."""
    rng, turns = random.Random(1), count()

    def kill() -> int:
        turn = next(turns)
        # What `up` starts itself it starts again after pauses that grow when it dies too often.
        is_first = turn % 12 == 11
        name = ("web", "worker", "beat")[turn // 12 % 3] if is_first else rng.choice(_OFTEN)
        if name == "redis":
            rig.broker.kill()
            rig.broker.start()
            rig.kills += 1
            return 1
        found = rig.processes(name)
        chosen = found[-1:] if is_first or not found[:-1] else [rng.choice(found[:-1])]
        return int(rig.kill(*chosen, sends=name == "worker"))

    with repeated(kill, every=1.0) as killed:
        yield killed


_OFTEN = ("worker", "worker", "web", "redis")


def stopped(find: Callable[[Installation], list[psutil.Process]]) -> Fault:
    """Stop processes where they stand; nobody lets them go on, so that they have to be replaced."""

    @contextmanager
    def fault(rig: Installation) -> Iterator[Proof]:
        hung = find(rig)
        for each in hung:
            each.suspend()
        assert wait_for(
            lambda: all(each.status() == psutil.STATUS_STOPPED for each in hung), seconds=PATIENCE
        )
        yield lambda: len(hung)
        assert wait_for(lambda: not any(map(is_alive, hung)), seconds=PATIENCE), "hangs, and nobody minds"

    return fault


@contextmanager
def no_beat(rig: Installation) -> Iterator[Proof]:
    """Stop beat, which nobody has to miss: the worker keeps its own pace."""
    [beat] = rig.processes("beat")
    beat.suspend()
    yield lambda: int(beat.status() == psutil.STATUS_STOPPED)
    beat.resume()


def more(word: str, number: int) -> Fault:
    """Run more processes of a kind, as if on other hosts."""

    @contextmanager
    def fault(rig: Installation) -> Iterator[Proof]:
        others = [rig.crew.start(word) for _ in range(number)]
        if word == "worker":
            assert wait_for(
                lambda: all("worker ready" in rig.crew.log_of(each) for each in others), seconds=PATIENCE
            )
        yield lambda: sum(each.poll() is None for each in others)
        for each in others:
            each.send_signal(signal.SIGTERM)
        for each in others:
            each.wait(timeout=PATIENCE)

    return fault


@contextmanager
def all_suspended(rig: Installation) -> Iterator[Proof]:
    """Let everything stand still for a minute, as on a machine that is suspended; the mail server goes on."""
    up, server = psutil.Process(rig.up.process.pid), rig.postmaster()
    still = [up, *up.children(recursive=True), server, *server.children()]
    for each in still:
        with suppress(psutil.NoSuchProcess):
            each.suspend()
    rig.broker.signal(signal.SIGSTOP)
    found = sum(is_alive(each) and each.status() == psutil.STATUS_STOPPED for each in still)
    Event().wait(_SUSPENDED_SECONDS)
    rig.broker.signal(signal.SIGCONT)
    for each in reversed(still):
        with suppress(psutil.NoSuchProcess):
            each.resume()
    yield lambda: found


SCENARIOS = (
    Scenario("one of each process killed", one_of_each, seconds=4, bears=True, is_fast=True),
    Scenario("processes killed at random, one a second", at_random, 2400, times=600, bears=True),
    Scenario(
        "web stopped for good",
        stopped(lambda rig: rig.processes("web")),
        seconds=20,
        red=frozenset({SILENT}),
        bears=True,
    ),
    Scenario("worker stopped for good", stopped(lambda rig: rig.processes("worker")), seconds=20, copies=1),
    Scenario("lanes stopped for good", stopped(lambda rig: rig.processes("worker")[:-1]), 20, copies=1),
    Scenario("no beat for 40 s", no_beat, seconds=40, stays_green=True),
    Scenario("three beats", more("beat", 2), seconds=30, stays_green=True),
    Scenario("four workers", more("worker", 3), seconds=30, stays_green=True),
    Scenario("everything suspended for 60 s", all_suspended, seconds=1, bears=True, copies=1),
)
