"""The office sees what will be reported, and may hold it back once, for two working days at most."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.absences import go_away
from tests.support.office import AG, TOP, Office, furnish
from tests.support.rounds import opened
from tests.support.statements import counted_statements
from tests.support.waiting import DUE_DAY, HEAD_AT, NEXT_LEVEL_AT, events, is_chained, submitted, told
from workflow.clock import FixedClock
from workflow.domain.errors import Conflict, Forbidden, InvalidField, NotFound, Refusal
from workflow.domain.vocabulary import RungKind, Via
from workflow.operations.escalations.heard_by import heard_by
from workflow.operations.escalations.hold_back import HoldBack, hold_escalation, release_escalation
from workflow.operations.sweep.escalate import fire_due
from workflow.queries.escalations.coming import ComingEscalation, coming_escalations
from workflow.queries.history.audit import verify_chains
from workflow.store.access import Account
from workflow.store.nominations import Nomination, Rung, WorkItem

ONE_LATER = HEAD_AT + timedelta(days=1)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
WHY = "Người phụ trách đang nghỉ ốm, thứ Tư đi làm lại."


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish(session, now=clock.now())


def at(clock: FixedClock, database: Database, when: datetime) -> None:
    """Let every morning until then pass, one after the other."""
    while clock.now() < when:
        clock.advance(min(timedelta(hours=12), when - clock.now()))
        fire_due(database.sessions, clock=clock)


def coming(office: Office, part: str, clock: FixedClock, days: int = 2) -> list[ComingEscalation]:
    office.session.rollback()
    actor, now = office.actor(part, clock.now()), clock.now()
    page = coming_escalations(office.session, actor=actor, days=days, now=now, limit=50, cursor=None)
    return list(page.items)


def hold(
    office: Office,
    clock: FixedClock,
    rung_id: UUID,
    *,
    days: int = 1,
    part: str = "supervisor",
    why: str = WHY,
) -> None:
    office.session.rollback()
    wanted = HoldBack(rung_id, days, why)
    actor = office.actor(part, clock.now())
    hold_escalation(office.session, actor=actor, hold=wanted, via=Via.WEB, now=clock.now())


def release(office: Office, clock: FixedClock, rung_id: UUID, part: str = "supervisor") -> None:
    office.session.rollback()
    actor = office.actor(part, clock.now())
    release_escalation(office.session, actor=actor, rung_id=rung_id, via=Via.WEB, now=clock.now())


def first_escalation(session: Session, nomination_id: int) -> UUID:
    session.rollback()
    found = session.scalars(
        select(Rung.id)
        .where(Rung.nomination_id == nomination_id, Rung.kind == RungKind.ESCALATE)
        .order_by(Rung.ordinal)
    ).first()
    assert found is not None
    return found


def test_the_office_sees_what_will_be_reported_to_whom_and_not_before(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    nomination_id = submitted(office, clock.now())
    assert coming(office, "supervisor", clock) == []
    at(clock, database, DUE_DAY)
    [one] = coming(office, "supervisor", clock, days=1)
    assert (one.fires_at, one.nomination_id, one.unit.code) == (HEAD_AT, nomination_id, AG)
    assert (one.holder.key, one.hold, one.refusal) == (f"unit_reviewer@unit:{AG}", None, None)
    [heard] = heard_by(session, [one.id], now=clock.now()).values()
    assert heard.key == f"supervisor@unit:{TOP}"
    assert [number for number, _ in heard.people] == [office.ids["supervisor"]]
    assert [each.fires_at for each in coming(office, "supervisor", clock, days=3)] == [HEAD_AT, NEXT_LEVEL_AT]
    at(clock, database, HEAD_AT)
    assert told(session, nomination_id)[-1] == ("escalation", office.ids["supervisor"]), "as it was shown"


def test_a_held_escalation_waits_fires_when_the_hold_ends_and_is_on_the_record(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    nomination_id = submitted(office, clock.now())
    at(clock, database, DUE_DAY)
    rung_id = first_escalation(session, nomination_id)
    version = session.get_one(Nomination, nomination_id).version
    hold(office, clock, rung_id)
    [one] = coming(office, "supervisor", clock)
    assert (one.fires_at, one.refusal) == (ONE_LATER, "held_before")
    assert one.hold is not None
    assert (one.hold.reason, one.hold.was_at, one.hold.until) == (WHY, HEAD_AT, ONE_LATER)
    assert one.hold.by is not None
    assert one.hold.by.id == office.ids["supervisor"]
    at(clock, database, ONE_LATER - timedelta(seconds=1))
    assert ("escalation", office.ids["supervisor"]) not in told(session, nomination_id)
    at(clock, database, ONE_LATER)
    assert told(session, nomination_id)[-1] == ("escalation", office.ids["supervisor"])
    session.rollback()
    found = events(session, nomination_id)
    assert is_chained(found)
    held = next(event for event in found if event.action == "hold_escalation")
    assert held.actor_id == office.ids["supervisor"]
    assert held.data["until"] == ONE_LATER.astimezone(ZONE).isoformat()
    assert session.get_one(Nomination, nomination_id, populate_existing=True).version == version
    assert verify_chains(session).problems == ()


def test_work_that_is_done_during_the_hold_is_not_reported(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    nomination_id = submitted(office, clock.now())
    at(clock, database, DUE_DAY)
    hold(office, clock, first_escalation(session, nomination_id), days=2)
    office.act("reviewer", nomination_id, "approve", clock.now())
    at(clock, database, HEAD_AT + timedelta(days=4))
    assert not [notice for notice, _ in told(session, nomination_id) if notice == "escalation"]


def test_letting_it_go_reports_it_at_its_own_time_or_at_once_where_that_is_over(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    early, late = submitted(office, clock.now()), office.draft(clock.now(), person_code="NV05").nomination_id
    office.act("nominator", late, "submit", clock.now())
    at(clock, database, DUE_DAY)
    for number in (early, late):
        hold(office, clock, first_escalation(session, number), days=2)
    release(office, clock, first_escalation(session, early))
    at(clock, database, HEAD_AT)
    assert told(session, early)[-1][0] == "escalation"
    assert told(session, late)[-1][0] == "reminder"
    clock.advance(timedelta(hours=6))
    release(office, clock, first_escalation(session, late))
    fire_due(database.sessions, clock=clock)
    assert told(session, late)[-1][0] == "escalation"
    with pytest.raises(NotFound):
        release(office, clock, first_escalation(session, late))


def test_once_for_each_and_never_twice(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    rung_id = first_escalation(session, submitted(office, clock.now()))
    with pytest.raises(Conflict):
        release(office, clock, rung_id)
    hold(office, clock, rung_id)
    with pytest.raises(Conflict):
        hold(office, clock, rung_id)
    release(office, clock, rung_id)
    for again in (hold, release):
        with pytest.raises(Conflict):
            again(office, clock, rung_id)


@pytest.mark.parametrize(
    ("asked", "field"), [({"days": 0}, "days"), ({"days": 3}, "days"), ({"why": "  "}, "reason")]
)
def test_what_it_does_not_take_is_refused_by_name(
    office: Office, session: Session, clock: FixedClock, asked: dict[str, Any], field: str
) -> None:
    rung_id = first_escalation(session, submitted(office, clock.now()))
    with pytest.raises(InvalidField) as refused:
        hold(office, clock, rung_id, **asked)
    assert [error.field for error in refused.value.errors] == [field]
    session.rollback()
    assert coming(office, "supervisor", clock, days=10)[0].hold is None


@pytest.mark.parametrize(
    ("part", "refusal"),
    [("stranger", NotFound), ("nominator", NotFound), ("reviewer", NotFound), ("other_reviewer", NotFound)],
)
def test_a_stranger_the_holder_and_another_unit_neither_see_nor_hold(
    office: Office, session: Session, clock: FixedClock, part: str, refusal: type[Refusal]
) -> None:
    rung_id = first_escalation(session, submitted(office, clock.now()))
    with pytest.raises(refusal):
        hold(office, clock, rung_id, part=part)
    if part != "reviewer":  # who also is the head of their unit, which runs rounds of its own
        with pytest.raises(Forbidden):
            coming(office, part, clock)
    else:
        assert coming(office, part, clock, days=10) == []


def test_whose_own_work_is_late_and_the_nominee_hold_nothing_back(
    office: Office, session: Session, clock: FixedClock
) -> None:
    nomination_id = submitted(office, clock.now())
    rung_id = first_escalation(session, nomination_id)
    supervisor = office.ids["supervisor"]
    session.execute(update(WorkItem).values(assignee_id=supervisor))
    session.commit()
    with pytest.raises(Forbidden, match="waits for you"):
        hold(office, clock, rung_id)
    assert coming(office, "supervisor", clock, days=10)[0].refusal == "own_work"
    session.execute(update(WorkItem).values(assignee_id=None))
    person = select(Nomination.person_id).where(Nomination.id == nomination_id).scalar_subquery()
    session.execute(update(Account).where(Account.id == supervisor).values(person_id=person))
    session.commit()
    with pytest.raises(Forbidden, match="nominee"):
        hold(office, clock, rung_id)
    # Nor do they read who has their file in hand and who will hear of it.
    assert coming(office, "supervisor", clock, days=10) == []


def test_who_does_the_late_work_for_somebody_away_does_not_hold_its_report_back(
    office: Office, session: Session, clock: FixedClock
) -> None:
    rung_id = first_escalation(session, submitted(office, clock.now()))
    go_away(office, clock, "reviewer", "supervisor")
    with pytest.raises(Forbidden, match="waits for you"):
        hold(office, clock, rung_id)
    assert coming(office, "supervisor", clock, days=10)[0].refusal == "own_work"


def test_a_hold_outlasts_a_pause_of_the_nomination(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    nomination_id = submitted(office, clock.now())
    rung_id = first_escalation(session, nomination_id)
    hold(office, clock, rung_id, days=2)
    until = session.scalar(select(Rung.fire_at).where(Rung.id == rung_id))
    office.act("reviewer", nomination_id, "hold", clock.now(), comment="Chờ xác minh")
    assert coming(office, "supervisor", clock, days=10) == []
    office.act("reviewer", nomination_id, "release_hold", clock.now())
    session.rollback()
    assert session.scalar(select(Rung.fire_at).where(Rung.id == rung_id)) == until


def test_one_that_is_let_go_fires_when_its_date_says_by_then(
    office: Office, session: Session, clock: FixedClock
) -> None:
    """Its date moved by a day while it was held back for two: let go, it comes on that day and not before."""
    nomination_id = submitted(office, clock.now())
    rung_id = first_escalation(session, nomination_id)
    hold(office, clock, rung_id, days=2)
    office.act("reviewer", nomination_id, "hold", clock.now(), comment="Chờ xác minh")
    clock.advance(timedelta(days=1))
    office.act("reviewer", nomination_id, "release_hold", clock.now())
    release(office, clock, rung_id)
    session.rollback()
    assert session.scalar(select(Rung.fire_at).where(Rung.id == rung_id)) == ONE_LATER


def test_one_held_back_to_the_morning_of_the_next_goes_out_beside_it(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    """A day before its end: the head and the level above hear of it on one morning, each once."""
    nomination_id = office.draft(clock.now()).nomination_id
    office.act("nominator", nomination_id, "submit", clock.now())
    session.execute(update(Rung).where(Rung.ordinal == 3).values(recipient="standing_body"))
    session.commit()
    hold(office, clock, first_escalation(session, nomination_id), days=2)
    at(clock, database, NEXT_LEVEL_AT)
    session.rollback()
    escalated = [event for event in events(session, nomination_id) if event.action == "escalate"]
    assert [event.data.get("skipped") for event in escalated] == [None, None]
    assert [notice for notice, _ in told(session, nomination_id)].count("escalation") == 2


def test_whom_the_reports_of_several_units_would_tell_is_asked_together(
    office: Office, session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(session, clock.now())
    of_units = Rung.expected_return_id.is_not(None), Rung.kind == RungKind.ESCALATE
    ids = session.scalars(select(Rung.id).where(*of_units).order_by(Rung.fire_at, Rung.id)).all()
    alone = {
        key: one for rung_id in ids for key, one in heard_by(session, [rung_id], now=clock.now()).items()
    }
    sent_for = []
    for asked in (ids[:1], ids):
        with counted_statements(monkeypatch, session.get_bind()) as sent:
            heard = heard_by(session, asked, now=clock.now())
        sent_for.append(len(sent))
    assert heard == alone
    assert len({one.key for one in heard.values()}) > 1
    assert sent_for[0] == sent_for[1]
