"""Several sweepers, and a decision beside them: every rung fires once, nothing deadlocks, no link is lost."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.office import Office, furnish
from tests.support.patience import PATIENCE
from tests.support.waiting import REMIND_AT, events, is_chained, many_submitted, told
from workflow.clock import FixedClock
from workflow.domain.errors import Refusal
from workflow.operations.sweep import escalate
from workflow.operations.sweep.escalate import fire_due
from workflow.operations.sweep.firing import Fired
from workflow.store.history import Event
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish(session, now=clock.now())


def test_four_sweepers_at_once_fire_every_rung_exactly_once(
    office: Office, session: Session, clock: FixedClock, database
) -> None:
    ids = many_submitted(office, session, 100, clock.now())
    clock.advance(timedelta(days=30))
    start = Barrier(4)

    def work(_: int) -> Fired:
        start.wait()
        return sum((fire_due(database.sessions, clock=clock) for _ in range(3)), Fired())

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(work, range(4)))
    assert sum(fired.rungs for fired in done) == 500
    assert sum(fired.failed for fired in done) == 0
    fired_events = Counter(
        (event.stream, event.action, event.data["rung"])
        for event in session.scalars(select(Event).where(Event.via == "timer"))
    )
    assert len(fired_events) == 500
    assert set(fired_events.values()) == {1}
    mails = Counter(session.scalars(select(Outbox.nomination_id).where(Outbox.notice == "escalation")))
    assert mails == dict.fromkeys(ids, 1)
    assert all(is_chained(events(session, nomination_id)) for nomination_id in ids)


def test_a_sweep_goes_on_with_what_another_has_not_in_hand(
    office: Office, session: Session, clock: FixedClock, database
) -> None:
    ids = many_submitted(office, session, 120, clock.now())
    clock.advance(REMIND_AT - clock.now())
    in_hand = select(Nomination.id).where(Nomination.id.in_(ids[:50])).with_for_update(key_share=True)
    with database.sessions() as other:
        other.execute(in_hand)
        assert fire_due(database.sessions, clock=clock) == Fired(rungs=70, mails=70, left=50)
    assert fire_due(database.sessions, clock=clock) == Fired(rungs=50, mails=50)
    assert all(len(told(session, nomination_id)) == 1 for nomination_id in ids)


def test_a_decision_and_a_sweep_at_the_same_instant_never_deadlock_nor_remind_of_done_work(
    office: Office, session: Session, clock: FixedClock, database
) -> None:
    ids = many_submitted(office, session, 200, clock.now())
    session.commit()
    clock.advance(REMIND_AT - clock.now())
    start = Barrier(2)
    outcomes: Counter[str] = Counter()

    def decide_each() -> None:
        with database.sessions() as own:
            reviewer = Office(office.ids, own)
            for nomination_id in ids:
                start.wait(timeout=PATIENCE)
                try:
                    reviewer.act("reviewer", nomination_id, "approve", clock.now())
                    outcomes["decided"] += 1
                except Refusal as refusal:
                    own.rollback()
                    outcomes[refusal.code] += 1

    def sweep_each() -> Fired:
        total = Fired()
        for nomination_id in ids:
            start.wait(timeout=PATIENCE)
            total += escalate._fire_or_note(database.sessions, escalate.RungRoot(nomination_id), clock)
        return total

    with ThreadPoolExecutor(2) as pool:
        decisions, sweeps = pool.submit(decide_each), pool.submit(sweep_each)
        decisions.result()
        swept = sweeps.result()
    assert outcomes == {"decided": 200}
    assert swept.rungs > 0
    assert swept.failed == swept.dead == 0
    for nomination_id in ids:
        found = events(session, nomination_id)
        assert is_chained(found)
        actions = [event.action for event in found]
        assert actions.index("approve") == len(actions) - 1, "a reminder came after its work was done"
        assert actions.count("remind") == len(told(session, nomination_id)) <= 1
