"""Imported days off count for what starts afterwards, in every process, and for nothing that stands."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import MONDAY, Database
from tests.support.importing import Desk, everything
from tests.support.office import Office, furnish
from workflow.domain.time.workdays import CalendarName
from workflow.store import calendars
from workflow.store.calendars import calendar_in_force, load_calendar
from workflow.store.nominations import Visit

SHARED = Path(__file__).parents[3] / "shared" / "data" / "calendar" / "vn_calendar_2020-2027.csv"
TIMEZONE = "Asia/Ho_Chi_Minh"
# Two working days of the very week in which the tests play, and a Saturday worked instead.
WEEK = """ngày,loại,tên,căn cứ
04/03/2026,nghỉ,Nghỉ bù,CV 1
05/03/2026,nghỉ,Nghỉ bù,CV 1
14/03/2026,làm bù,Làm bù,CV 1
"""


@pytest.fixture
def office(session: Session) -> Office:
    return furnish(session, now=MONDAY)


@pytest.fixture
def desk(session: Session, office: Office) -> Desk:
    return Desk(session, MONDAY)


def visit(session: Session, nomination_id: int) -> tuple[datetime | None, str]:
    """Return when the open stay of a nomination is due, and by which calendar."""
    rows = session.execute(
        select(Visit.due_at, Visit.calendar_version).where(
            Visit.nomination_id == nomination_id, Visit.left_at.is_(None)
        )
    )
    return rows.one()


def test_what_starts_after_an_import_counts_by_it_and_what_stands_stays(
    session: Session, office: Office, desk: Desk
) -> None:
    shipped = load_calendar(CalendarName.VN, TIMEZONE)
    first = office.draft(MONDAY)
    office.act("nominator", first.nomination_id, "submit", MONDAY)
    stood = visit(session, first.nomination_id)
    assert stood == (datetime(2026, 3, 9, 10, 0, tzinfo=UTC), shipped.version)
    done = desk.take("calendar", WEEK)
    assert done.notes == (
        (
            "Days that count differently from now on in the calendar vn: 3 "
            "(known from 2020-01-01 to 2027-12-31); "
            "Days that count differently from now on in the calendar weekdays: 3"
            "; none counts every day as before."
        ),
        (
            "Due dates that stand do not move yet; what starts from now on counts by these days. "
            "See what would move: Count dates by the calendar, or commendo calendar replan."
        ),
    )
    second = office.draft(MONDAY, person_code="NV05")
    office.act("nominator", second.nomination_id, "submit", MONDAY)
    due_at, version = visit(session, second.nomination_id)
    assert due_at == datetime(2026, 3, 11, 10, 0, tzinfo=UTC)
    assert version == calendar_in_force(session, CalendarName.VN).version != shipped.version
    assert visit(session, first.nomination_id) == stood
    desk.undo()
    assert calendar_in_force(session, CalendarName.VN) is shipped


def test_imported_days_count_where_the_week_alone_counted_too(session: Session, desk: Desk) -> None:
    """An office outside Viet Nam has its own days off, those that Viet Nam has by chance among them."""
    bank_holiday, new_year = date(2026, 5, 4), date(2026, 1, 1)
    bare = calendar_in_force(session, CalendarName.WEEKDAYS)
    session.rollback()
    done = desk.take(
        "calendar", "day,kind,name\n2026-05-04,off,Early May bank holiday\n2026-01-01,off,New Year's Day\n"
    )
    assert "Days that count differently from now on in the calendar weekdays: 2" in done.notes[0]
    assert "Days that count differently from now on in the calendar vn: 1" in done.notes[0]
    ours = calendar_in_force(session, CalendarName.WEEKDAYS)
    assert [ours.is_working(day) for day in (bank_holiday, new_year)] == [False, False]
    assert [bare.is_working(day) for day in (bank_holiday, new_year)] == [True, True]
    assert ours.version not in {bare.version, calendar_in_force(session, CalendarName.VN).version}
    assert calendar_in_force(session, CalendarName.NONE).is_working(bank_holiday)
    desk.undo()
    assert calendar_in_force(session, CalendarName.WEEKDAYS) is bare


def test_another_session_sees_an_import_with_its_next_transaction(desk: Desk, database: Database) -> None:
    with database.sessions() as other:
        before = calendar_in_force(other, CalendarName.VN)
        desk.take("calendar", WEEK)
        assert calendar_in_force(other, CalendarName.VN) is before, "one transaction counts one way"
        other.commit()
        after = calendar_in_force(other, CalendarName.VN)
    assert before.is_working(date(2026, 3, 4))
    assert not after.is_working(date(2026, 3, 4))
    assert after.is_working(date(2026, 3, 14))


def test_a_decision_asks_nothing_more_for_the_calendar(
    session: Session, office: Office, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.take("calendar", WEEK)
    drafted = office.draft(MONDAY)
    # Whoever asks now, for the revision or for its days and hours, finds nothing to ask with.
    monkeypatch.setattr(calendars, "_REVISION", None)
    monkeypatch.setattr(calendars, "_read", None)
    office.act("nominator", drafted.nomination_id, "submit", MONDAY)
    assert visit(session, drafted.nomination_id)[0] == datetime(2026, 3, 11, 10, 0, tzinfo=UTC)


def test_a_year_is_known_once_it_has_a_day_off_and_no_year_before_it_is_missing(
    session: Session, desk: Desk
) -> None:
    desk.take("calendar", "day,kind,name\n2029-01-01,off,Tết Dương lịch\n")
    assert not calendar_in_force(session, CalendarName.VN).covers(date(2029, 1, 2))
    session.rollback()
    desk.take("calendar", "day,kind,name\n2028-01-03,off,Nghỉ bù\n")
    calendar = calendar_in_force(session, CalendarName.VN)
    assert calendar.covers(date(2029, 12, 31))
    assert not calendar.is_working(date(2028, 1, 3))


def test_the_published_calendar_is_taken_as_it_stands_and_counts_as_what_ships(
    session: Session, desk: Desk
) -> None:
    if not SHARED.exists():
        pytest.skip(f"the published calendar is not here: {SHARED}")
    before = everything(session)
    text = SHARED.read_text(encoding="utf-8")
    done = desk.take("calendar", text)
    assert ": 0" in done.notes[0]
    assert done.notes[-1] == "Columns that nothing is read from: weekday, note."
    assert calendar_in_force(session, CalendarName.VN).version == load_calendar("vn", TIMEZONE).version
    assert desk.take("calendar", text).batch_id is None
    desk.undo()
    assert everything(session) == before


def test_every_day_that_is_none_is_named(desk: Desk) -> None:
    text = "day,kind,name\n31/02/2026,off,A\n2026-05-01,maybe,B\n2026-05-02,,\n2026-05-03,off,C\n"
    text += "3/5/2026,off,D\n"
    assert desk.bad("calendar", text) == [
        "line 2, day '31/02/2026': there is no such day; days are written 31/12/2026 or 2026-12-31",
        "line 3, kind 'maybe': must be one of off, nghỉ, ngày nghỉ, no, work, workday, làm bù, làm việc, yes",
        "line 4, kind: is required",
        "line 4, name: is required",
        "line 6, day '3/5/2026': is there twice; the first is in line 5",
    ]
