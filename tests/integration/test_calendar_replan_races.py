"""A calendar that changes beside sweeps, decisions and a pulled plug: nothing lost, doubled or early."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.office import Office, furnish
from tests.support.recount import BEFORE, LATER, count_anew, due_of, import_days, mornings
from tests.support.waiting import REMIND_AT, events, is_chained, many_submitted
from workflow.clock import FixedClock
from workflow.domain.errors import Refusal
from workflow.domain.vocabulary import Via
from workflow.operations.calendars import replan as operation
from workflow.operations.calendars.replan import replan
from workflow.operations.calendars.stale import stale_stays
from workflow.operations.sweep.escalate import fire_due
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination, Rung, WorkItem


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish(session, now=clock.now())


def test_one_that_was_cut_off_is_gone_on_with(
    office: Office, session: Session, clock: FixedClock, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = many_submitted(office, session, 7, clock.now())
    import_days(session, clock)
    monkeypatch.setattr(operation, "_AT_ONCE", 2)
    steps = 0

    def pull_the_plug(_done: int) -> None:
        nonlocal steps
        steps += 1
        if steps == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replan(database.sessions, actor=None, reason="x", via=Via.CLI, clock=clock, on_step=pull_the_plug)
    assert Counter(due_of(session, number) for number in ids) == {LATER: 4, BEFORE: 3}
    done = count_anew(database, clock)
    assert done.later == 3
    assert {due_of(session, number) for number in ids} == {LATER}
    session.rollback()
    letters = Counter(session.scalars(select(Outbox.nomination_id).where(Outbox.notice == "dates_moved")))
    assert letters == dict.fromkeys(ids, 1)


def test_what_somebody_has_in_hand_is_tried_again_and_said_to_be_left(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    ids = many_submitted(office, session, 3, clock.now())
    import_days(session, clock)
    with database.sessions() as other:
        other.execute(select(Nomination.id).where(Nomination.id == ids[1]).with_for_update(key_share=True))
        done = count_anew(database, clock)
    assert (done.later, done.left) == (2, 1)
    assert count_anew(database, clock).later == 1


def test_beside_sweeps_and_decisions_no_reminder_is_lost_doubled_or_early(
    office: Office, session: Session, clock: FixedClock, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thursday, 08:00: the reminders of a hundred are due at the very instant at which their days change."""
    ids = many_submitted(office, session, 100, clock.now())
    clock.advance(REMIND_AT - clock.now())
    import_days(session, clock)
    monkeypatch.setattr(operation, "_AT_ONCE", 10)
    start = Barrier(4)
    decided: list[int] = []

    def decide() -> None:
        with database.sessions() as own:
            reviewer = Office(office.ids, own)
            for number in ids[::4]:
                try:
                    reviewer.act("reviewer", number, "approve", clock.now())
                    decided.append(number)
                except Refusal:
                    own.rollback()

    def sweep() -> None:
        for _ in range(3):
            fire_due(database.sessions, clock=clock)

    jobs = [decide, sweep, lambda: count_anew(database, clock), lambda: count_anew(database, clock)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda job: (start.wait(), job()), jobs))
    count_anew(database, clock)
    fire_due(database.sessions, clock=clock)
    assert list(stale_stays(database.sessions)) == []
    session.rollback()
    waiting = [number for number in ids if number not in decided]
    assert {due_of(session, number) for number in waiting} == {LATER}
    for number in waiting:
        fired = [event for event in events(session, number) if event.via == "timer"]
        # Either it went out on the old morning and is promised again for the new, or it waits for that one.
        assert len(fired) in {0, 1}
        # On the 13th its holder is told of the report of the 16th.
        days = ("09/03", "11/03", "12/03", "13/03", "16/03")
        assert mornings(session, number) == [f"{day} 08:00" for day in days]
        assert is_chained(events(session, number))
    assert all(is_chained(events(session, number)) for number in decided)
    live = session.scalars(
        select(Rung.id)
        .join(WorkItem, WorkItem.id == Rung.work_item_id)
        .where(WorkItem.closed_at.is_not(None), Rung.fired_at.is_(None), Rung.fire_at.is_not(None))
    ).all()
    assert live == [], "nothing reminds of work that is done"
    # The season goes on: on its new morning each is reminded exactly once.
    session.execute(update(Outbox).values(state="sent"))
    session.commit()
    before = Counter(session.scalars(select(Outbox.nomination_id).where(Outbox.notice == "reminder")))
    clock.advance(datetime(2026, 3, 9, 1, tzinfo=UTC) - clock.now())
    fire_due(database.sessions, clock=clock)
    session.rollback()
    after = Counter(session.scalars(select(Outbox.nomination_id).where(Outbox.notice == "reminder")))
    assert {number: after[number] - before[number] for number in waiting} == dict.fromkeys(waiting, 1)
