"""Both clocks of nominations that people really moved, held and returned, against their histories."""

import random
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from alembic import command
from sqlalchemy import create_engine, select, update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.importing import Desk
from tests.support.office import PAPER, Office, furnish
from tests.support.two_clocks import ANSWER, ASK, HALF, HOLD, PAUSES, RELEASE, Entry, count
from workflow.clock import FixedClock
from workflow.domain.vocabulary import BuiltIn
from workflow.queries.inbox.inbox import inbox
from workflow.queries.nominations.clocks import ClocksView
from workflow.queries.nominations.nomination import get_nomination
from workflow.store.calendars import calendar_in_force
from workflow.store.history import Event
from workflow.store.nominations import Visit
from workflow.store.schema import _config, role_of, upgrade

HOME = ZoneInfo("Asia/Ho_Chi_Minh")
PARTIES = {"draft": "nominator", "unit_review": "unit", "council": "council", "decision": "council"}
RETURN = {"reason_code": "dossier_incomplete", "comment": "Thiếu biên bản họp."}
HOLDER = {"draft": "nominator", "unit_review": "reviewer", "council": "secretary", "decision": "head"}
WAYS: dict[str, tuple[tuple[str, str, dict[str, Any]], ...]] = {
    "draft": (("submit", "unit_review", {}),),
    "unit_review": (("approve", "council", {}), ("return", "draft", RETURN), ("recall", "draft", {})),
    "council": (
        ("approve", "decision", {}),
        ("return", "unit_review", {**RETURN, "to_step": "unit_review"}),
        ("return", "draft", {**RETURN, "to_step": "draft"}),
    ),
    "decision": (
        ("approve", "approved", {"decision": PAPER}),
        ("return", "council", {**RETURN, "to_step": "council"}),
    ),
}


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish(session, now=clock.now())


def wander(office: Office, clock: FixedClock, dice: random.Random) -> int:
    """Let people do something possible after each pause of up to some days."""
    nomination_id = office.draft(clock.now()).nomination_id
    state, came_from, is_held, is_asked, has_begun = "draft", "", False, False, False
    for _ in range(dice.randint(4, 11)):
        clock.advance(dice.randint(0, 150) * HALF)
        if is_held or (not is_asked and dice.random() < 0.25):
            words = {} if is_held else {"comment": "Đang xác minh đơn"}
            office.act("admin", nomination_id, RELEASE if is_held else HOLD, clock.now(), **words)
            is_held = not is_held
            continue
        if state != "draft" and dice.random() < (0.6 if is_asked else 0.3):
            who = dice.choice(["nominator", HOLDER[state]]) if is_asked else HOLDER[state]
            office.act(who, nomination_id, ANSWER if is_asked else ASK, clock.now(), comment="Văn bản nào?")
            is_asked, has_begun = not is_asked, True
            continue
        ways = [
            way for way in WAYS[state] if way[0] != BuiltIn.RECALL or (came_from == "draft" and not has_begun)
        ]
        action, dest, request = dice.choice(ways)
        who = "nominator" if action == BuiltIn.RECALL else HOLDER[state]
        office.act(who, nomination_id, action, clock.now(), **request)
        came_from, state, is_asked, has_begun = state, dest, False, False
        if state == "approved":
            break
    clock.advance(dice.randint(0, 200) * HALF)
    return nomination_id


def clocks(office: Office, nomination_id: int, now: datetime, part: str = "admin") -> ClocksView:
    actor = office.actor(part, now)
    office.session.expire_all()
    view = get_nomination(office.session, actor=actor, nomination_id=nomination_id, now=now)
    assert view.clocks is not None
    return view.clocks


def diary_of(session: Session, nomination_id: int) -> list[Entry]:
    """Read what was done from the history alone."""
    events = session.execute(
        select(Event.action, Event.source, Event.dest, Event.recorded_at)
        .where(Event.stream == f"nomination:{nomination_id}")
        .order_by(Event.seq)
    )
    diary = []
    for event in events:
        at = event.recorded_at.astimezone(HOME).replace(tzinfo=None)
        if event.action in PAUSES:
            diary.append(Entry(at, event.action))
        elif not diary or (event.dest is not None and event.source != event.dest):
            diary.append(Entry(at, event.dest or "draft"))
    return diary


def demand_counted(office: Office, nomination_id: int, now: datetime) -> None:
    """Compare what is told with a walk through every half hour."""
    diary = diary_of(office.session, nomination_id)
    is_over = diary[-1].what == "approved"
    end = diary[-1].at if is_over else now.astimezone(HOME).replace(tzinfo=None)
    complete_at = next((entry.at for entry in diary if entry.what == "unit_review"), None)
    calendar = calendar_in_force(office.session, "vn")
    found = count(diary, PARTIES, end, calendar.is_working, complete_at=complete_at)
    told = clocks(office, nomination_id, now)
    shares = {
        (one.party, since): (spent.working_minutes, spent.calendar_days)
        for one in told.parties
        for since, spent in ((False, one.before), (True, one.spent))
        if (spent.working_minutes, spent.calendar_days) != (0, 0)
    }
    assert shares == {
        key: (found.minutes.get(key, 0), found.nights.get(key, 0))
        for key in found.minutes.keys() | found.nights.keys()
    }
    assert told.gross.working_minutes == sum(n for (_, since), n in found.minutes.items() if since)


