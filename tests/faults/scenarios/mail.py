"""A mail server may be down, slow, moody or full: each letter goes once all the same, or says why not."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from tests.faults.rig.installation import Installation
from tests.faults.rig.sink import Mood
from tests.faults.rig.trial import Proof, Scenario

_ANSWERS = ("250 OK", "451 4.3.0 try again later", "550 5.1.1 no such user")


def by_recipient(address: str) -> str:
    """Take the letters of some, put off those of others, refuse the rest: the same for one address always."""
    return _ANSWERS[zlib.crc32(address.encode()) % len(_ANSWERS)]


@contextmanager
def mixed(rig: Installation) -> Iterator[Proof]:
    """Answer by recipient: 250, 451 or 550."""
    rig.sink.mood = Mood(recipient=by_recipient)
    yield lambda: min(rig.sink.did["451"], rig.sink.did["550"])
    rig.sink.mood = Mood()


SCENARIOS = (Scenario("mail server answers 250, 451 or 550", mixed, seconds=5, dead=None, is_fast=True),)
