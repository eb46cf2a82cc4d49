"""Whoever a report came to in the same house decides on late work; who sits higher heard nothing."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.absences import go_away
from tests.support.office import AG, DT, TOP, Office, furnish
from tests.support.waiting import HEAD_AT, NEXT_LEVEL_AT, add_account, drop_grant, events, submitted, told
from workflow.clock import FixedClock
from workflow.domain.errors import Forbidden, InvalidField, NotFound, Refusal
from workflow.domain.vocabulary import BuiltIn, Via
from workflow.operations.escalations.more_time import MoreTime, give_more_time
from workflow.operations.escalations.telephone import Call, note_call
from workflow.operations.nudges.nudge import nudge
from workflow.operations.setup.organise import NewUnit, add_units, unit_ids
from workflow.operations.sweep.escalate import fire_due
from workflow.queries.escalations.open_to import more_time_refused
from workflow.queries.inbox.inbox import inbox
from workflow.queries.nominations.moves import moves_for
from workflow.store.access import Account, Grant
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.organisation import UnitEdition

HOUSE = "VKS-MN"
DAY = date(2026, 3, 20)
DECIDES = {BuiltIn.RELEASE, BuiltIn.REASSIGN}


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    """Return a district without a head of its own, under a province, under a house below the root."""
    office = furnish(session, now=clock.now())
    add_units(session, [NewUnit(HOUSE, "Cơ quan miền Nam", TOP)], valid_from=date(2020, 1, 1))
    ids = unit_ids(session)
    for unit, above in ((AG, DT), (DT, HOUSE)):
        edition = update(UnitEdition).where(UnitEdition.unit_id == ids[unit])
        session.execute(edition.values(parent_id=ids[above]))
    session.commit()
    drop_grant(session, office.ids["unit_head"], f"head@unit:{AG}")
    for part, key in {"dt_head": f"head@unit:{DT}", "house_head": f"head@unit:{HOUSE}"}.items():
        office.ids[part] = add_account(session, f"{part}@example.vn", key, clock.now())
    return office


def through(clock: FixedClock, database: Database, when: datetime = HEAD_AT) -> None:
    while clock.now() < when:
        clock.advance(min(timedelta(hours=12), when - clock.now()))
        fire_due(database.sessions, clock=clock)


def give(office: Office, clock: FixedClock, number: int, part: str) -> None:
    office.session.rollback()
    actor = office.actor(part, clock.now())
    wanted = MoreTime(number, DAY, "Chờ kết luận của đoàn kiểm tra")
    give_more_time(office.session, actor=actor, wanted=wanted, via=Via.WEB, now=clock.now())


def offered(office: Office, clock: FixedClock, number: int, part: str) -> set[str]:
    office.session.rollback()
    actor, now = office.actor(part, clock.now()), clock.now()
    moves = moves_for(office.session, actor=actor, nomination_id=number, now=now)
    refused = more_time_refused(office.session, actor=actor, nomination_id=number, now=now)
    return {move.name for move in moves if move.is_open} | (set() if refused else {"more_time"})


@pytest.fixture
def late(office: Office, session: Session, clock: FixedClock, database: Database) -> int:
    """Work that a reviewer took and let lie, and of which the province's head was told."""
    number = submitted(office, clock.now())
    office.act("reviewer", number, "claim", clock.now())
    through(clock, database)
    assert told(session, number)[-1] == ("escalation", office.ids["dt_head"])
    return number


def test_the_head_above_to_whom_it_was_reported_gives_more_time(
    office: Office, session: Session, clock: FixedClock, late: int
) -> None:
    page = inbox(session, actor=office.actor("dt_head", clock.now()), now=clock.now(), limit=9, cursor=None)
    assert [(item.nomination_id, item.why.kind) for item in page.items] == [(late, "escalated")]
    assert offered(office, clock, late, "dt_head") == {*DECIDES, "more_time"}
    give(office, clock, late, "dt_head")
    said = events(session, late)[-1]
    assert (said.action, said.actor_id) == ("more_time", office.ids["dt_head"])
    assert offered(office, clock, late, "dt_head") == {*DECIDES, "more_time"}, "it is the same work"


