"""A due date can be told by the calendar it was counted by, and a unit that is closed has days of its own."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.orm import Session

from tests.conftest import MONDAY, Database
from tests.support.importing import Desk, everything
from tests.support.office import AG, DT, Office, furnish
from workflow.domain.time.days import YearState
from workflow.domain.time.workdays import CalendarName
from workflow.operations.setup.publish import publish_shipped
from workflow.store.calendars import calendar_in_force, calendar_of_seat, calendar_of_version, load_calendar
from workflow.store.imports import CalendarVersion
from workflow.store.nominations import Rung, Visit

# The week in which the tests play: An Giang moves house on two of its days and works on the Saturday.
MOVING = f"""ngày,loại,tên,căn cứ,mã đơn vị
04/03/2026,nghỉ,Chuyển trụ sở,QĐ 12/QĐ-VKS,{AG}
05/03/2026,nghỉ,Chuyển trụ sở,QĐ 12/QĐ-VKS,{AG}
14/03/2026,làm bù,Làm bù,QĐ 12/QĐ-VKS,{AG}
06/03/2026,nghỉ,Mít tinh,CV 3,
"""


@pytest.fixture
def office(session: Session) -> Office:
    return furnish(session, now=MONDAY)


@pytest.fixture
def desk(session: Session, office: Office) -> Desk:
    return Desk(session, MONDAY)


def open_stay(session: Session, nomination_id: int) -> Visit:
    statement = select(Visit).where(Visit.nomination_id == nomination_id, Visit.left_at.is_(None))
    return session.scalars(statement.execution_options(populate_existing=True)).one()


def test_a_unit_that_is_closed_has_later_due_dates_than_the_rest(
    session: Session, office: Office, desk: Desk
) -> None:
    done = desk.take("calendar", MOVING)
    assert f"Days that count differently from now on in unit {AG} alone: 3." in done.notes
    assert done.new == (f"2026-03-04 {AG}", f"2026-03-05 {AG}", f"2026-03-14 {AG}", "2026-03-06")
    drafted = office.draft(MONDAY)
    office.act("nominator", drafted.nomination_id, "submit", MONDAY)
    stay = open_stay(session, drafted.nomination_id)
    # Counted by hand: 3, 9, 10, 11, 12 March; the 4th and 5th are An Giang's own, the 6th everybody's.
    assert stay.due_at == datetime(2026, 3, 12, 10, tzinfo=UTC)
    mine, theirs = (calendar_in_force(session, CalendarName.VN, unit=unit) for unit in (AG, DT))
    assert stay.calendar_version == mine.version != theirs.version
    assert theirs is calendar_in_force(session, CalendarName.VN)
    assert [theirs.is_working(date(2026, 3, day)) for day in (4, 5, 6, 14)] == [True, True, False, False]
    assert calendar_of_seat(session, CalendarName.VN, f"unit_reviewer@unit:{AG}") is mine
    assert calendar_of_seat(session, CalendarName.VN, "supervisor@all") is theirs
    fires = session.scalars(select(Rung.fire_at).where(Rung.nomination_id == drafted.nomination_id))
    days = {at.astimezone(mine.timezone).date() for at in fires if at is not None}
    assert days.isdisjoint({date(2026, 3, day) for day in (4, 5, 6)})


def test_a_unit_named_wrongly_is_refused_and_the_same_day_twice_in_one_unit(desk: Desk) -> None:
    text_ = f"day,kind,name,unit\n2026-03-04,off,A,{AG}\n2026-03-04,off,B,{AG}\n2026-03-04,off,C,VKS-XX\n"
    bad = desk.bad("calendar", text_)
    assert bad[0] == "line 3, day '2026-03-04': is there twice; the first is in line 2"
    assert bad[1].startswith("line 4, unit 'VKS-XX': no unit has this code or exact name")


def test_days_of_a_unit_go_and_come_with_their_import(session: Session, desk: Desk) -> None:
    before = everything(session)
    desk.take("calendar", MOVING)
    assert desk.take("calendar", MOVING).batch_id is None
    desk.undo()
    assert everything(session) == before
    assert calendar_in_force(session, CalendarName.VN, unit=AG) is load_calendar("vn", "Asia/Ho_Chi_Minh")


def test_what_a_calendar_held_is_told_after_it_changed_twice(
    session: Session, office: Office, desk: Desk
) -> None:
    desk.take("calendar", MOVING)
    drafted = office.draft(MONDAY)
    office.act("nominator", drafted.nomination_id, "submit", MONDAY)
    version = open_stay(session, drafted.nomination_id).calendar_version
    session.rollback()
    desk.take("calendar", f"day,kind,name,unit\n2026-03-04,work,Không chuyển nữa,{AG}\n")
    desk.take("calendar", "day,kind,name\n2026-03-10,off,Bão\n")
    then = calendar_of_version(session, version, CalendarName.VN)
    assert then is not None
    assert [then.is_working(date(2026, 3, day)) for day in (4, 10)] == [False, True]
    assert [one.source for one in then.days if one.day == date(2026, 3, 4)] == ["QĐ 12/QĐ-VKS"]
    assert calendar_of_version(session, "vn-000000000000", CalendarName.VN) is None


def test_what_ships_is_kept_by_every_upgrade_and_nobody_rewrites_it(
    session: Session, database: Database
) -> None:
    publish_shipped(session, now=MONDAY + timedelta(days=1))
    kept = {row.version: row for row in session.scalars(select(CalendarVersion))}
    shipped = load_calendar("vn", "Asia/Ho_Chi_Minh")
    assert set(kept) == {shipped.version, "weekdays-1", "none-1"}
    assert kept[shipped.version].noted_at == MONDAY
    assert len(kept[shipped.version].days) == len(shipped.days)
    session.rollback()
    for statement in ("UPDATE calendar_version SET days = '[]'", "DELETE FROM calendar_version"):
        with pytest.raises(ProgrammingError, match="permission denied"):
            session.execute(text(statement))
        session.rollback()


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO unit_closure (unit_id, day, is_off, name) VALUES (-1, '2026-03-04', true, 'x')",
        "INSERT INTO unit_closure (unit_id, day, is_off, name) SELECT id, '2026-03-04', true, '' FROM unit",
        "INSERT INTO calendar_version (version, calendar, days, noted_at) VALUES ('x', 'moon', '[]', now())",
        "INSERT INTO calendar_version (version, calendar, days, noted_at) VALUES ('x', 'vn', '{}', now())",
        "INSERT INTO calendar_version VALUES ('x', 'vn', '2027-01-01', '2026-12-31', '[]', now())",
    ],
)
def test_the_database_refuses_days_that_are_none(session: Session, office: Office, statement: str) -> None:
    with pytest.raises(IntegrityError):
        session.execute(text(statement))
    session.rollback()


def test_the_end_of_a_hold_tells_by_which_calendar_it_counted(
    session: Session, office: Office, desk: Desk
) -> None:
    drafted = office.draft(MONDAY)
    office.act("nominator", drafted.nomination_id, "submit", MONDAY)
    office.act("reviewer", drafted.nomination_id, "hold", MONDAY, comment="Xác minh đơn")
    desk.take("calendar", MOVING)
    office.act("reviewer", drafted.nomination_id, "release_hold", MONDAY + timedelta(hours=1))
    stay = open_stay(session, drafted.nomination_id)
    assert stay.calendar_version == calendar_in_force(session, CalendarName.VN, unit=AG).version


def test_a_year_is_known_estimated_or_absent(session: Session, desk: Desk) -> None:
    calendar = calendar_in_force(session, CalendarName.VN)
    assert [calendar.year_state(year) for year in (2019, 2026, 2027, 2028)] == [
        YearState.ABSENT, YearState.KNOWN, YearState.ESTIMATED, YearState.ABSENT,
    ]  # fmt: skip
    assert calendar_in_force(session, CalendarName.WEEKDAYS).year_state(2028) is YearState.KNOWN
    session.rollback()
    desk.take("calendar", "ngày,loại,tên,căn cứ\n26/01/2028,nghỉ,Tết,Dự kiến; chưa có thông báo\n")
    assert calendar_in_force(session, CalendarName.VN).year_state(2028) is YearState.ESTIMATED
