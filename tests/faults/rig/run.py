"""Runs one scenario on a rig: work, fault, end, recovery, rest, and then the oracle."""

import os
import random
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Final

import psycopg
from sqlalchemy.exc import SQLAlchemyError

from tasks.work import SENDERS
from tests.faults.rig.clients import Client, Crowd, submission_of
from tests.faults.rig.installation import UNMARKED, Installation
from tests.faults.rig.letters import judge
from tests.faults.rig.oracle import Witnesses, findings
from tests.faults.rig.sink import Taken
from tests.faults.rig.trial import RECOVERY_SECONDS, RED_SECONDS, Scenario, Verdict
from tests.faults.rig.watch import Watch
from tests.support.patience import PATIENCE, as_busy
from workflow.clock import monotonic, wait_for
from workflow.store.outbox import LEASE

CLIENTS: Final = 4
THINK_SECONDS: Final = 0.1
WARM_SECONDS: Final = 2.0
"""How long there is traffic before a fault begins and after it ended."""

_TICK_SECONDS: Final = 0.5
_HICCUP_SECONDS: Final = 2.0
"""How long a check may be red that may not be red: on a quiet machine hardly, on a busy one by its load."""

_DUE_AT_ONCE: Final = 2
_FALL_DUE: Final = """
UPDATE rung SET fire_at = clock_timestamp() - interval '1 second' WHERE id IN (
    SELECT DISTINCT ON (rung.work_item_id) rung.id FROM rung
    JOIN work_item ON work_item.id = rung.work_item_id AND closed_at IS NULL
    WHERE rung.nomination_id > %s AND fired_at IS NULL AND dead_at IS NULL AND fire_at > clock_timestamp()
    ORDER BY rung.work_item_id, ordinal LIMIT %s
) AND fire_at IS NOT NULL AND fired_at IS NULL
"""
# Word of what cannot go on waits for the next morning.
_UNSETTLED: Final = """
SELECT (SELECT count(*) FROM outbox WHERE state IN ('new', 'sending') AND notice <> 'obstacles')
    + (SELECT count(*) FROM rung JOIN work_item ON work_item.id = work_item_id AND closed_at IS NULL
       WHERE fire_at <= clock_timestamp() AND fired_at IS NULL AND dead_at IS NULL)
"""
_SENT: Final = "SELECT count(*) FROM outbox WHERE state = 'sent' AND nomination_id = {}"
_HURRY: Final = "UPDATE outbox SET not_before = clock_timestamp() WHERE state = 'new'"
_HURRY_COPIES: Final = f"{_HURRY} AND state_reason LIKE 'maybe_sent%'"
_HELD_SECONDS: Final = 5.0
"""For how long a living sender may hold one letter, and more on a busy machine: loopback takes it at once."""

_END_LEASES: Final = """
UPDATE outbox SET lease_until = clock_timestamp()
WHERE state = 'sending' AND lease_until BETWEEN clock_timestamp() AND clock_timestamp() + %s
"""