@pytest.mark.parametrize("seed", range(6))
def test_what_is_told_is_what_the_history_comes_to(office: Office, clock: FixedClock, seed: int) -> None:
    nomination_id = wander(office, clock, random.Random(seed))
    demand_counted(office, nomination_id, clock.now())
    # A day off that was decided since was off, for all of them together.
    days = "day,kind,name\n2026-03-04,off,Nghỉ bất thường\n2026-03-07,work,Làm bù\n"
    Desk(office.session, clock.now()).take("calendar", days)
    demand_counted(office, nomination_id, clock.now())


def held_twice(office: Office, clock: FixedClock) -> int:
    """Submit on Monday at 09:00, hold it from Tuesday to Thursday and for an hour after, release it."""
    nomination_id = office.draft(clock.now()).nomination_id
    office.act("nominator", nomination_id, "submit", clock.now())
    for hours, action in ((24, HOLD), (48, RELEASE), (1, HOLD), (1, RELEASE)):
        clock.advance(timedelta(hours=hours))
        words = {"comment": "Đang xác minh đơn"} if action == HOLD else {}
        office.act("reviewer", nomination_id, action, clock.now(), **words)
    return nomination_id


def test_a_stay_ends_and_waits_in_lists_without_what_it_was_on_hold(
    office: Office, session: Session, clock: FixedClock
) -> None:
    nomination_id = held_twice(office, clock)
    office.act("reviewer", nomination_id, "claim", clock.now())
    clock.advance(timedelta(hours=3))
    page = inbox(session, actor=office.actor("reviewer", clock.now()), now=clock.now(), limit=5, cursor=None)
    [item] = [one for one in page.items if one.nomination_id == nomination_id]
    # Monday 09:00 to Thursday 14:00, without two working days and an hour, noon left out.
    assert (item.age.working_minutes, item.age_calendar_days) == (480 + 60 + 120, 3)
    office.act("reviewer", nomination_id, "approve", clock.now())
    stay = session.scalars(select(Visit).where(Visit.step == "unit_review")).one()
    assert (stay.working_minutes, stay.waiting_minutes, stay.service_minutes) == (660, 540, 120)


def test_what_ended_on_hold_was_held_until_then(office: Office, session: Session, clock: FixedClock) -> None:
    nomination_id = office.draft(clock.now()).nomination_id
    office.act("nominator", nomination_id, "submit", clock.now())
    office.act("admin", nomination_id, HOLD, clock.now(), comment="Đang xác minh đơn")
    clock.advance(timedelta(hours=24))
    office.act("nominator", nomination_id, "withdraw", clock.now())
    told = clocks(office, nomination_id, clock.now() + timedelta(days=30))
    assert (told.state, told.pause, told.net.working_minutes) == ("ended", None, 0)
    assert (told.gross.working_minutes, told.gross.calendar_days) == (480, 1)
    assert [one.party for one in told.parties if one.spent.working_minutes] == [None]


def test_the_nominee_learns_that_it_is_on_hold_and_not_why(office: Office, clock: FixedClock) -> None:
    nomination_id = office.draft(clock.now(), person_code="NV01").nomination_id
    office.act("nominator", nomination_id, "submit", clock.now())
    office.act("reviewer", nomination_id, HOLD, clock.now(), comment="Có đơn tố cáo")
    assert clocks(office, nomination_id, clock.now()).reason == "Có đơn tố cáo"
    theirs = clocks(office, nomination_id, clock.now(), "nominator")
    assert (theirs.pause, theirs.reason) == ("held", None)


def test_an_upgrade_takes_holds_from_the_histories(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    there = held_twice(office, clock)
    clock.advance(timedelta(hours=1))
    office.act("admin", there, HOLD, clock.now(), comment="Xác minh thêm")
    clock.advance(timedelta(hours=20))
    before = clocks(office, there, clock.now())
    kept = session.execute(select(Visit.id, Visit.holds).order_by(Visit.id)).all()
    session.execute(update(Visit).values(holds=None))
    session.commit()
    session.close()
    engine = create_engine(database.migration_url)
    with engine.connect() as connection:
        command.downgrade(_config(connection), "0033")
        connection.commit()
    engine.dispose()
    upgrade(database.migration_url, application_role=role_of(database.url))
    assert session.execute(select(Visit.id, Visit.holds).order_by(Visit.id)).all() == kept
    assert clocks(office, there, clock.now()) == before
