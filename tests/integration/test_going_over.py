"""Open nominations go over to another version of their route: the same stay, once, told as foretold."""

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.integration.test_audit import found
from tests.support.definitions import text_of
from tests.support.importing import everything
from tests.support.office import Office, furnish
from tests.support.recount import due_of, mornings
from tests.support.waiting import events, is_chained, many_submitted
from workflow.clock import FixedClock
from workflow.domain.errors import Conflict, InvalidField, NotFound, Refusal
from workflow.domain.vocabulary import Via
from workflow.operations.routes import go_over as operation
from workflow.operations.routes.asked import GoingAsked
from workflow.operations.routes.go_over import go_over, preview_going
from workflow.operations.routes.plan import GoneOver
from workflow.operations.setup.publish import publish_definition
from workflow.store.awards import WorkflowDefinition
from workflow.store.history import Event
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination, Visit, WorkItem

LADDER = """      - {at: -2 working_days, do: remind, to: holder}
      - {at: due, do: remind, to: holder}
      - {at: +1 working_days, do: escalate, to: head}
      - {at: +3 working_days, do: escalate, to: next_level}
"""
OF_REVIEW = f"    owner: unit_reviewer@subject.unit\n    due: 5 working_days\n    ladder:\n{LADDER}"


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish(session, now=clock.now())


def publish(session: Session, clock: FixedClock, *, days: int = 5, ladder: str = LADDER, **words: str) -> int:
    """Publish the next version of the route, with other days and another ladder for a unit's review."""
    session.rollback()
    key = WorkflowDefinition.key == "standard"
    version = max(session.scalars(select(WorkflowDefinition.version).where(key)))
    text = text_of("standard")
    first = int(text.split("version: ", 1)[1].split()[0])
    assert OF_REVIEW in text
    other = OF_REVIEW.replace("5 working", f"{days} working").replace(LADDER, ladder)
    text = text.replace(OF_REVIEW, other, 1).replace(f"version: {first}", f"version: {version + 1}", 1)
    for old, new in words.items():
        # The word of a stage is fixed.
        text = re.sub(rf"(?<!stage: )\b{old}\b", new, text)
    done = publish_definition(
        session, text=text, filename="next.yaml", actor=None, via=Via.CLI, now=clock.now()
    )
    return done.version


def asked(after: int, before: int | None = None, **more: Any) -> GoingAsked:
    return GoingAsked("standard", after - 1 if before is None else before, after, **more)


def migrate(database: Database, clock: FixedClock, going: GoingAsked, reason: str = "TT mới") -> GoneOver:
    return go_over(database.sessions, going, actor=None, reason=reason, via=Via.CLI, clock=clock)


def on_versions(session: Session) -> Counter[int]:
    session.rollback()
    rows = select(WorkflowDefinition.version).join(
        Nomination, Nomination.definition_id == WorkflowDefinition.id
    )
    return Counter(session.scalars(rows))


def lately_over(clock: FixedClock) -> None:
    """Let the time pass in which what was done may be undone."""
    clock.advance(timedelta(hours=1))


