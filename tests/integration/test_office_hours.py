"""Office hours brought in by a file: what is due and reminded of by them, and what moves when they change."""

import gc
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from weakref import ref

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.importing import Desk, everything
from tests.support.office import AG, DT, TOP, Office, furnish
from tests.support.recount import BEFORE, count_anew, due_of, mornings
from tests.support.waiting import many_submitted, submitted
from workflow.clock import FixedClock
from workflow.domain.time.workdays import CalendarName
from workflow.domain.vocabulary import RoundDate, Via
from workflow.operations.calendars.replan import preview_replan
from workflow.operations.rounds.rounds import NewRound, open_round
from workflow.operations.sweep.escalate import fire_due
from workflow.queries.due_reasons import explain_dues
from workflow.store.calendars import build_calendar, calendar_in_force, calendar_of_version, load_calendar
from workflow.store.counted import _of_paper
from workflow.store.history import Event
from workflow.store.mail import Outbox
from workflow.store.nominations import Visit, WorkItem
from workflow.store.shipped_days import shipped_days

HEAD = "từ ngày,giờ bắt đầu,giờ kết thúc,nghỉ trưa từ,nghỉ trưa đến,tên,căn cứ,mã đơn vị\n"
SUMMER = HEAD + "05/03/2026,7h,16h30,11:30,13:00,Giờ mùa hè,QĐ 30/QĐ-VKS (cả năm),\n"
SUMMER_CLOSES = datetime(2026, 3, 9, 9, 30, tzinfo=UTC)
ENGLISH = "from,opens,closes,name,unit\n2026-01-01,9:00,17:00,University hours,\n"


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish(session, now=clock.now())


def open_work(session: Session, nomination_id: int) -> UUID:
    is_its = WorkItem.nomination_id == nomination_id
    return session.scalars(select(WorkItem.id).where(is_its, WorkItem.closed_at.is_(None))).one()


def letters_of(session: Session) -> int:
    return session.scalars(select(func.count()).select_from(Outbox)).one()


@pytest.fixture
def desk(session: Session, office: Office, clock: FixedClock) -> Desk:
    return Desk(session, clock.now())


def test_work_is_due_at_closing_and_reminded_of_at_opening(
    session: Session, office: Office, desk: Desk, clock: FixedClock
) -> None:
    done = desk.take("hours", SUMMER)
    assert done.new == ("2026-03-05",)
    assert done.notes[0] == (
        "In all units without hours of their own from 2026-03-05: 07:00-11:30, 13:00-16:30"
        " (until then 08:00-12:00, 13:00-17:00)."
    )
    number = submitted(office, clock.now())
    assert due_of(session, number) == SUMMER_CLOSES
    assert mornings(session, number) == [
        f"{day} 07:00" for day in ("05/03", "09/03", "10/03", "11/03", "12/03")
    ]
    work = open_work(session, number)
    explained = explain_dues(session, [work])[work].text
    assert explained.vi == (
        "5 ngày làm việc tính từ sau ngày 2/3/2026, đến hết giờ làm việc, 16:30 (Giờ mùa hè; QĐ 30/QĐ-VKS)"
    )
    assert explained.en == (
        "5 working days after 2 March 2026, until the office closes at 16:30 (Giờ mùa hè; QĐ 30/QĐ-VKS)"
    )


def test_a_reason_is_remembered_by_all_that_it_rests_on(
    session: Session, office: Office, desk: Desk, clock: FixedClock
) -> None:
    """Another name or decision leaves the calendar's version as it is: nobody's work is counted anew."""
    desk.take("hours", SUMMER)
    one, other = (open_work(session, number) for number in many_submitted(office, session, 2, clock.now()))
    found = explain_dues(session, [one, other])
    assert found[one] is found[other]
    version = calendar_in_force(session, CalendarName.VN).version
    session.rollback()
    desk.take("hours", SUMMER.replace("QĐ 30/QĐ-VKS", "QĐ 31/QĐ-VKS"))
    assert calendar_in_force(session, CalendarName.VN).version == version
    assert "QĐ 31/QĐ-VKS" in explain_dues(session, [one])[one].text.vi


def test_what_is_remembered_keeps_no_calendar_that_is_over() -> None:
    """Each import makes new ones, of each unit with days of its own, and a process lives for years."""
    calendar = build_calendar((), "Asia/Ho_Chi_Minh", known_by=shipped_days())
    kept = ref(calendar)
    reason = _of_paper(BEFORE, BEFORE.date(), ref(calendar), '{"unit_deadline": "2026-03-09"}')
    assert (reason.due_on, reason.first_due_on) == (BEFORE.date(), None)
    del calendar
    gc.collect()
    assert kept() is None


def test_where_nobody_said_anything_the_usual_hours_count_and_are_not_spoken_of(
    session: Session, office: Office, clock: FixedClock
) -> None:
    number = submitted(office, clock.now())
    assert due_of(session, number) == BEFORE
    work = open_work(session, number)
    assert explain_dues(session, [work])[work].because.closing is None


