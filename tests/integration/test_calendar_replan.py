"""Open work counted anew after the calendar changed: shown first, once, no reminder lost or doubled."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import MONDAY, Database
from tests.integration.test_audit import found
from tests.support.importing import everything
from tests.support.office import AG, DT, TOP, Office, furnish
from tests.support.recount import BEFORE, LATER, STORM, count_anew, due_of, import_days, mornings
from tests.support.unreadable import spoil
from tests.support.waiting import REMIND_AT, events, is_chained, many_submitted, submitted, told
from workflow.clock import FixedClock
from workflow.domain.errors import InvalidField
from workflow.domain.time.workdays import CalendarName
from workflow.domain.vocabulary import RoundDate, Via
from workflow.operations.calendars.replan import preview_replan
from workflow.operations.rounds.rounds import NewRound, open_round
from workflow.operations.sweep.escalate import fire_due
from workflow.store.calendars import calendar_in_force
from workflow.store.history import Event
from workflow.store.mail import Outbox
from workflow.store.nominations import Rung, WorkItem


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish(session, now=clock.now())


def test_what_is_shown_is_what_is_then_done_and_done_once(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    ids = many_submitted(office, session, 3, clock.now())
    assert mornings(session, ids[0]) == [
        "05/03 08:00",
        "09/03 08:00",
        "10/03 08:00",
        "11/03 08:00",
        "12/03 08:00",
    ]
    import_days(session, clock)
    before = everything(session)
    session.rollback()
    shown = preview_replan(database.sessions, clock=clock)
    assert everything(session) == before
    assert (shown.looked_at, shown.later, shown.earlier, shown.units) == (3, 3, 0, {AG})
    assert [(one.nomination_id, one.was_at, one.due_at) for one in shown.examples] == [
        (number, BEFORE, LATER) for number in ids
    ]
    done = count_anew(database, clock)
    assert done == shown
    assert done.rungs_moved == 15
    assert mornings(session, ids[0]) == [
        "09/03 08:00",
        "11/03 08:00",
        "12/03 08:00",
        "13/03 08:00",
        "16/03 08:00",
    ]
    assert [due_of(session, number) for number in ids] == [LATER] * 3
    again = count_anew(database, clock)
    assert not again.has_changed_something
    assert not preview_replan(database.sessions, clock=clock).has_changed_something


def test_it_is_one_deed_in_the_record_with_its_reason_and_each_date_tells_what_it_was(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    number = submitted(office, clock.now())
    version = calendar_in_force(session, CalendarName.VN).version
    import_days(session, clock)
    count_anew(database, clock)
    run = session.scalars(select(Event).where(Event.stream == "calendar:local").order_by(Event.seq)).all()
    assert [(event.action, event.via) for event in run] == [("replan", "cli"), ("replanned", "cli")]
    assert run[1].data["later"] == 1
    assert is_chained(list(run))
    last = events(session, number)[-1]
    assert last.action == "replan"
    assert [datetime.fromisoformat(str(last.data[name])) for name in ("was", "due")] == [BEFORE, LATER]
    assert (last.data["was_calendar"], last.data["calendar"]) == (
        version, calendar_in_force(session, CalendarName.VN).version,
    )  # fmt: skip
    assert is_chained(events(session, number))
    assert found(database) == [], "`audit verify` finds every row as history tells it"
    letters = session.scalars(
        select(Outbox.account_id).where(Outbox.notice == "dates_moved", Outbox.nomination_id == number)
    ).all()
    assert letters == [office.ids["reviewer"]]
    session.rollback()
    with pytest.raises(InvalidField):
        count_anew(database, clock, reason=" ")


def test_a_reminder_that_went_out_comes_again_only_for_a_date_that_moved_away(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    number = submitted(office, clock.now())
    clock.advance(REMIND_AT - clock.now())
    fire_due(database.sessions, clock=clock)
    assert len(told(session, number)) == 1
    # A day after the due date: the date stays, the reminder before it is not promised anew.
    import_days(session, clock, "day,kind,name\n2026-03-11,off,A\n")
    done = count_anew(database, clock)
    assert (done.later, done.rungs_new) == (0, 0)
    assert mornings(session, number) == ["09/03 08:00", "10/03 08:00", "12/03 08:00", "13/03 08:00"]
    # A storm that is declared while it blows: two working days before the later date are still to come.
    clock.advance(timedelta(hours=2))
    import_days(session, clock)
    done = count_anew(database, clock)
    assert (done.later, done.rungs_new) == (1, 1)
    assert mornings(session, number) == [
        "09/03 08:00",
        "12/03 08:00",
        "13/03 08:00",
        "16/03 08:00",
        "17/03 08:00",
    ]


def test_one_whose_morning_is_past_by_now_comes_on_the_next_and_not_never(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    import_days(session, clock)
    number = submitted(office, clock.now())
    assert mornings(session, number)[0] == "09/03 08:00"
    # The storm is called off on Friday at ten: the reminder would have come on Thursday.
    clock.advance(datetime(2026, 3, 6, 3, tzinfo=UTC) - clock.now())
    import_days(session, clock, STORM.replace("nghỉ", "làm việc"))
    done = count_anew(database, clock)
    assert (done.earlier, done.rungs_gone) == (1, 0)
    assert due_of(session, number) == BEFORE
    assert mornings(session, number) == [
        "09/03 08:00",
        "09/03 08:00",
        "10/03 08:00",
        "11/03 08:00",
        "12/03 08:00",
    ]
    clock.advance(datetime(2026, 3, 9, 1, tzinfo=UTC) - clock.now())
    fire_due(database.sessions, clock=clock)
    assert len(told(session, number)) == 1, "both fall on one morning, and one letter says it"


def test_nobody_is_made_late_by_a_day_that_is_over(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    import_days(session, clock)
    number = submitted(office, clock.now())
    clock.advance(datetime(2026, 3, 10, 3, tzinfo=UTC) - clock.now())
    import_days(session, clock, STORM.replace("nghỉ", "làm việc"))
    done = count_anew(database, clock)
    assert (done.kept, done.earlier, done.looked_at) == (1, 0, 0)
    assert due_of(session, number) == LATER
    # Nor later than they are: a run after the date that stands has passed moves nothing either.
    clock.advance(datetime(2026, 3, 13, 3, tzinfo=UTC) - clock.now())
    done = count_anew(database, clock)
    assert (done.kept, done.earlier, done.looked_at) == (1, 0, 0)
    assert due_of(session, number) == LATER
    assert [event.action for event in events(session, number)].count("replan") == 0


def test_a_route_that_cannot_be_read_keeps_its_date_and_stops_nobody_else(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    ids = many_submitted(office, session, 3, clock.now())
    spoil(database, ids[0], clock.now())
    import_days(session, clock)
    assert preview_replan(database.sessions, clock=clock).later == 2
    done = count_anew(database, clock)
    assert (done.kept, done.later) == (1, 2)
    assert [due_of(session, number) for number in ids] == [BEFORE, LATER, LATER]


def test_held_work_is_left_and_counts_by_the_new_days_when_the_hold_ends(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    number = submitted(office, clock.now())
    office.act("reviewer", number, "hold", clock.now(), comment="Xác minh đơn")
    import_days(session, clock)
    assert not count_anew(database, clock).has_changed_something
    office.act("reviewer", number, "release_hold", clock.now())
    assert due_of(session, number) == LATER
    assert not count_anew(database, clock).has_changed_something


def test_what_a_hold_interrupted_is_counted_on_from_where_it_went_on(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    number = submitted(office, clock.now())
    clock.advance(datetime(2026, 3, 3, 3, tzinfo=UTC) - clock.now())
    office.act("reviewer", number, "hold", clock.now(), comment="Xác minh đơn")
    office.act("reviewer", number, "release_hold", clock.now())
    assert due_of(session, number) == BEFORE
    import_days(session, clock)
    assert count_anew(database, clock).later == 1
    assert due_of(session, number) == LATER


def test_what_units_owe_keeps_its_day_and_its_reminders_follow_the_days(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    new = NewRound(
        "R2", "x", 2026, TOP, dates={RoundDate.UNIT_DEADLINE: date(2026, 3, 13)}, unit_codes=(AG, DT)
    )
    open_round(session, actor=None, new=new, via=Via.CLI, now=clock.now())
    import_days(session, clock, f"day,kind,name,unit\n2026-03-12,off,Chuyển trụ sở,{AG}\n")
    done = count_anew(database, clock)
    assert (done.returns, done.later, done.people) == (1, 0, set())
    found = session.execute(
        select(WorkItem.owner_key, Rung.fire_at)
        .join(Rung, Rung.work_item_id == WorkItem.id)
        .where(Rung.ordinal == 3)
    )
    assert {key.rpartition(":")[2]: at.day for key, at in found if at is not None} == {AG: 11, DT: 12}
    assert not count_anew(database, clock).has_changed_something


def test_a_run_without_anything_to_count_says_so_in_the_record(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    assert not count_anew(database, clock, reason="Kiểm tra").has_changed_something
    assert clock.now() == MONDAY
