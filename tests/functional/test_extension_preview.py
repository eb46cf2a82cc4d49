"""An extension is confirmed as it was shown: mails before and after, the upper date, what changed since."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.interface import Interface
from tests.support.office import AG, DT, Office
from tests.support.pages import Browser
from tests.support.rounds import BODY_DEADLINE, NEXT, opened, returns_of
from workflow.clock import FixedClock
from workflow.operations.foresight.forecast import Asked, forecast
from workflow.operations.sweep.escalate import fire_due
from workflow.store.database import Sessions
from workflow.store.history import Event

LATER = date(2026, 4, 24)
BODY = {"date": "unit_deadline", "day": LATER.isoformat(), "reason": "Bão số 3", "units": [DT]}
PATH = f"/rounds/{NEXT}/actions/extend"
READER = "nv11@example.vn"


def mails_of(sessions: Sessions, clock: FixedClock) -> list[str]:
    """Return the days of the mails that are foretold to the writer of one unit."""
    with sessions() as session:
        found = forecast(session, actor=None, asked=Asked(90), now=clock.now(), after=None, limit=500)
    told = [one for one in found.letters if one.reader and one.reader.email == READER]
    return sorted(f"{one.at:%m-%d}" for one in told if one.at > clock.now())


def test_the_mails_of_a_preview_are_those_that_the_forecast_loses_and_gains(
    interface: Interface, session: Session, database: Database, clock: FixedClock
) -> None:
    opened(session, clock.now())
    before = mails_of(database.sessions, clock)
    shown = interface.post("supervisor", PATH, {**BODY, "preview": True}).json
    assert {one["unit"] for one in shown["mails"]} == {DT}
    mine = [one for one in shown["mails"] if one["email"] == READER]
    done = interface.post("supervisor", PATH, {**BODY, "seen": shown["token"]})
    assert done.status_code == 200, done.text
    after = mails_of(database.sessions, clock)
    gone = {f"{datetime.fromisoformat(one['was_at']):%m-%d}" for one in mine if one["was_at"]}
    come = {f"{datetime.fromisoformat(one['at']):%m-%d}" for one in mine if one["at"]}
    assert gone
    assert set(after) == (set(before) - gone) | come


def test_whether_the_upper_date_holds_is_said_in_working_days(
    interface: Interface, session: Session, clock: FixedClock
) -> None:
    opened(session, clock.now())
    sooner = {**BODY, "day": "2026-04-10", "preview": True}
    held = interface.post("supervisor", PATH, sooner).json["upper"]
    assert (held["upper_deadline"], held["holds"], held["days_needed"]) == ("2026-06-30", True, 51)
    tight = interface.post("supervisor", PATH, {**BODY, "preview": True}).json["upper"]
    assert tight["holds"] is False
    assert tight["days_left"] == 51 - 7, "seven working days from 16 to 24 April, by hand"


def test_what_changed_since_it_was_shown_is_named_and_nothing_is_written(
    interface: Interface, session: Session, database: Database, clock: FixedClock
) -> None:
    opened(session, clock.now())
    everybody = {**BODY, "units": []}
    shown = interface.post("supervisor", PATH, {**everybody, "preview": True}).json
    clock.advance(timedelta(days=38))
    fire_due(database.sessions, clock=clock)
    again = interface.post("supervisor", PATH, {**everybody, "seen": shown["token"]})
    assert (again.status_code, again.json["code"]) == (409, "preview-stale")
    named = {one["params"]["what"] for one in again.json["reasons"] if one["code"] == "preview_other"}
    assert named == {AG, DT}
    session.rollback()
    assert returns_of(session, NEXT)[DT].due_on == BODY_DEADLINE
    for token in ("x", "", "e30=", "A" * 30_000):
        answer = interface.post("supervisor", PATH, {**everybody, "seen": token})
        assert answer.status_code in {409, 422}, answer.text
    fresh = interface.post("supervisor", PATH, {**everybody, "preview": True}).json["token"]
    assert interface.post("supervisor", PATH, {**everybody, "seen": fresh}).status_code == 200


def test_the_page_shows_what_changed_and_asks_once_more(
    office: Office, session: Session, database: Database, clock: FixedClock, desk: Callable[..., Browser]
) -> None:
    opened(session, clock.now())
    clock.advance(datetime(2026, 4, 7, 23, 50, tzinfo=UTC) - clock.now())
    fire_due(database.sessions, clock=clock)
    seat = desk("nv23@example.vn")
    seat.open(f"/rounds/{NEXT}")
    seat.send("/extend", {"name": "unit_deadline", "day": "24/4/2026", "reason": "Bão số 3", "units": DT})
    assert "Hạn gửi cấp trên" in seat.text
    assert "other_nominator NV11" in seat.text
    clock.advance(timedelta(minutes=15))  # past 07:00, when the reminder of that day fires
    fire_due(database.sessions, clock=clock)
    assert seat.send("/extend").status_code == 409
    assert "đã có thay đổi" in seat.text
    assert f"{DT}: thay đổi khác" in seat.text
    assert seat.send("/extend").status_code == 303
    session.rollback()
    assert returns_of(session, NEXT)[DT].due_on == LATER
    extended = select(Event.id).where(Event.action == "extend", Event.stream.like("round:%"))
    assert len(session.scalars(extended).all()) == 1