def test_the_head_above_hands_it_on_or_back_to_its_seat(
    office: Office, session: Session, clock: FixedClock, late: int
) -> None:
    office.act("dt_head", late, "reassign", clock.now(), assignee_id=office.ids["deputy"])
    session.rollback()
    work = select(WorkItem.assignee_id).where(WorkItem.nomination_id == late, WorkItem.closed_at.is_(None))
    assert session.scalar(work) == office.ids["deputy"]
    office.act("dt_head", late, "release", clock.now())
    session.rollback()
    assert session.scalar(work) is None
    with pytest.raises(InvalidField):
        office.act("dt_head", late, "reassign", clock.now(), assignee_id=office.ids["dt_head"])


def test_they_also_press_and_note_a_call(
    office: Office, session: Session, clock: FixedClock, late: int
) -> None:
    actor = office.actor("dt_head", clock.now())
    nudge(session, actor=actor, nomination_id=late, words="Đề nghị xử lý", via=Via.WEB, now=clock.now())
    call = Call(clock.now().date(), "NV02", "Xong ngày mai", nomination_id=late)
    note_call(session, actor=actor, call=call, via=Via.WEB, now=clock.now())


@pytest.mark.parametrize("part", ["house_head", "nominator", "stranger"])
def test_who_was_not_told_decides_nothing(office: Office, clock: FixedClock, late: int, part: str) -> None:
    with pytest.raises((Forbidden, NotFound)):
        give(office, clock, late, part)
    for action in DECIDES:
        office.session.rollback()
        with pytest.raises(Refusal) as refused:
            office.act(part, late, action, clock.now(), assignee_id=_given(office, action))
        assert isinstance(refused.value, Forbidden | NotFound)


def _given(office: Office, action: str) -> int | None:
    return office.ids["deputy"] if action == BuiltIn.REASSIGN else None


def test_the_seat_has_to_be_held_today_and_its_substitute_decides_for_it(
    office: Office, session: Session, clock: FixedClock, late: int
) -> None:
    office.ids["dt_deputy"] = office.ids["stranger"]
    go_away(office, clock, "dt_head", "dt_deputy")
    assert offered(office, clock, late, "dt_deputy") == {*DECIDES, "more_time"}
    office.act("dt_deputy", late, "reassign", clock.now(), assignee_id=office.ids["deputy"])
    said = events(session, late)[-1]
    assert (said.actor_id, said.on_behalf_of) == (office.ids["dt_deputy"], f"account:{office.ids['dt_head']}")


def test_who_left_the_seat_decides_nothing_and_who_is_told_next_does(
    office: Office, session: Session, clock: FixedClock, database: Database, late: int
) -> None:
    session.execute(update(Grant).where(Grant.key == f"head@unit:{DT}").values(valid_to=clock.now().date()))
    session.commit()
    with pytest.raises(Refusal):
        give(office, clock, late, "dt_head")
    session.rollback()
    through(clock, database, NEXT_LEVEL_AT)
    assert offered(office, clock, late, "house_head") == {*DECIDES, "more_time"}


def test_a_report_of_an_earlier_stay_gives_nothing(office: Office, clock: FixedClock, late: int) -> None:
    returned = {"to_step": "draft", "comment": "Thiếu minh chứng", "reason_code": "other"}
    office.act("reviewer", late, "return", clock.now(), **returned)
    office.act("nominator", late, "submit", clock.now())
    assert offered(office, clock, late, "dt_head") == set()
    with pytest.raises(Forbidden):
        give(office, clock, late, "dt_head")


def test_the_nominee_steers_nothing_though_they_were_told(
    office: Office, session: Session, clock: FixedClock, late: int
) -> None:
    nominee = select(Nomination.person_id).where(Nomination.id == late).scalar_subquery()
    told_one = update(Account).where(Account.id == office.ids["dt_head"])
    session.execute(update(Account).where(Account.person_id == nominee).values(person_id=None))
    session.execute(told_one.values(person_id=nominee))
    session.commit()
    assert offered(office, clock, late, "dt_head") == set()
    with pytest.raises(Forbidden, match="nominee"):
        give(office, clock, late, "dt_head")


def test_whose_work_it_is_gives_themselves_no_time_by_a_seat_that_was_told(
    office: Office, session: Session, clock: FixedClock, late: int
) -> None:
    seat = Grant(account_id=office.ids["reviewer"], key=f"head@unit:{DT}", valid_from=date(2020, 1, 1))
    session.add(seat)
    session.commit()
    with pytest.raises(Forbidden, match="waits for you"):
        give(office, clock, late, "reviewer")
