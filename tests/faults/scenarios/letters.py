"""`kill -9` of the senders at each named point of a letter's way, a hundred times each.

Nothing in the product knows of these points: each is held from outside, by the mail server or by a lock in
the database, and a kill counts only when somebody was seen to stand there. What the dead had in hand waits
for the end of its lease, which is ended at once here.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from itertools import count
from typing import Any

import psutil

from tests.faults.rig.installation import Installation
from tests.faults.rig.repeat import repeated
from tests.faults.rig.sink import Point
from tests.faults.rig.trial import Fault, Proof, Scenario
from tests.support.patience import PATIENCE
from tests.support.servers import is_alive
from workflow.clock import wait_for
from workflow.store.outbox import _CLAIMING

TIMES = 100
_SENDING = "SELECT id FROM outbox WHERE state = 'sending' ORDER BY id"
_WAITING = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event = %s"
_SENT = "SELECT count(*) FROM outbox WHERE state = 'sent'"
_END_LEASES = "UPDATE outbox SET lease_until = clock_timestamp() WHERE state = 'sending' RETURNING id"
_UNSETTLED = (
    "SELECT outbox.id FROM outbox LEFT JOIN nomination ON nomination.id = nomination_id"
    " WHERE outbox.state IN ('new', 'sending') AND NOT coalesce(is_held, false)"
    # Word of what cannot go on waits for the next morning.
    " AND notice <> 'obstacles'"
)


def killed_at(point: Callable[[Installation], AbstractContextManager[datetime]]) -> Fault:
    """Kill the processes that send whenever one stands at a point, each twentieth time the whole worker."""

    @contextmanager
    def fault(rig: Installation) -> Iterator[Proof]:
        turns = count(1)

        def kill() -> int:
            assert wait_for(lambda: bool(senders(rig)), seconds=PATIENCE), rig.log()[-3000:]
            with point(rig) as since:
                found = rig.processes("worker") if next(turns) % 20 == 0 else senders(rig)
                is_killed = rig.kill(*found, since=since)
                assert wait_for(lambda: not any(map(is_alive, found)), seconds=PATIENCE)
            rig.sink.open()
            with rig.connect() as connection:
                abandoned = {str(row[0]) for row in connection.execute(_END_LEASES).fetchall()}
            # One whose senders die again and again is given up: what was killed here goes before the next.
            assert wait_for(lambda: not abandoned & _on_their_way(rig), seconds=PATIENCE, every=0.1)
            return int(is_killed)

        with repeated(kill, every=0.05) as killed:
            yield killed

    return fault


@contextmanager
def before_the_claim(rig: Installation) -> Iterator[datetime]:
    """Hold whoever is about to claim, by the lock that lets one claim at a time."""
    with rig.connect() as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", (_CLAIMING,))
        since = datetime.now(UTC)
        assert wait_for(lambda: bool(_waiting(rig, "advisory")), seconds=PATIENCE)
        yield since


@contextmanager
def claimed(rig: Installation) -> Iterator[datetime]:
    """Hold the mail server's greeting until a letter stands claimed and does not move."""
    since = _hold(rig, Point.GREETING)
    assert wait_for(lambda: _stands(rig), seconds=PATIENCE)
    yield since


@contextmanager
def during_the_message(rig: Installation) -> Iterator[datetime]:
    """Hold a message after its first line."""
    since = _hold(rig, Point.MESSAGE)
    yield since


@contextmanager
def before_the_mark(rig: Installation) -> Iterator[datetime]:
    """Let the mail server say 250 while the rows of what is on its way are locked."""
    since = _hold(rig, Point.DOT)
    with rig.connect() as connection, connection.transaction():
        connection.execute(f"{_SENDING} FOR UPDATE")
        rig.sink.open()
        assert wait_for(lambda: bool(_waiting(rig, "transactionid")), seconds=PATIENCE), "it was told 250"
        yield since


@contextmanager
def marked(rig: Installation) -> Iterator[datetime]:
    """Wait until one more letter is marked as sent."""
    before, since = _rows(rig, _SENT), datetime.now(UTC)
    with rig.connect() as connection:
        assert wait_for(
            lambda: set(connection.execute(_SENT).fetchall()) != before, seconds=PATIENCE, every=0.002
        )
    yield since


def senders(rig: Installation) -> list[psutil.Process]:
    """Return the lanes that deliver, by their name; none while they are begun again."""
    found = []
    for process in rig.processes("worker")[:-1]:
        with suppress(psutil.NoSuchProcess):
            found += [process] if process.name() == "deliver" else []
    return found


def _hold(rig: Installation, point: Point) -> datetime:
    """Hold a point until somebody stands there, and return since when."""
    since = datetime.now(UTC)
    rig.sink.hold(point)
    assert rig.sink.reached.wait(PATIENCE), rig.log()[-3000:]
    return since


def _rows(rig: Installation, statement: str, *values: str) -> set[Any]:
    with rig.connect() as connection:
        return set(connection.execute(statement, values).fetchall())


def _stands(rig: Installation) -> bool:
    """Return whether a claimed letter is there that does not move."""
    found = _rows(rig, _SENDING)
    return bool(found) and not wait_for(lambda: not found & _rows(rig, _SENDING), seconds=0.3)


def _on_their_way(rig: Installation) -> set[str]:
    return {str(row[0]) for row in _rows(rig, _UNSETTLED)}


def _waiting(rig: Installation, event: str) -> set[Any]:
    with rig.rule() as connection:
        return set(connection.execute(_WAITING, (event,)).fetchall())


_POINTS = {
    "before the claim": before_the_claim,
    "claimed, before the server greets": claimed,
    "during the message": during_the_message,
    "told 250, before the mark": before_the_mark,
    "marked": marked,
}
SCENARIOS = tuple(
    Scenario(f"senders killed {name}", killed_at(point), seconds=3600, times=TIMES)
    for name, point in _POINTS.items()
)
