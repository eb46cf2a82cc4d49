"""Who is above late work decides: more time for it, with both dates on the record; nobody else does."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Executable, delete, select, update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.absences import go_away
from tests.support.office import Office, furnish
from tests.support.waiting import HEAD_AT, NEXT_LEVEL_AT, events, is_chained, submitted, told
from workflow.clock import FixedClock
from workflow.domain.errors import Conflict, Forbidden, InvalidField, NominationHeld, NotFound
from workflow.domain.vocabulary import Via
from workflow.operations.escalations.more_time import MoreTime, give_more_time
from workflow.operations.sweep.escalate import fire_due
from workflow.queries.history.audit import verify_chains
from workflow.store.mail import Outbox
from workflow.store.nominations import Rung, Visit, WorkItem

DAY = date(2026, 3, 20)
WHY = "Chờ kết luận của đoàn kiểm tra"


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish(session, now=clock.now())


def through(clock: FixedClock, database: Database, when: datetime) -> None:
    while clock.now() < when:
        clock.advance(min(timedelta(hours=12), when - clock.now()))
        fire_due(database.sessions, clock=clock)


@pytest.fixture
def give(office: Office, clock: FixedClock) -> Callable[..., None]:
    def given(nomination_id: int, part: str = "supervisor", **changes: Any) -> None:
        office.session.rollback()
        wanted = MoreTime(**{"nomination_id": nomination_id, "day": DAY, "reason": WHY, **changes})
        actor = office.actor(part, clock.now())
        give_more_time(office.session, actor=actor, wanted=wanted, via=Via.WEB, now=clock.now())

    return given


def mornings(session: Session, nomination_id: int) -> list[str]:
    session.rollback()
    rows = session.execute(
        select(Rung.fire_at, Rung.kind)
        .where(Rung.nomination_id == nomination_id, Rung.fired_at.is_(None), Rung.fire_at.is_not(None))
        .order_by(Rung.fire_at)
    )
    return [f"{row.fire_at + timedelta(hours=7):%d/%m} {row.kind}" for row in rows]


def test_whoever_it_was_reported_to_gives_more_time_and_the_ladder_begins_anew(
    office: Office, session: Session, clock: FixedClock, database: Database, give: Callable[..., None]
) -> None:
    nomination_id = submitted(office, clock.now())
    through(clock, database, HEAD_AT)
    assert told(session, nomination_id)[-1] == ("escalation", office.ids["supervisor"])
    give(nomination_id)
    session.rollback()
    work = session.scalars(select(WorkItem).where(WorkItem.nomination_id == nomination_id)).all()[-1]
    assert work.due_at is not None
    assert f"{work.due_at + timedelta(hours=7):%d/%m %H:%M}" == "20/03 17:00"
    assert mornings(session, nomination_id) == [
        "18/03 remind",
        "20/03 remind",
        "23/03 escalate",
        "24/03 remind",
        "25/03 escalate",
    ]
    said = events(session, nomination_id)[-1]
    assert (said.action, said.actor_id) == ("more_time", office.ids["supervisor"])
    assert str(said.data["was"])[:10] == "2026-03-09"
    assert str(said.data["due"])[:10] == "2026-03-20"
    assert is_chained(events(session, nomination_id))
    assert verify_chains(session).problems == ()
    letters = session.scalars(select(Outbox.account_id).where(Outbox.notice == "dates_moved")).all()
    assert letters == [office.ids["reviewer"]]
    waiting = select(Outbox.notice).where(
        Outbox.state == "new", Outbox.notice.in_(["reminder", "escalation"])
    )
    assert session.scalars(waiting).all() == [], "nothing goes out for the date of before"
    give(nomination_id, day=date(2026, 3, 27))


def test_time_used_up_counts_as_before_a_hold_and_after_it(
    office: Office, session: Session, clock: FixedClock, database: Database, give: Callable[..., None]
) -> None:
    nomination_id = submitted(office, clock.now())
    through(clock, database, NEXT_LEVEL_AT)
    give(nomination_id)
    office.act("reviewer", nomination_id, "hold", clock.now(), comment="Chờ xác minh")
    office.act("reviewer", nomination_id, "release_hold", clock.now())
    session.rollback()
    visit = session.scalars(
        select(Visit).where(Visit.nomination_id == nomination_id, Visit.left_at.is_(None))
    )
    due_at = visit.one().due_at
    assert due_at is not None
    assert due_at.date() == DAY


def test_whose_work_it_is_who_waits_for_it_and_a_stranger_give_none(
    office: Office, clock: FixedClock, database: Database, give: Callable[..., None]
) -> None:
    nomination_id = submitted(office, clock.now())
    through(clock, database, HEAD_AT)
    for part, refusal in {"reviewer": Forbidden, "nominator": Forbidden, "stranger": NotFound}.items():
        with pytest.raises(refusal):
            give(nomination_id, part)


def test_a_day_that_is_none_to_come_and_no_reason_are_refused_by_name(
    office: Office, clock: FixedClock, database: Database, give: Callable[..., None]
) -> None:
    nomination_id = submitted(office, clock.now())
    through(clock, database, HEAD_AT)
    for day in (date(2026, 3, 10), date(2026, 3, 21), date(2027, 3, 22)):
        with pytest.raises(InvalidField) as refused:
            give(nomination_id, day=day)
        assert [error.field for error in refused.value.errors] == ["day"]
    with pytest.raises(InvalidField) as refused:
        give(nomination_id, reason=" ")
    assert [error.field for error in refused.value.errors] == ["reason"]


def test_before_it_was_reported_and_on_hold_there_is_nothing_to_decide(
    office: Office, clock: FixedClock, database: Database, give: Callable[..., None]
) -> None:
    nomination_id = submitted(office, clock.now())
    with pytest.raises(NotFound):
        give(nomination_id)
    with pytest.raises(Conflict):
        give(nomination_id, "admin")
    office.session.rollback()
    through(clock, database, HEAD_AT)
    office.act("reviewer", nomination_id, "hold", clock.now(), comment="Chờ xác minh")
    with pytest.raises(NominationHeld):
        give(nomination_id)


@pytest.mark.parametrize(
    "came_to_nothing",
    [
        update(Rung).where(Rung.kind == "escalate", Rung.fired_at.is_not(None)).values(bounced_at=HEAD_AT),
        update(Outbox).where(Outbox.notice == "escalation").values(state="cancelled"),
        delete(Outbox).where(Outbox.notice == "escalation"),
    ],
    ids=["came back", "was called off", "had no recipient"],
)
def test_a_report_that_told_nobody_is_none(
    office: Office,
    clock: FixedClock,
    database: Database,
    give: Callable[..., None],
    came_to_nothing: Executable,
) -> None:
    nomination_id = submitted(office, clock.now())
    through(clock, database, HEAD_AT)
    office.session.execute(came_to_nothing)
    office.session.commit()
    with pytest.raises(Conflict, match="not reported"):
        give(nomination_id)


def test_who_does_the_late_work_for_somebody_away_gives_it_no_more_time(
    office: Office, session: Session, clock: FixedClock, database: Database, give: Callable[..., None]
) -> None:
    nomination_id = submitted(office, clock.now())
    through(clock, database, HEAD_AT)
    go_away(office, clock, "reviewer", "supervisor")
    with pytest.raises(Forbidden, match="waits for you"):
        give(nomination_id)
