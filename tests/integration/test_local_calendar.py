"""What an installation's working days are: nothing waits for another country's holidays.

30 April and 1 May 2026 are days off in Vietnam, a Thursday and a Friday; so is Monday the 27th of April.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import SecretStr
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tasks.smtp import SmtpTransport
from tests.support.interface import Interface, interface_to
from tests.support.mail import BASE_URL, SENDER, mail_server, text_of
from tests.support.office import AG, TOP
from workflow.clock import FixedClock
from workflow.domain.mails.preferences import UNFOLDED
from workflow.domain.time.workdays import CalendarName
from workflow.operations.mail.deliver import deliver
from workflow.operations.mail.post import Post
from workflow.operations.rounds.returns import round_calendar
from workflow.settings import Settings
from workflow.store.access import Account
from workflow.store.calendars import calendar_in_force, load_calendar
from workflow.store.database import Sessions, make_sessions
from workflow.store.nominations import Nomination, Rung, Visit

LONDON = ZoneInfo("Europe/London")
DEADLINE = date(2026, 5, 6)
ROUND = {"code": "SPOT", "title": "Spot awards", "year": 2026, "owner": TOP}


def weekdays(first: date, last: date) -> list[date]:
    """List the days from Monday to Friday after `first`, up to `last`."""
    days = (first + timedelta(days=step) for step in range(1, (last - first).days + 1))
    return [day for day in days if day.isoweekday() <= 5]


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 4, 27, 9, tzinfo=LONDON).astimezone(UTC))


@pytest.fixture
def sessions(database) -> Sessions:
    return make_sessions(
        database.engine, timezone="Europe/London", locale="en", calendar=CalendarName.WEEKDAYS
    )


@pytest.fixture
def session(sessions: Sessions) -> Iterator[Session]:
    with sessions() as session:
        yield session


@pytest.fixture
def office(session: Session, sessions: Sessions, clock: FixedClock, tmp_path) -> Interface:
    secret = SecretStr("a secret that only this test knows, long enough")
    return interface_to(session, sessions, clock, Settings(secret_key=secret, data_dir=tmp_path, locale="en"))


def test_local_is_what_the_installation_says(session: Session) -> None:
    assert round_calendar(session) is calendar_in_force(session, CalendarName.WEEKDAYS)
    assert calendar_in_force(session, CalendarName.VN).name is CalendarName.VN
    with pytest.raises(ValueError, match="the installation says"):
        load_calendar(CalendarName.LOCAL, "UTC")


def test_what_units_owe_is_counted_and_reminded_of_by_it(
    office: Interface, session: Session, sessions: Sessions, clock: FixedClock
) -> None:
    opening = {**ROUND, "dates": {"unit_deadline": DEADLINE.isoformat()}, "units": [AG]}
    made = office.post("supervisor", "/rounds", opening)
    assert made.status_code == 201, made.text
    assert made.json["warnings"] == [], "no holidays are unknown where none are counted"
    between = weekdays(date(2026, 4, 27), DEADLINE)
    [owed] = office.get("supervisor", "/rounds/SPOT/returns").json["items"]
    assert owed["working_days_left"] == len(between) == 7
    [row] = [one for one in office.get("nominator", "/inbox").json["items"] if one["kind"] == "prepare"]
    assert row["working_time_left"]["working_days"] == 7
    fires = session.scalars(select(Rung.fire_at).where(Rung.fire_at.is_not(None)).order_by(Rung.fire_at))
    after = weekdays(DEADLINE, date(2026, 5, 30))
    assert [at.astimezone(LONDON).date() for at in fires] == [
        between[-6], between[-2], DEADLINE, after[0], after[1], after[2],
    ]  # fmt: skip
    clock.advance(timedelta(days=2))
    session.execute(update(Account).values(locale="en"))
    session.commit()
    with mail_server() as server:
        deliver(
            sessions,
            clock=clock,
            post=Post(SmtpTransport(server.url), SENDER, BASE_URL, preferences=UNFOLDED),
        )
        [asked] = server.inbox.of("nv01@example.vn")
    assert "5 working days" in text_of(asked)


def test_dates_are_proposed_by_it(office: Interface) -> None:
    opening = {**ROUND, "dates": {"upper_deadline": "2026-09-04"}, "propose_dates": True}
    dates = office.post("supervisor", "/rounds", opening).json["dates"]
    # One day before, with 2 September a day like any other.
    assert dates["decision_date"] == "2026-09-03"
    assert dates["council_date"] == weekdays(date(2026, 1, 1), date(2026, 9, 3))[-6].isoformat()


@pytest.mark.parametrize("award", ["LDTT", "CSTDCS"])
def test_the_short_and_the_general_route_are_due_by_it(
    office: Interface, session: Session, award: str
) -> None:
    made = office.drafted(award=award)
    assert office.act("nominator", made, "submit").status_code == 200
    visit = session.scalars(select(Visit).where(Visit.nomination_id == made, Visit.left_at.is_(None))).one()
    step = visit.budget_minutes // 480
    first = date(2026, 4, 27)
    assert visit.due_at.astimezone(LONDON).date() == weekdays(first, first + timedelta(days=30))[step - 1]
    assert session.get_one(Nomination, made).state == "unit_review"
