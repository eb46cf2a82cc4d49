"""Promised reminders and escalations fire once each, reach whom they mean, and never those who are done."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.support.office import AG, TOP, Office, furnish
from tests.support.waiting import (
    DUE_DAY,
    HEAD_AT,
    NEXT_LEVEL_AT,
    REMIND_AT,
    add_account,
    drop_grant,
    events,
    is_chained,
    many_submitted,
    submitted,
    told,
)
from workflow.clock import FixedClock
from workflow.domain.errors import StaleNomination
from workflow.domain.facts import MoveRequest
from workflow.domain.vocabulary import Via
from workflow.operations.nominations.commands import Command
from workflow.operations.nominations.decide import decide
from workflow.operations.sweep.escalate import fire_due
from workflow.operations.sweep.firing import Fired
from workflow.queries.nominations.nomination import get_nomination
from workflow.store.nominations import Nomination, Rung


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish(session, now=clock.now())


def test_a_reminder_goes_to_the_group_on_its_morning_and_not_before(
    office: Office, session: Session, clock: FixedClock, database
) -> None:
    nomination_id = submitted(office, clock.now())
    # An hour before its instant it fires for whoever has a letter of the morning (docs/adr/0051).
    clock.advance(REMIND_AT - timedelta(hours=1, seconds=1) - clock.now())
    assert fire_due(database.sessions, clock=clock) == Fired()
    clock.advance(timedelta(seconds=1))
    assert fire_due(database.sessions, clock=clock) == Fired(rungs=1, mails=1)
    assert told(session, nomination_id) == [("reminder", office.ids["reviewer"])]
    assert fire_due(database.sessions, clock=clock) == Fired()


def test_firing_is_on_the_record_and_leaves_the_version_alone(
    office: Office, session: Session, clock: FixedClock, database
) -> None:
    nomination_id = submitted(office, clock.now())
    version = session.get_one(Nomination, nomination_id, populate_existing=True).version
    clock.advance(REMIND_AT - clock.now())
    fire_due(database.sessions, clock=clock)
    session.rollback()
    found = events(session, nomination_id)
    reminded = found[-1]
    assert (reminded.action, reminded.via, reminded.actor_id) == ("remind", "timer", None)
    assert reminded.data["accounts"] == [office.ids["reviewer"]]
    assert reminded.recorded_at == REMIND_AT
    assert is_chained(found)
    assert session.get_one(Nomination, nomination_id, populate_existing=True).version == version
    office.act("reviewer", nomination_id, "approve", clock.now())
    assert is_chained(events(session, nomination_id))


def test_a_stale_decision_is_told_who_changed_it_not_that_a_timer_spoke(
    office: Office, session: Session, clock: FixedClock, database
) -> None:
    nomination_id = submitted(office, clock.now())
    clock.advance(REMIND_AT - clock.now())
    fire_due(database.sessions, clock=clock)
    reviewer = office.actor("reviewer", clock.now())
    stale = Command(nomination_id, 1, MoveRequest("approve"), Via.API)
    with pytest.raises(StaleNomination) as refused:
        decide(session, actor=reviewer, command=stale, now=clock.now())
    assert refused.value.params["changed_by"] == "nominator NV01"


def test_whoever_took_the_work_is_reminded_alone(
    office: Office, session: Session, clock: FixedClock, database
) -> None:
    second = add_account(session, "second@example.vn", f"unit_reviewer@unit:{AG}", clock.now())
    nomination_id = submitted(office, clock.now())
    office.act("reviewer", nomination_id, "claim", clock.now())
    clock.advance(REMIND_AT - clock.now())
    fire_due(database.sessions, clock=clock)
    assert told(session, nomination_id) == [("reminder", office.ids["reviewer"])]
    office.act("reviewer", nomination_id, "release", clock.now())
    clock.advance(DUE_DAY - clock.now())
    fire_due(database.sessions, clock=clock)
    assert sorted(told(session, nomination_id)[1:]) == [
        ("reminder", office.ids["reviewer"]),
        ("reminder", second),
    ]


def test_late_work_goes_to_the_head_and_without_a_next_level_in_the_house_to_the_head_once_more(
    office: Office, session: Session, clock: FixedClock, database
) -> None:
    head = add_account(session, "head-ag@example.vn", f"head@unit:{AG}", clock.now())
    drop_grant(session, office.ids["unit_head"], f"head@unit:{AG}")
    nomination_id = submitted(office, clock.now())
    for at in (REMIND_AT, DUE_DAY, HEAD_AT, NEXT_LEVEL_AT):
        clock.advance(at - clock.now())
        fire_due(database.sessions, clock=clock)
    reviewer = office.ids["reviewer"]
    assert told(session, nomination_id) == [
        ("reminder", reviewer),
        ("reminder", reviewer),
        ("escalation", head),
        ("escalation", head),
    ]
    audience = session.get_one(Nomination, nomination_id, populate_existing=True).audience
    assert f"unit:{TOP}" not in audience, "what stays in the house is nobody else's to read"


def test_where_the_head_holds_the_work_and_nobody_else_is_in_the_house_a_supervisor_is_told(
    office: Office, session: Session, clock: FixedClock, database
) -> None:
    nomination_id = submitted(office, clock.now())
    assert office.ids["unit_head"] == office.ids["reviewer"]
    clock.advance(HEAD_AT - clock.now())
    fire_due(database.sessions, clock=clock)
    assert ("escalation", office.ids["supervisor"]) in told(session, nomination_id)
    audience = session.get_one(Nomination, nomination_id, populate_existing=True).audience
    assert f"unit:{TOP}" in audience, "who is told may open what the mail is about"


def test_without_any_head_the_supervisor_is_told(
    office: Office, session: Session, clock: FixedClock, database
) -> None:
    drop_grant(session, office.ids["unit_head"], f"head@unit:{AG}")
    drop_grant(session, office.ids["head"], f"head@unit:{TOP}")
    nomination_id = submitted(office, clock.now())
    clock.advance(HEAD_AT - clock.now())
    fire_due(database.sessions, clock=clock)
    assert ("escalation", office.ids["supervisor"]) in told(session, nomination_id)
    # Nothing was sent to them yet, so the escalation is what lets them open it.
    assert f"unit:{TOP}" in session.get_one(Nomination, nomination_id, populate_existing=True).audience
    now = clock.now()
    supervisor = office.actor("supervisor", now)
    assert get_nomination(session, actor=supervisor, nomination_id=nomination_id, now=now)


def test_the_standing_body_is_the_councils_appraisers(
    office: Office, session: Session, clock: FixedClock, database
) -> None:
    appraiser = add_account(session, "appraiser@example.vn", f"appraiser@council:{TOP}", clock.now())
    nomination_id = submitted(office, clock.now())
    office.act("reviewer", nomination_id, "approve", clock.now())
    clock.advance(timedelta(days=15))
    fire_due(database.sessions, clock=clock)
    assert ("escalation", appraiser) in told(session, nomination_id)


def test_an_empty_chair_is_recorded_never_passed_over_in_silence(
    office: Office, session: Session, clock: FixedClock, database
) -> None:
    nomination_id = submitted(office, clock.now())
    drop_grant(session, office.ids["reviewer"], f"unit_reviewer@unit:{AG}")
    clock.advance(REMIND_AT - clock.now())
    assert fire_due(database.sessions, clock=clock) == Fired(rungs=1, mails=0)
    assert events(session, nomination_id)[-1].data["skipped"] == "no_recipient"


def test_after_a_standstill_only_the_strongest_is_told_and_the_rest_is_recorded(
    office: Office, session: Session, clock: FixedClock, database
) -> None:
    nomination_id = submitted(office, clock.now())
    clock.advance(timedelta(days=30))
    assert fire_due(database.sessions, clock=clock) == Fired(rungs=5, mails=1)
    assert told(session, nomination_id) == [("escalation", office.ids["supervisor"])]
    data = [event.data.get("skipped") for event in events(session, nomination_id)[-5:]]
    assert data == ["superseded"] * 4 + [None]
    assert is_chained(events(session, nomination_id))
    assert set(session.scalars(select(Rung.fired_at))) == {clock.now()}


def test_a_hold_silences_the_ladder_and_its_end_plans_it_anew(
    office: Office, session: Session, clock: FixedClock, database
) -> None:
    nomination_id = submitted(office, clock.now())
    office.act("reviewer", nomination_id, "hold", clock.now(), comment="Chờ xác minh đơn thư.")
    clock.advance(timedelta(days=30))
    assert fire_due(database.sessions, clock=clock) == Fired()
    office.act("reviewer", nomination_id, "release_hold", clock.now())
    assert fire_due(database.sessions, clock=clock) == Fired()
    first = session.scalar(select(Rung.fire_at).where(Rung.fire_at.is_not(None)).order_by(Rung.fire_at))
    assert first is not None
    assert first > clock.now()
    clock.advance(first - clock.now())
    assert fire_due(database.sessions, clock=clock) == Fired(rungs=1, mails=1)


def test_work_that_is_done_reminds_nobody(
    office: Office, session: Session, clock: FixedClock, database
) -> None:
    nomination_id = submitted(office, clock.now())
    office.act("nominator", nomination_id, "withdraw", clock.now())
    clock.advance(timedelta(days=30))
    assert fire_due(database.sessions, clock=clock) == Fired()
    assert told(session, nomination_id) == []


def test_a_rung_of_other_work_that_stayed_due_is_silenced_not_fired(
    office: Office, session: Session, clock: FixedClock, database
) -> None:
    nomination_id = submitted(office, clock.now())
    office.act("nominator", nomination_id, "withdraw", clock.now())
    session.execute(update(Rung).values(fire_at=clock.now()))
    session.commit()
    assert fire_due(database.sessions, clock=clock) == Fired()
    assert set(session.scalars(select(Rung.fire_at))) == {None}
    assert told(session, nomination_id) == []


def test_what_cannot_fire_is_dead_after_five_attempts_with_its_reason_and_stops_nobody_else(
    office: Office, session: Session, clock: FixedClock, database
) -> None:
    broken = submitted(office, clock.now())
    healthy = many_submitted(office, session, 1, clock.now())[0]
    session.execute(update(Rung).where(Rung.nomination_id == broken).values(recipient="nobody-knows"))
    session.commit()
    clock.advance(REMIND_AT - clock.now())
    first = fire_due(database.sessions, clock=clock)
    assert (first.rungs, first.failed) == (1, 1)
    assert told(session, healthy)
    for _ in range(3):
        assert fire_due(database.sessions, clock=clock) == Fired(failed=1)
    assert fire_due(database.sessions, clock=clock) == Fired(failed=1, dead=1)
    assert fire_due(database.sessions, clock=clock) == Fired()
    rung = session.scalars(select(Rung).where(Rung.nomination_id == broken, Rung.dead_at.is_not(None))).one()
    assert (rung.attempt, rung.dead_at) == (5, clock.now())
    assert "nobody-knows" in str(rung.last_error)