@dataclass
class Run:
    """One scenario under way."""

    rig: Installation
    scenario: Scenario
    seed: int
    crowd: Crowd = field(init=False)
    watch: Watch = field(init=False)
    verdict: Verdict = field(init=False)
    floor: int = field(init=False)
    seen: Witnesses = field(init=False)
    taken: list[Taken] = field(init=False)

    def __post_init__(self) -> None:
        self.verdict = Verdict(self.scenario.name, self.seed)
        self.watch = Watch(self.rig.port)
        self.scenario.before(self.rig)
        self.floor = self._ask("SELECT coalesce(max(id), 0) FROM nomination")
        self.rig.sink.taken.clear()
        self.rig.sink.did.clear()
        self.rig.windows.clear()
        self.crowd = Crowd([self._client(n) for n in range(CLIENTS)])

    def __call__(self) -> Verdict:
        """Do it, and return what was found."""
        kills, start = self.rig.kills, monotonic()
        self.watch.start()
        self.crowd.start()
        try:
            self._work(WARM_SECONDS)
            began, ended, over_at = self._break()
            self._work(WARM_SECONDS)
        finally:
            self.crowd.stop()
        self._recover(ended)
        self.watch.stop()
        self._judge_readiness(began, ended)
        self.verdict.kills = self.rig.kills - kills
        if self.scenario.copies and not self.rig.windows:
            self.rig.windows.append((over_at[0] - UNMARKED, over_at[1] + UNMARKED))
        self._judge()
        self.verdict.took = monotonic() - start
        return self.verdict

    def _break(self) -> tuple[float, float, tuple[datetime, datetime]]:
        """Begin the fault, let it last, demand that it was seen, end it; return when."""
        began, at, needed = monotonic(), datetime.now(UTC), max(self.scenario.times, 1)
        with self.scenario.fault(self.rig) as proof:
            self._work(self.scenario.seconds, lambda: 0 < self.scenario.times <= proof())
            # What a busy machine has not come to yet is waited for; what never happens fails.
            self._work(PATIENCE, lambda: proof() >= needed)
            self.verdict.fired = proof()
        if self.verdict.fired < needed:
            self.verdict.wrong.append(f"the fault was seen to have happened {self.verdict.fired} times")
        return began, monotonic(), (at, datetime.now(UTC))

    def _work(self, seconds: float, is_enough: Callable[[], bool] = lambda: False) -> None:
        """Let the clients work, and things fall due, for so long, or until it is enough."""
        until = monotonic() + seconds
        while (left := until - monotonic()) > 0 and not is_enough():
            self.rig.heed_hung()
            with suppress(psycopg.Error, SQLAlchemyError):
                self.rig.world.refill()
                with self.rig.connect() as connection:
                    found = connection.execute(_FALL_DUE, (self.floor, _DUE_AT_ONCE))
                    self.verdict.rungs += found.rowcount
            Event().wait(min(_TICK_SECONDS, left))

    def _recover(self, ended: float) -> None:
        """Wait until everything works without a human: ready, an action, its letter, nothing left to do."""
        probe = self._client(CLIENTS)
        self.crowd.clients.append(probe)
        probe.begin()
        act = probe.act(probe.journeys[0], submission_of(probe.journeys[0])) if probe.journeys else None
        is_told = act is not None and wait_for(
            lambda: self._ask(_SENT.format(act.nomination_id)) > 0, seconds=PATIENCE, every=0.1
        )
        is_green = wait_for(
            lambda: self.watch.green_after(ended) is not None and not self._unsettled(),
            seconds=as_busy(RECOVERY_SECONDS),
            every=0.2,
        )
        if is_told and is_green:
            self.verdict.back_after = monotonic() - ended
        else:
            left = self._ask(_UNSETTLED)
            self.verdict.wrong.append(
                f"not back: probe told {is_told}, red {sorted(self.watch.looks[-1].red)}, {left} unsettled"
            )

    def _unsettled(self) -> int:
        """Return how much is left to do; a letter that rests by design, or the server's word, is called.

        In the gate nobody waits for the lease of a dead sender to run out; the matrix as a whole does.
        """
        self.rig.heed_hung()
        if self.scenario.is_fast:
            with self.rig.connect() as connection:
                connection.execute(_END_LEASES, (LEASE - timedelta(seconds=as_busy(_HELD_SECONDS)),))
        called = _HURRY if self.scenario.dead is None else _HURRY_COPIES if self.scenario.rests else None
        if called is not None:
            with self.rig.connect() as connection:
                connection.execute(called)
        return self._ask(_UNSETTLED)

    def _judge_readiness(self, began: float, ended: float) -> None:
        verdict, scenario = self.verdict, self.scenario
        verdict.red_after = self.watch.red_after(began, ended + 1, scenario.red) if scenario.red else None
        if scenario.red and (verdict.red_after is None or verdict.red_after > as_busy(RED_SECONDS)):
            reds = sorted(self.watch.reds(began, ended))
            verdict.wrong.append(f"not red within {RED_SECONDS:.0f} s, only {reds}")
        reds_for = self.watch.red_for(began, ended) if scenario.stays_green else {}
        for name, seconds in reds_for.items():
            if seconds > as_busy(_HICCUP_SECONDS) - _HICCUP_SECONDS:
                verdict.wrong.append(f"{name} was red for {seconds:.0f} s")

    def _judge(self) -> None:
        verdict, scenario = self.verdict, self.scenario
        acts = tuple(self.crowd.acts())
        verdict.actions, verdict.load = len(acts), os.getloadavg()[0]
        verdict.retries = sum(act.tries - 1 for act in acts)
        verdict.slowest = max((act.seconds for act in acts), default=0.0)
        verdict.troubles = dict(sum((client.troubles for client in self.crowd.clients), Counter()))
        for client in self.crowd.clients:
            verdict.wrong += client.wrong
        if verdict.troubles and not scenario.bears:
            verdict.wrong.append(f"clients had to ask again: {dict(verdict.troubles)}")
        self.seen, self.taken = Witnesses(self.rig, acts, self.floor), list(self.rig.sink.taken)
        verdict.wrong += findings(self.seen)
        post = judge(self.seen, self.taken, windows=self.rig.windows, dead=scenario.dead)
        verdict.letters, verdict.copies = post.letters, post.copies
        verdict.wrong += post.wrong
        allowed = SENDERS * max(verdict.kills, scenario.copies * verdict.fired)
        if verdict.copies > allowed and not any(not each.is_told for each in self.taken):
            verdict.wrong.append(f"{verdict.copies} copies, at most {allowed} allowed")
        verdict.wrong += scenario.demand(self.rig)

    def _client(self, number: int) -> Client:
        name = f"{self.seed}-{self.floor}-{number}"
        return Client(self.rig.port, self.rig.world, name, random.Random(name), THINK_SECONDS)

    def _ask(self, statement: str) -> int:
        with self.rig.connect() as connection:
            row = connection.execute(statement).fetchone()
        assert row is not None
        return int(str(row[0]))
