"""Redis carries hints: whatever happens to it costs lateness of a sweep, and no request waits for it."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from redis.exceptions import RedisError

from tests.faults.rig.installation import Installation
from tests.faults.rig.trial import Proof, Scenario

BROKER: Final = frozenset({"broker"})


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


SCENARIOS = (
    Scenario("Redis frozen for 5 s", frozen, seconds=5, is_fast=True),
    Scenario("Redis frozen for 15 s", frozen, seconds=15, red=BROKER),
    Scenario("Redis frozen for 30 s", frozen, seconds=30, red=BROKER),
    Scenario("Redis frozen for 60 s", frozen, seconds=60, red=BROKER),
    Scenario("Redis killed, back after 15 s", killed, seconds=15, red=BROKER),
)