def test_a_unit_has_hours_of_its_own(session: Session, office: Office, desk: Desk, clock: FixedClock) -> None:
    desk.take("hours", HEAD + f"01/03/2026,8h,15h,,,Trực,,{AG}\n")
    number = submitted(office, clock.now())
    assert due_of(session, number) == datetime(2026, 3, 9, 8, tzinfo=UTC)
    mine, theirs = (calendar_in_force(session, CalendarName.VN, unit=unit) for unit in (AG, DT))
    assert theirs.closes_at(date(2026, 3, 9)) == BEFORE
    assert mine.version != theirs.version == load_calendar("vn", str(mine.timezone)).version


@pytest.mark.parametrize("name", [CalendarName.VN, CalendarName.WEEKDAYS, CalendarName.NONE])
def test_hours_count_in_every_calendar_and_each_is_told_after_it_changed(
    session: Session, desk: Desk, name: CalendarName
) -> None:
    plain = calendar_in_force(session, name).version
    session.rollback()
    desk.take("hours", SUMMER)
    summer = calendar_in_force(session, name)
    assert summer.version != plain
    session.rollback()
    desk.take("hours", SUMMER.replace("16h30", "17h"))
    desk.take("calendar", "day,kind,name\n2026-03-10,off,Bão\n")
    now = calendar_in_force(session, name)
    assert now.hours_on(date(2026, 3, 9)).closes == time(17)
    assert now.is_working(date(2026, 3, 10)) is (name is CalendarName.NONE)
    then = calendar_of_version(session, summer.version, name)
    assert then is not None
    assert (then.hours, then.closes_at(date(2026, 3, 9))) == (summer.hours, SUMMER_CLOSES)
    assert (then.hours[0].name, then.hours[0].decision) == ("Giờ mùa hè", "QĐ 30/QĐ-VKS")


def test_hours_go_and_come_with_their_import(session: Session, desk: Desk) -> None:
    before = everything(session)
    session.rollback()
    looked = desk.look("hours", SUMMER)
    assert everything(session) == before
    session.rollback()
    assert desk.take("hours", SUMMER).notes == looked.notes
    assert desk.take("hours", SUMMER).batch_id is None
    desk.undo()
    assert everything(session) == before
    assert calendar_in_force(session, CalendarName.VN) is load_calendar("vn", "Asia/Ho_Chi_Minh")


@pytest.mark.parametrize(
    ("row", "bad"),
    [
        ("05/03/2026,17h,8h,,,A,,", "line 2, giờ kết thúc '8h': must be later than the hour it opens at"),
        ("05/03/2026,8h,24:00,,,A,,", "line 2, giờ kết thúc '24:00': must be an hour of the day"),
        ("05/03/2026,8h,0h,,,A,,", "line 2, giờ kết thúc '0h': must be later"),
        ("05/03/2026,8,17h,,,A,,", "line 2, giờ bắt đầu '8': must be an hour of the day"),
        ("05/03/2026,8h,17h,12h,,A,,", "line 2, nghỉ trưa đến: a break has a beginning and an end"),
        ("05/03/2026,8h,17h,12h,x,A,,", "line 2, nghỉ trưa đến 'x': must be an hour of the day"),
        ("05/03/2026,8h,17h,8h,17h,A,,", "line 2, nghỉ trưa từ '8h': the break must begin between"),
        ("05/03/2026,8h,17h,13h,12h,A,,", "line 2, nghỉ trưa đến '12h': the break must end after"),
        ("05/03/2026,8h,17h,,,,,", "line 2, tên: is required"),
        (
            "30/02/2026,8h,17h,,,A,,",
            "line 2, từ ngày '30/02/2026': there is no such day",
        ),
        ("05/03/2026,8h,17h,,,A,,VKS-XX", "line 2, mã đơn vị 'VKS-XX': no unit has this code or exact name"),
        ("05/03/2026,8h,17h,,,A,,\n2026-03-05,9h,17h,,,B,,", "line 3, từ ngày '2026-03-05': is there twice"),
    ],
)
def test_hours_that_no_office_has_are_refused_by_cell(desk: Desk, row: str, bad: str) -> None:
    [told_] = desk.bad("hours", f"{HEAD}{row}\n")
    assert told_.replace(" ''", "").startswith(bad)


@pytest.mark.parametrize(
    "values",
    [
        "'17:00', '08:00', NULL, NULL, 'x'",
        "'08:00', '08:00', NULL, NULL, 'x'",
        "'08:00', '17:00', '12:00', NULL, 'x'",
        "'08:00', '17:00', '13:00', '12:00', 'x'",
        "'08:00', '17:00', '12:00', '17:00', 'x'",
        "'08:00:30', '17:00', NULL, NULL, 'x'",
        "'08:00', '17:00', '12:00', '13:00', ''",
    ],
)
def test_the_database_refuses_such_hours_too(session: Session, values: str) -> None:
    columns = "from_day, opens, closes, noon_from, noon_to, name"
    with pytest.raises(IntegrityError):
        session.execute(text(f"INSERT INTO office_hours ({columns}) VALUES ('2026-03-05', {values})"))
    session.rollback()


