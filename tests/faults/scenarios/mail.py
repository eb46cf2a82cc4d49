"""A mail server may be down, slow, moody or full: each letter goes once all the same, or says why not.

No request waits for it, so no client may ever be told to come again.
"""

import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final

from tests.faults.rig.installation import Installation
from tests.faults.rig.sink import Mood
from tests.faults.rig.trial import Proof, Scenario

SERVER: Final = frozenset({"mail_server"})
LETTERS: Final = frozenset({"mails"})
_FULL: Final = "452 4.3.1 insufficient system storage"
_CLOSES: Final = "421 4.3.2 shutting down"
_LATER: Final = "451 4.3.0 try again later"
_ANSWERS = ("250 OK", _LATER, "550 5.1.1 no such user")


def by_recipient(address: str) -> str:
    """Take the letters of some, put off those of others, refuse the rest: the same for one address always."""
    return _ANSWERS[zlib.crc32(address.encode()) % len(_ANSWERS)]


@contextmanager
def mixed(rig: Installation) -> Iterator[Proof]:
    """Answer by recipient: 250, 451 or 550."""
    rig.sink.mood = Mood(recipient=by_recipient)
    yield lambda: min(rig.sink.did["451"], rig.sink.did["550"])
    rig.sink.mood = Mood()


@contextmanager
def down(rig: Installation) -> Iterator[Proof]:
    """Close the port, as a machine does that goes down: whoever calls is refused."""
    rig.sink.stop()
    yield lambda: int(not is_let_in(rig))
    rig.sink.start()


def is_let_in(rig: Installation) -> bool:
    """Whether somebody listens at the port."""
    try:
        rig.sink.call().close()
    except ConnectionRefusedError:
        return False
    return True


def moody(mood: Mood, did: str) -> Callable[[Installation], AbstractContextManager[Proof]]:
    """Return the fault of a mood, seen as often as the server `did` what it is noted by."""

    @contextmanager
    def fault(rig: Installation) -> Iterator[Proof]:
        rig.sink.mood = mood
        yield lambda: rig.sink.did[did]
        rig.sink.mood = Mood()

    return fault


# Red by the server itself, which is asked anew every 15 s, or by a letter that has waited for a minute. One
# that lets us in and takes its time, or hangs up now and then, is no outage.
SCENARIOS = (
    Scenario("mail server answers 250, 451 or 550", mixed, seconds=5, dead=None),
    # What was on its way when the links were cut may come again, long after.
    Scenario("mail server down for 30 s", down, seconds=30, red=SERVER, copies=1, rests=True),
    Scenario("mail server takes 5 s a line", moody(Mood(line_seconds=5), "slow"), seconds=40, red=SERVER),
    Scenario("mail server's 250 comes after 12 s", moody(Mood(dot_seconds=12), "late"), 40, stays_green=True),
    Scenario("mail server's 250 comes after 40 s", moody(Mood(dot_seconds=40), "late"), 80, red=LETTERS),
    # Longer than a lease and than a lane may be silent: whoever waits for an answer keeps both.
    Scenario("mail server's 250 comes after 75 s", moody(Mood(dot_seconds=75), "late"), 120, red=LETTERS),
    Scenario(
        "mail server cuts after the dot",
        moody(Mood(cuts_after_dot=True), "cut after the dot"),
        seconds=15,
        stays_green=True,
        rests=True,
    ),
    Scenario(
        "mail server cuts before the dot",
        moody(Mood(cuts_before_dot=True), "cut before the dot"),
        seconds=15,
        stays_green=True,
        rests=True,
    ),
    Scenario("mail server full: 452 to every sender", moody(Mood(sender=_FULL), "452"), 75, red=LETTERS),
    Scenario("mail server full: 452 to every message", moody(Mood(message=_FULL), "452"), 75, red=LETTERS),
    Scenario("mail server closes by 421 after the dot", moody(Mood(message=_CLOSES), "421"), 75, red=LETTERS),
    Scenario(
        "mail server answers 451 to everybody",
        moody(Mood(recipient=lambda _address: _LATER), "451"),
        seconds=75,
        red=LETTERS,
    ),
    Scenario(
        "mail server greets with 421",
        moody(Mood(greeting="421 4.3.2 not now"), "421"),
        seconds=30,
        red=SERVER,
    ),
    Scenario("mail server says nothing", moody(Mood(greeting=None), "silent"), seconds=40, red=SERVER),
    Scenario(
        "mail server takes one letter and hangs up",
        moody(Mood(letters=1), "closed"),
        seconds=15,
        stays_green=True,
    ),
)