def test_what_is_shown_is_what_is_done_and_done_once(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    ids = many_submitted(office, session, 3, clock.now())
    office.act("reviewer", ids[0], "claim", clock.now())
    lately_over(clock)
    after = publish(session, clock, days=8)
    was, promised = due_of(session, ids[1]), mornings(session, ids[1])
    stays = session.scalars(select(Visit.id).where(Visit.left_at.is_(None)).order_by(Visit.id)).all()
    before = everything(session)
    session.rollback()
    going, shown = preview_going(database.sessions, asked(after, replans=True), actor=None, clock=clock)
    assert everything(session) == before, "looking writes nothing"
    assert [(one.step, one.to, one.count, one.problem) for one in going.steps] == [
        ("unit_review", "unit_review", 3, None)
    ]
    done = migrate(database, clock, asked(after, replans=True))
    assert done == shown
    assert (done.moved, done.dates.later, done.left) == (3, 3, 0)
    assert on_versions(session) == {after: 3}
    assert due_of(session, ids[1]) > was
    assert mornings(session, ids[1]) != promised
    assert (
        session.scalars(select(Visit.id).where(Visit.left_at.is_(None)).order_by(Visit.id)).all() == stays
    ), "the same stay goes on"
    hands = session.execute(
        select(WorkItem.assignee_id).where(WorkItem.nomination_id == ids[0], WorkItem.closed_at.is_(None))
    )
    assert hands.scalar_one() == office.ids["reviewer"], "who took the work has it still"
    for number in ids:
        last = events(session, number)[-1]
        assert (last.action, last.source, last.dest) == ("migrate", "unit_review", "unit_review")
        assert is_chained(events(session, number))
    told = Counter(session.scalars(select(Outbox.nomination_id).where(Outbox.notice == "dates_moved")))
    assert told == dict.fromkeys(ids, 1)
    deed = session.scalars(select(Event).where(Event.stream == "definition:standard").order_by(Event.seq))
    assert [one.action for one in deed][-2:] == ["migrate", "migrated"]
    session.rollback()
    assert migrate(database, clock, asked(after, replans=True)).moved == 0
    assert found(database) == [], "`audit verify` finds every row as history tells it"
    office.act("reviewer", ids[0], "approve", clock.now())


def test_without_replan_dates_and_reminders_stay_and_going_back_is_going_the_other_way(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    ids = many_submitted(office, session, 2, clock.now())
    lately_over(clock)
    after = publish(session, clock, days=8)
    was, promised = due_of(session, ids[0]), mornings(session, ids[0])
    assert migrate(database, clock, asked(after)).moved == 2
    assert (due_of(session, ids[0]), mornings(session, ids[0])) == (was, promised)
    assert session.scalars(select(Outbox).where(Outbox.notice == "dates_moved")).all() == []
    lately_over(clock)
    assert migrate(database, clock, asked(after - 1, before=after)).moved == 2
    assert on_versions(session) == {after - 1: 2}
    assert found(database) == []


def test_a_renamed_step_is_mapped_and_one_without_a_counterpart_stops_all(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    ids = many_submitted(office, session, 2, clock.now())
    lately_over(clock)
    after = publish(session, clock, unit_review="base_review")
    going, _ = preview_going(database.sessions, asked(after), actor=None, clock=clock)
    assert [(one.step, one.problem) for one in going.steps] == [("unit_review", "gone")]
    before = everything(session)
    session.rollback()
    with pytest.raises(Conflict) as refused:
        migrate(database, clock, asked(after))
    assert [one.code for one in refused.value.reasons] == ["step_without_counterpart"]
    assert everything(session) == before
    session.rollback()
    for wrong in ({"unit_review": "cluster_review"}, {"unit_review": "approved"}):
        with pytest.raises(Conflict):
            migrate(database, clock, asked(after, renamed=wrong))
    with pytest.raises(InvalidField):
        migrate(database, clock, asked(after, renamed={"nothing": "draft"}))
    with pytest.raises(InvalidField):
        migrate(database, clock, asked(after, before=after))
    with pytest.raises(NotFound):
        migrate(database, clock, asked(99))
    done = migrate(database, clock, asked(after, renamed={"unit_review": "base_review"}, replans=True))
    assert done.moved == 2
    session.rollback()
    assert session.scalars(select(Nomination.state)).all() == ["base_review"] * 2
    last = events(session, ids[0])[-1]
    assert (last.source, last.dest) == ("unit_review", "base_review")
    assert found(database) == []
    lately_over(clock)
    office.act("reviewer", ids[0], "approve", clock.now())
    session.rollback()
    assert "base_review" not in session.scalars(select(Nomination.state).where(Nomination.id == ids[0])).all()


def test_what_is_decided_just_now_or_in_somebodys_hands_is_left_and_goes_the_next_time(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    ids = many_submitted(office, session, 3, clock.now())
    lately_over(clock)
    after = publish(session, clock)
    office.act("reviewer", ids[0], "approve", clock.now())
    with database.sessions() as other:
        other.execute(select(Nomination.id).where(Nomination.id == ids[1]).with_for_update(key_share=True))
        done = migrate(database, clock, asked(after))
    lately = 1 if database.sessions.kw["info"]["undo_window"] else 0
    assert (done.moved, done.left) == (2 - lately, 1 + lately)
    lately_over(clock)
    assert migrate(database, clock, asked(after)).left == 0
    assert on_versions(session) == {after: 3}


def test_one_that_was_cut_off_is_gone_on_with(
    office: Office, session: Session, clock: FixedClock, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = many_submitted(office, session, 7, clock.now())
    lately_over(clock)
    after = publish(session, clock, days=8)
    monkeypatch.setattr(operation, "_AT_ONCE", 2)
    steps = iter(range(9))

    def pull_the_plug(_done: int) -> None:
        if next(steps) == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        go_over(
            database.sessions,
            asked(after, replans=True),
            actor=None,
            reason="x",
            via=Via.CLI,
            clock=clock,
            on_step=pull_the_plug,
        )
    assert on_versions(session) == {after - 1: 3, after: 4}
    assert migrate(database, clock, asked(after, replans=True)).moved == 3
    session.rollback()
    told = Counter(session.scalars(select(Outbox.nomination_id).where(Outbox.notice == "dates_moved")))
    assert told == dict.fromkeys(ids, 1)
    assert found(database) == []


def test_beside_decisions_each_goes_over_once_and_no_decision_is_lost(
    office: Office, session: Session, clock: FixedClock, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = many_submitted(office, session, 30, clock.now())
    lately_over(clock)
    after = publish(session, clock)
    monkeypatch.setattr(operation, "_AT_ONCE", 5)
    start, decided = Barrier(3), list[int]()

    def decide() -> None:
        start.wait()
        with database.sessions() as own:
            hand = Office(office.ids, own)
            for number in reversed(ids):
                try:
                    hand.act("reviewer", number, "approve", clock.now())
                    decided.append(number)
                except Refusal:
                    own.rollback()

    def go() -> GoneOver:
        start.wait()
        return migrate(database, clock, asked(after))

    with ThreadPoolExecutor(3) as pool:
        deciding, *going = pool.submit(decide), pool.submit(go), pool.submit(go)
        deciding.result()
        for one in going:
            one.result()
    lately_over(clock)
    migrate(database, clock, asked(after))
    assert on_versions(session) == {after: 30}
    for number in ids:
        done = Counter(event.action for event in events(session, number))
        assert done["migrate"] == 1
        assert done["approve"] == (number in decided)
    assert found(database) == []
