"""What somebody sets aside leaves their own inbox until a morning, never past its due date."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.mail import Scene, mail_server
from tests.support.office import AG, Office, furnish
from tests.support.waiting import REMIND_AT, add_account, many_submitted, submitted
from workflow.clock import FixedClock
from workflow.domain.errors import Conflict, InvalidField, NotFound
from workflow.operations.people.set_aside import Aside, bring_back, set_work_aside
from workflow.operations.sweep.escalate import fire_due
from workflow.queries.feed.feed import due_dates
from workflow.queries.inbox.inbox import get_inbox_item, inbox, inbox_counts, list_set_aside
from workflow.store.mail import Outbox
from workflow.store.nominations import WorkItem
from workflow.store.set_aside import PutAside


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish(session, now=clock.now())


@pytest.fixture
def put(office: Office, clock: FixedClock) -> Callable[..., None]:
    def aside(until: date, part: str = "reviewer", number: int | None = None) -> None:
        wanted = select(WorkItem.id).where(WorkItem.closed_at.is_(None)).order_by(WorkItem.id).limit(1)
        if number is not None:
            wanted = wanted.where(WorkItem.nomination_id == number)
        work = office.session.scalars(wanted).one()
        actor = office.actor(part, clock.now())
        set_work_aside(office.session, actor=actor, aside=Aside(work, until), now=clock.now())

    return aside


def seen(office: Office, clock: FixedClock, part: str = "reviewer") -> list[int | None]:
    office.session.rollback()
    actor = office.actor(part, clock.now())
    page = inbox(office.session, actor=actor, now=clock.now(), limit=50, cursor=None)
    counts = inbox_counts(office.session, actor=actor, now=clock.now())
    away = list_set_aside(office.session, actor=actor, now=clock.now())
    assert (counts.total, counts.set_aside) == (len(page.items), len(away))
    return [item.nomination_id for item in page.items]


def test_it_leaves_one_inbox_until_the_morning_of_the_day_and_comes_back_at_one_press(
    office: Office, session: Session, clock: FixedClock, put: Callable[..., None]
) -> None:
    number = submitted(office, clock.now())
    put(date(2026, 3, 5))
    assert seen(office, clock) == []
    reviewer = office.actor("reviewer", clock.now())
    [one] = list_set_aside(session, actor=reviewer, now=clock.now())
    assert (one.item.nomination_id, one.until) == (number, date(2026, 3, 5))
    assert [due.due_at for due in due_dates(session, actor=reviewer, now=clock.now())], (
        "its date stays in a feed"
    )
    bring_back(session, actor=reviewer, work_item_id=one.item.id)
    assert seen(office, clock) == [number]
    put(date(2026, 3, 5))
    clock.advance(datetime(2026, 3, 4, 16, 59, tzinfo=UTC) - clock.now())
    assert seen(office, clock) == [], "23:59 of the day before in Vietnam"
    clock.advance(timedelta(minutes=2))
    assert seen(office, clock) == [number]


def test_others_of_the_seat_still_see_it(
    office: Office, session: Session, clock: FixedClock, put: Callable[..., None]
) -> None:
    number = submitted(office, clock.now())
    office.ids["beside"] = add_account(session, "beside@example.vn", f"unit_reviewer@unit:{AG}", clock.now())
    put(date(2026, 3, 5))
    assert seen(office, clock) == []
    assert seen(office, clock, "beside") == [number]


def test_it_cannot_pass_the_due_date_which_is_said(
    office: Office, session: Session, clock: FixedClock, put: Callable[..., None]
) -> None:
    submitted(office, clock.now())
    with pytest.raises(InvalidField, match="2026-03-09"):
        put(date(2026, 3, 10))
    for day in (date(2026, 3, 2), date(2026, 2, 27)):
        with pytest.raises(InvalidField):
            put(day)
    put(date(2026, 3, 9))
    session.execute(update(WorkItem).values(due_at=None))
    session.commit()
    with pytest.raises(InvalidField):
        put(date(2026, 6, 30))
    put(date(2026, 5, 30))


def test_when_the_due_date_moves_before_the_day_it_is_back_by_itself(
    office: Office, session: Session, clock: FixedClock, put: Callable[..., None]
) -> None:
    number = submitted(office, clock.now())
    put(date(2026, 3, 6))
    due_at = session.scalars(select(WorkItem.due_at).where(WorkItem.closed_at.is_(None))).one()
    session.execute(
        update(WorkItem)
        .where(WorkItem.closed_at.is_(None))
        .values(due_at=datetime(2026, 3, 5, 10, 0, tzinfo=UTC))
    )
    session.commit()
    assert seen(office, clock) == [number]
    session.execute(update(WorkItem).where(WorkItem.closed_at.is_(None)).values(due_at=due_at))
    session.commit()
    assert seen(office, clock) == [], "nothing was written"


def test_reminders_come_and_new_work_is_not_told_as_new(
    session: Session, clock: FixedClock, database: Database
) -> None:
    with mail_server() as server:
        office = furnish(session, now=clock.now())
        scene = Scene(office, session, database.sessions, clock, server)
        put_away, kept = many_submitted(office, session, 2, clock.now())
        work = session.scalars(
            select(WorkItem.id).where(WorkItem.nomination_id == put_away, WorkItem.closed_at.is_(None))
        ).one()
        reviewer = office.actor("reviewer", clock.now())
        set_work_aside(session, actor=reviewer, aside=Aside(work, date(2026, 3, 6)), now=clock.now())
        clock.advance(timedelta(minutes=20))
        scene.deliver()
        told = select(Outbox.nomination_id, Outbox.state, Outbox.state_reason).where(
            Outbox.notice == "work_opened", Outbox.account_id == office.ids["reviewer"]
        )
        found = {row.nomination_id: (row.state, row.state_reason) for row in session.execute(told)}
        assert found[put_away] == ("cancelled", "set_aside")
        assert found[kept][0] == "sent"
        while clock.now() < REMIND_AT:
            clock.advance(min(timedelta(hours=1), REMIND_AT - clock.now()))
            fire_due(database.sessions, clock=clock)
        session.rollback()
        reminded = select(Outbox.nomination_id).where(Outbox.notice == "reminder")
        assert set(session.scalars(reminded)) == {put_away, kept}


def test_late_work_shows_whatever_was_set_aside(
    office: Office, session: Session, clock: FixedClock, put: Callable[..., None]
) -> None:
    number = submitted(office, clock.now())
    put(date(2026, 3, 9))
    clock.advance(timedelta(days=9))
    assert seen(office, clock) == [number]
    with pytest.raises(InvalidField, match="stays in sight"):
        put(date(2026, 3, 20))


def test_what_does_not_wait_for_somebody_is_not_theirs_to_set_aside(
    office: Office, session: Session, clock: FixedClock, put: Callable[..., None]
) -> None:
    submitted(office, clock.now())
    work = session.scalars(select(WorkItem.id).where(WorkItem.closed_at.is_(None))).one()
    for part in ("stranger", "nominator"):
        with pytest.raises(NotFound):
            get_inbox_item(session, actor=office.actor(part, clock.now()), work_item_id=work, now=clock.now())
    put(date(2026, 3, 5))
    put(date(2026, 3, 6))
    assert len(session.scalars(select(PutAside.until_at)).all()) == 1, (
        "the second day takes the first's place"
    )


def test_no_more_is_set_aside_than_an_inbox_can_leave_out(
    office: Office,
    session: Session,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
    put: Callable[..., None],
) -> None:
    monkeypatch.setattr("workflow.operations.people.set_aside.MOST_ASIDE", 1)
    first, second = many_submitted(office, session, 2, clock.now())
    put(date(2026, 3, 5), number=first)
    with pytest.raises(Conflict):
        put(date(2026, 3, 5), number=second)
