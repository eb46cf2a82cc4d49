"""Undoing beside everybody else: of what comes at one instant one wins, and history stays whole."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Barrier

import pytest

from tests.conftest import Database
from tests.support.office import furnish
from tests.support.patience import PATIENCE
from tests.support.undoing import undoable
from tests.support.waiting import events, is_chained, many_submitted
from workflow.clock import FixedClock
from workflow.domain.errors import Refusal
from workflow.domain.facts import MoveRequest
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import Via
from workflow.operations.nominations.commands import Command
from workflow.operations.nominations.decide import decide
from workflow.queries.history.audit import verify_chains
from workflow.store.database import Sessions
from workflow.store.nominations import Nomination

ROUNDS = 12


def press(
    sessions: Sessions, actor: Actor, number: int, action: str, now: datetime
) -> Callable[[Barrier], str]:
    def go(barrier: Barrier) -> str:
        command = Command(number, 3, MoveRequest(action=action), Via.WEB)
        with sessions() as session:
            barrier.wait(timeout=PATIENCE)
            try:
                decide(session, actor=actor, command=command, now=now)
            except Refusal as refusal:
                return refusal.code
            return "done"

    return go


@pytest.mark.parametrize(("part", "action"), [("secretary", "claim"), ("reviewer", "undo")])
def test_of_an_undoing_and_whatever_comes_at_the_same_instant_one_wins(
    database: Database, clock: FixedClock, part: str, action: str
) -> None:
    sessions, now = undoable(database), clock.now()
    with sessions() as session, ThreadPoolExecutor(2) as threads:
        office = furnish(session, now=now)
        numbers = many_submitted(office, session, ROUNDS, now)
        reviewer, other = office.actor("reviewer", now), office.actor(part, now)
        for number in numbers:
            office.act("reviewer", number, "approve", now)
            barrier = Barrier(2)
            pressed = [
                press(sessions, reviewer, number, "undo", now),
                press(sessions, other, number, action, now),
            ]
            outcomes = list(threads.map(lambda go, gate=barrier: go(gate), pressed))
            assert sorted(outcomes) == ["done", "stale-nomination"]
            session.rollback()
            state = session.get_one(Nomination, number, populate_existing=True).state
            is_undone = action == "undo" or outcomes[0] == "done"
            assert state == ("unit_review" if is_undone else "council")
            assert is_chained(events(session, number))
        assert verify_chains(session).problems == ()