def test_open_work_moves_by_new_hours_once_and_nobody_is_written_to_about_half_an_hour(
    session: Session, office: Office, desk: Desk, clock: FixedClock, database: Database
) -> None:
    number = submitted(office, clock.now())
    letters = letters_of(session)
    desk.take("hours", SUMMER)
    assert due_of(session, number) == BEFORE
    shown = preview_replan(database.sessions, clock=clock)
    assert (shown.looked_at, shown.earlier, shown.later, shown.kept, shown.people) == (1, 1, 0, 0, set())
    done = count_anew(database, clock, "Giờ mùa hè")
    assert done == shown
    assert due_of(session, number) == SUMMER_CLOSES
    assert [morning[-5:] for morning in mornings(session, number)] == ["07:00"] * 5
    assert letters_of(session) == letters
    moved = session.scalars(
        select(Event.data).where(Event.stream == f"nomination:{number}", Event.action == "replan")
    ).all()
    assert [datetime.fromisoformat(str(one["due"])) for one in moved] == [SUMMER_CLOSES]
    session.rollback()
    assert not count_anew(database, clock, "Giờ mùa hè").has_changed_something


def test_who_would_be_late_by_new_hours_keeps_the_hour_that_stood(
    session: Session, office: Office, desk: Desk, clock: FixedClock, database: Database
) -> None:
    number = submitted(office, clock.now())
    desk.take("hours", SUMMER)
    clock.advance(SUMMER_CLOSES + timedelta(minutes=10) - clock.now())
    assert count_anew(database, clock, "Giờ mùa hè").kept == 1
    assert due_of(session, number) == BEFORE


def test_hours_that_begin_after_its_last_day_move_nothing(
    session: Session, office: Office, desk: Desk, clock: FixedClock, database: Database
) -> None:
    number = submitted(office, clock.now())
    desk.take("hours", SUMMER.replace("05/03/2026", "01/04/2026"))
    done = count_anew(database, clock, "Giờ mùa hè")
    assert (done.looked_at, done.earlier, done.later, done.rungs_moved) == (1, 0, 0, 0)
    assert due_of(session, number) == BEFORE


def test_what_a_unit_owes_is_due_when_its_office_closes(
    session: Session, office: Office, desk: Desk, clock: FixedClock, database: Database
) -> None:
    desk.take("hours", HEAD + f"01/03/2026,8h,15h,,,Trực,QĐ 5,{AG}\n")
    dates = {RoundDate.UNIT_DEADLINE: date(2026, 3, 20)}
    new = NewRound("R2", "x", 2026, TOP, dates=dates, unit_codes=(AG, DT))
    open_round(session, actor=None, new=new, via=Via.CLI, now=clock.now())

    def dues() -> list[tuple[str, datetime]]:
        session.rollback()
        found = select(WorkItem.owner_key, WorkItem.due_at).where(WorkItem.expected_return_id.is_not(None))
        return sorted((key.rpartition(":")[2], at) for key, at in session.execute(found) if at is not None)

    assert dues() == [(AG, datetime(2026, 3, 20, 8, tzinfo=UTC)), (DT, datetime(2026, 3, 20, 10, tzinfo=UTC))]
    work = session.scalars(select(WorkItem.id).where(WorkItem.owner_key.endswith(AG))).one()
    assert "15:00 (Trực; QĐ 5)" in explain_dues(session, [work])[work].text.vi
    session.rollback()
    desk.now = clock.now()
    desk.take("hours", SUMMER)
    assert count_anew(database, clock, "Giờ mùa hè").returns == 1
    assert dues()[1] == (DT, datetime(2026, 3, 20, 9, 30, tzinfo=UTC))


def test_where_the_office_opens_at_nine_reminders_are_there_for_the_letter_of_half_past_seven(
    session: Session, office: Office, desk: Desk, clock: FixedClock, database: Database
) -> None:
    desk.take("hours", ENGLISH)
    number = submitted(office, clock.now())
    assert mornings(session, number)[0] == "05/03 09:00"
    day = datetime(2026, 3, 5, tzinfo=UTC)
    for hour, fired in ((-0.1, 0), (0, 1)):  # 06:54 and 07:00 in Hà Nội
        clock.advance(day + timedelta(hours=hour) - clock.now())
        fire_due(database.sessions, clock=clock)
        assert 5 - len(mornings(session, number)) == fired


def test_a_hold_gives_back_what_was_left_of_the_days(
    session: Session, office: Office, desk: Desk, clock: FixedClock
) -> None:
    """Two of five days are used up in an office of six hours, as in any other."""
    desk.take("hours", HEAD + "01/03/2026,8h,14h,,,Sáu giờ,,\n")
    start = clock.now()
    number = submitted(office, start)
    office.act("reviewer", number, "hold", datetime(2026, 3, 4, 7, tzinfo=UTC), comment="Xác minh đơn")
    stay = session.scalars(select(Visit).where(Visit.nomination_id == number, Visit.left_at.is_(None))).one()
    assert stay.consumed_minutes == 2 * 480
    session.rollback()
    office.act("reviewer", number, "release_hold", datetime(2026, 3, 10, 1, tzinfo=UTC))
    assert due_of(session, number) == datetime(2026, 3, 12, 7, tzinfo=UTC)
