"""Redis carries hints: whatever happens to it costs lateness of a sweep, and no request waits for it."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from redis.exceptions import RedisError, ResponseError

from tests.faults.rig.installation import Installation, Setup
from tests.faults.rig.repeat import repeated
from tests.faults.rig.trial import Proof, Scenario

BROKER: Final = frozenset({"broker"})
ABSENT: Final = Setup("Redis absent", has_redis=False)
UNNAMED: Final = Setup("no Redis named", has_redis=False, environment=(("redis_url", ""),))


def does_not_answer(rig: Installation) -> int:
    """Return 1 when Redis does not answer."""
    try:
        rig.broker.client.ping()
    except (RedisError, OSError):
        return 1
    return 0


@contextmanager
def frozen(rig: Installation) -> Iterator[Proof]:
    """Stop Redis where it stands, as a host does that swaps."""
    rig.broker.signal(signal.SIGSTOP)
    yield lambda: does_not_answer(rig)
    rig.broker.signal(signal.SIGCONT)


@contextmanager
def killed(rig: Installation) -> Iterator[Proof]:
    """Kill Redis with everything in it; at the end it is started again."""
    rig.broker.kill()
    yield lambda: does_not_answer(rig)
    rig.broker.start()


@contextmanager
def absent(rig: Installation) -> Iterator[Proof]:
    """Do without a Redis that the settings name and nobody has started yet."""
    yield lambda: does_not_answer(rig)
    rig.broker.start()


@contextmanager
def half_open(rig: Installation) -> Iterator[Proof]:
    """Let every link that is open fall silent; new ones are served, so that only those who wait are hit."""
    hit = rig.hints.silence()
    yield lambda: hit


@contextmanager
def unnamed(rig: Installation) -> Iterator[Proof]:
    """Do without Redis altogether: no beat runs, and no hint is given."""
    yield lambda: int(not rig.processes("beat") and does_not_answer(rig))


def takes_no_writes(rig: Installation) -> int:
    """Return 1 when Redis answers and stores nothing."""
    try:
        rig.broker.client.set("is there room", "no")
    except ResponseError as error:
        return int("maxmemory" in str(error))
    return 0


@contextmanager
def full(rig: Installation) -> Iterator[Proof]:
    """Leave Redis no memory, and let it refuse rather than forget."""
    client = rig.broker.client
    client.config_set("maxmemory-policy", "noeviction")
    client.config_set("maxmemory", "1")
    yield lambda: takes_no_writes(rig)
    client.config_set("maxmemory", "0")


@contextmanager
def flushed(rig: Installation) -> Iterator[Proof]:
    """Empty Redis every three seconds, of whatever waits in it."""
    with repeated(lambda: int(bool(rig.broker.client.flushall())), every=3) as count:
        yield count


SCENARIOS = (
    Scenario("Redis frozen for 5 s", frozen, seconds=5, is_fast=True),
    Scenario("Redis frozen for 15 s", frozen, seconds=15, red=BROKER),
    Scenario("Redis frozen for 30 s", frozen, seconds=30, red=BROKER),
    Scenario("Redis frozen for 60 s", frozen, seconds=60, red=BROKER),
    Scenario("Redis killed, back after 15 s", killed, seconds=15, red=BROKER),
    Scenario("Redis half open for 100 s", half_open, seconds=100),
    Scenario("Redis at maxmemory for 20 s", full, seconds=20, red=BROKER),
    Scenario("Redis emptied every 3 s", flushed, seconds=120, stays_green=True, times=10),
    Scenario("Redis absent from the start", absent, 30, ABSENT, red=BROKER),
    Scenario("no Redis named at all", unnamed, 20, UNNAMED, stays_green=True),
)
