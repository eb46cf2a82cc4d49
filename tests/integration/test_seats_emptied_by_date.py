"""A seat that empties by the passing of a date: one sweep tells above of the work that lies on it, once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.integration.test_empty_seats import REVIEWER, open_next_round, told
from tests.support.office import AG, TOP, Office, furnish
from tests.support.rounds import returns_of
from tests.support.waiting import add_account, drop_grant, events, is_chained, many_submitted, submitted
from workflow.clock import FixedClock
from workflow.domain.vocabulary import Via
from workflow.operations.deadlines.emptied_seats import tell_of_emptied_seats
from workflow.operations.people.absences import NewAbsence, announce_absence
from workflow.operations.people.grants import revoke_role
from workflow.operations.sweep.sweep import fire_rungs
from workflow.store.access import Grant
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    """Give the unit a head who is not its reviewer, so that the seats empty one by one."""
    office = furnish(session, now=clock.now())
    drop_grant(session, office.ids["unit_head"], f"head@unit:{AG}")
    office.ids["ag_head"] = add_account(session, "head-ag@example.vn", f"head@unit:{AG}", clock.now())
    return office


def ends_on(session: Session, key: str, day: date) -> None:
    """Let the terms at a seat be over by a date, which nobody does anything about on that day."""
    session.execute(update(Grant).where(Grant.key == key).values(valid_to=day))
    session.commit()


@pytest.fixture
def midnight(clock: FixedClock) -> Callable[[], date]:
    """Let a day pass: the clock stands a minute after midnight in Hà Nội."""

    def pass_night() -> date:
        here = clock.now().astimezone(ZoneInfo("Asia/Ho_Chi_Minh")) + timedelta(days=1)
        clock.advance(here.replace(hour=0, minute=1) - clock.now())
        return here.date()

    return pass_night


def test_a_term_that_ends_by_its_date_is_told_above_within_one_sweep_and_once(
    office: Office, session: Session, clock: FixedClock, database, midnight
) -> None:
    tomorrow = clock.now().date() + timedelta(days=1)
    ids = many_submitted(office, session, 2, clock.now())
    office.act("reviewer", ids[0], "claim", clock.now())
    ends_on(session, REVIEWER, tomorrow)
    fire_rungs(database.sessions, clock=clock)
    assert told(session) == [], "today the seat is held"
    assert midnight() == tomorrow
    assert fire_rungs(database.sessions, clock=clock).mails == 2
    assert told(session) == [office.ids["ag_head"]] * 2
    for nomination_id in ids:
        assert is_chained(events(session, nomination_id))
        assert events(session, nomination_id)[-1].data["unstaffed"] == REVIEWER
    assert len(set(session.scalars(select(Outbox.fold_key).where(Outbox.notice == "seat_empty")))) == 1
    for _ in range(2):
        midnight()
        fire_rungs(database.sessions, clock=clock)
    assert told(session) == [office.ids["ag_head"]] * 2, "once for one emptiness"


def test_a_seat_that_is_filled_and_empties_again_is_told_of_again(
    office: Office, session: Session, clock: FixedClock, database, midnight
) -> None:
    nomination_id = submitted(office, clock.now())
    ends_on(session, REVIEWER, clock.now().date() + timedelta(days=1))
    second = midnight()
    fire_rungs(database.sessions, clock=clock)
    add_account(session, "new@example.vn", REVIEWER, clock.now())
    ends_on(session, REVIEWER, second + timedelta(days=2))
    midnight()
    fire_rungs(database.sessions, clock=clock)
    assert told(session, nomination_id=nomination_id) == [office.ids["ag_head"]]
    midnight()
    fire_rungs(database.sessions, clock=clock)
    assert told(session, nomination_id=nomination_id) == [office.ids["ag_head"]] * 2


def test_a_term_that_ends_while_its_holder_is_away_is_told_of_once(
    office: Office, session: Session, clock: FixedClock, database, midnight
) -> None:
    """The seat empties when they go: that their absence is over one day brings nobody back."""
    nomination_id = submitted(office, clock.now())
    today = clock.now().date()
    first, last = today + timedelta(days=1), today + timedelta(days=4)
    new = NewAbsence(office.ids["reviewer"], first, last)
    announce_absence(session, actor=None, new=new, via=Via.CLI, now=clock.now())
    ends_on(session, REVIEWER, today + timedelta(days=2))
    for _ in range(6):
        midnight()
        fire_rungs(database.sessions, clock=clock)
    assert told(session, nomination_id=nomination_id) == [office.ids["ag_head"]]


def test_another_seat_that_empties_later_is_no_reason_to_tell_of_this_one_again(
    office: Office, session: Session, clock: FixedClock, database, midnight
) -> None:
    nomination_id = submitted(office, clock.now())
    ends_on(session, REVIEWER, clock.now().date() + timedelta(days=1))
    # Its nominator has had work, which is done.
    ends_on(session, f"nominator@unit:{AG}", clock.now().date() + timedelta(days=3))
    for _ in range(4):
        midnight()
        fire_rungs(database.sessions, clock=clock)
    assert told(session, nomination_id=nomination_id) == [office.ids["ag_head"]]


def test_what_was_told_as_it_happened_is_not_told_again_by_the_sweep(
    office: Office, session: Session, clock: FixedClock, database, midnight
) -> None:
    ids = many_submitted(office, session, 2, clock.now())
    revoke_role(session, actor=None, email="nv02@example.vn", key=REVIEWER, via=Via.CLI, now=clock.now())
    later = office.draft(clock.now(), person_code="NV05").nomination_id
    office.act("nominator", later, "submit", clock.now())
    assert told(session) == [office.ids["ag_head"]] * 3
    for _ in range(2):
        assert fire_rungs(database.sessions, clock=clock).mails == 0
        midnight()
    assert told(session) == [office.ids["ag_head"]] * 3
    assert ids


def test_the_nominee_left_alone_on_the_seat_counts_as_nobody(
    office: Office, session: Session, clock: FixedClock, database, midnight
) -> None:
    other = add_account(session, "second@example.vn", REVIEWER, clock.now())
    nomination_id = office.draft(clock.now(), person_code="NV02").nomination_id
    office.act("nominator", nomination_id, "submit", clock.now())
    session.execute(
        update(Grant).where(Grant.account_id == other).values(valid_to=clock.now().date() + timedelta(days=1))
    )
    # The nominee's own term ends as well, later: that is no reason to tell of it twice.
    session.execute(
        update(Grant)
        .where(Grant.key == REVIEWER, Grant.account_id != other)
        .values(valid_to=clock.now().date() + timedelta(days=30))
    )
    session.commit()
    for _ in range(3):
        midnight()
        fire_rungs(database.sessions, clock=clock)
    assert told(session, nomination_id=nomination_id) == [office.ids["ag_head"]]


def test_work_on_hold_is_told_of_when_it_goes_on(
    office: Office, session: Session, clock: FixedClock, database, midnight
) -> None:
    nomination_id = submitted(office, clock.now())
    office.act("reviewer", nomination_id, "hold", clock.now(), comment="Chờ xác minh")
    ends_on(session, REVIEWER, clock.now().date() + timedelta(days=1))
    midnight()
    fire_rungs(database.sessions, clock=clock)
    assert told(session) == []
    session.execute(update(Nomination).where(Nomination.id == nomination_id).values(is_held=False))
    session.commit()
    fire_rungs(database.sessions, clock=clock)
    assert told(session) == [office.ids["ag_head"]]


def test_where_nobody_sits_above_it_is_told_to_whoever_comes_first(
    office: Office, session: Session, clock: FixedClock, database, midnight
) -> None:
    nomination_id = submitted(office, clock.now())
    tomorrow = clock.now().date() + timedelta(days=1)
    above = (REVIEWER, f"head@unit:{AG}", f"head@unit:{TOP}", f"supervisor@unit:{TOP}", "admin@all")
    for key in above:
        ends_on(session, key, tomorrow)
    midnight()
    fire_rungs(database.sessions, clock=clock)
    assert told(session) == []
    new = add_account(session, "admin2@example.vn", "admin@all", clock.now())
    fire_rungs(database.sessions, clock=clock)
    assert told(session, nomination_id=nomination_id) == [new]


def test_a_unit_whose_writer_and_head_left_by_date_is_told_above_and_answered_for_by_nobody(
    office: Office, session: Session, clock: FixedClock, database, midnight
) -> None:
    open_next_round(session, clock)
    owed = returns_of(session, "2027-NAM")
    assert owed[AG].accountable_id == office.ids["ag_head"]
    tomorrow = clock.now().date() + timedelta(days=1)
    for key in (f"nominator@unit:{AG}", f"head@unit:{AG}"):
        ends_on(session, key, tomorrow)
    midnight()
    fire_rungs(database.sessions, clock=clock)
    assert told(session, expected_return_id=owed[AG].id) == [office.ids["head"]]
    assert returns_of(session, "2027-NAM")[AG].accountable_id is None
    after = add_account(session, "next-head@example.vn", f"head@unit:{AG}", clock.now())
    fire_rungs(database.sessions, clock=clock)
    assert returns_of(session, "2027-NAM")[AG].accountable_id == after
    assert told(session, expected_return_id=owed[AG].id) == [office.ids["head"]]


def test_two_sweeps_at_once_tell_once(
    office: Office, session: Session, clock: FixedClock, database, midnight
) -> None:
    many_submitted(office, session, 12, clock.now())
    ends_on(session, REVIEWER, clock.now().date() + timedelta(days=1))
    midnight()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: tell_of_emptied_seats(database.sessions, clock=clock), range(4)))
    assert told(session) == [office.ids["ag_head"]] * 12
