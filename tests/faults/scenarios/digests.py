"""Senders are killed while letters of a morning are folded, composed and sent, a day lasting half a second.

Days pass by hand: what went out went out yesterday, and what waits for a morning waits no longer.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import Final

import psycopg

from tests.faults.rig.installation import Installation, Setup
from tests.faults.rig.repeat import repeated
from tests.faults.rig.trial import Proof, Scenario
from tests.faults.scenarios.letters import senders
from tests.support.patience import PATIENCE
from tests.support.servers import is_alive
from workflow.clock import wait_for
from workflow.store.outbox import DAILY

_DAY_SECONDS: Final = 0.5
_YESTERDAY: Final = (
    "UPDATE outbox SET sent_at = sent_at - interval '1 day' WHERE state = 'sent' AND mail_class = 'task'"
    " AND sent_at > clock_timestamp() - interval '20 hours'"
)
_MORNING: Final = (
    f"UPDATE outbox SET not_before = clock_timestamp() WHERE state = 'new' AND fold_key LIKE '{DAILY}%'"
    " AND not_before > clock_timestamp()"
)
_END_LEASES: Final = "UPDATE outbox SET lease_until = clock_timestamp() WHERE state = 'sending'"
_FOLDED: Final = (
    f"SELECT message_id FROM outbox WHERE state = 'sent' AND fold_key LIKE '{DAILY}%'"
    " GROUP BY message_id HAVING count(*) > 1"
)
_OUTSIDE: Final = (
    "SELECT id FROM outbox WHERE state = 'sent' AND mail_class = 'task' AND nomination_id IS NOT NULL"
    f" AND fold_key NOT LIKE '{DAILY}%'"
)
_calendars: dict[int, Event] = {}


@contextmanager
def killed_while_folding(rig: Installation) -> Iterator[Proof]:
    """Kill the lane that delivers again and again, and end its leases, while days pass."""
    over = _calendars.setdefault(id(rig), Event())
    Thread(target=_pass_days, args=(rig, over), daemon=True).start()

    def kill() -> int:
        assert wait_for(lambda: bool(senders(rig)), seconds=PATIENCE), rig.log()[-3000:]
        found = senders(rig)
        is_killed = rig.kill(*found)
        assert wait_for(lambda: not any(map(is_alive, found)), seconds=PATIENCE)
        with rig.connect() as connection:
            connection.execute(_END_LEASES)
        return int(is_killed)

    with repeated(kill, every=0.7) as killed:
        yield killed


def _pass_days(rig: Installation, over: Event) -> None:
    while not over.wait(_DAY_SECONDS):
        with suppress(psycopg.Error), rig.connect() as connection:
            connection.execute(_YESTERDAY)
            connection.execute(_MORNING)


def were_folded(rig: Installation) -> Iterable[str]:
    """Yield what was not told as a letter of a morning, and whether none told of several things."""
    _calendars.pop(id(rig)).set()
    with rig.connect() as connection:
        folded = connection.execute(_FOLDED).fetchall()
        outside = connection.execute(_OUTSIDE).fetchall()
    if not folded:
        yield "no letter told of several things"
    if outside:
        yield f"{len(outside)} mails about work went out by themselves"


_SETUP: Final = Setup(
    "digests",
    environment=(("task_mail", "digest"), ("calendar", "none")),
)
SCENARIOS = (
    Scenario(
        "digests with kills",
        killed_while_folding,
        seconds=60,
        times=8,
        is_fast=True,
        setup=_SETUP,
        demand=were_folded,
    ),
    Scenario(
        "digests with kills, at length",
        killed_while_folding,
        seconds=240,
        times=40,
        setup=_SETUP,
        demand=were_folded,
    ),
)
