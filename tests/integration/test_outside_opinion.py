"""An outside office is asked: the days of the step are doubled once, and counted as all others are."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.integration.test_audit import found
from tests.support.office import Office, furnish
from tests.support.opinions import ASKED, OFFICE, publish_doubling
from tests.support.recount import count_anew, import_days
from tests.support.waiting import HEAD_AT, add_account, events, is_chained, submitted
from workflow.clock import FixedClock
from workflow.domain.errors import Forbidden, MoveNotOpen, NominationHeld, NotFound, RequirementsMissing
from workflow.domain.vocabulary import Via
from workflow.operations.escalations.more_time import MoreTime, give_more_time
from workflow.operations.sweep.escalate import fire_due
from workflow.store.awards import Round
from workflow.store.counted import due_reasons
from workflow.store.history import EventText
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination, Rung, Visit, WorkItem
from workflow.store.submissions import ExpectedReturn
from workflow.words.due import due_sentence


def at_five(month: int, day: int) -> datetime:
    """Return 17:00 of a day of 2026 in Hà Nội."""
    return datetime(2026, month, day, 10, tzinfo=UTC)


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    """Furnish the small sector on Monday 2 March, with the route that doubles."""
    made = furnish(session, now=clock.now())
    publish_doubling(made, clock)
    return made


def ask(by: Office, clock: FixedClock, number: int, part: str = "reviewer", **more: Any) -> None:
    by.session.rollback()
    by.act(part, number, "ask_opinion", clock.now(), **{**ASKED, **more})


def stay(session: Session, number: int) -> tuple[Visit, WorkItem]:
    session.expire_all()
    visit = session.scalars(select(Visit).where(Visit.nomination_id == number, Visit.left_at.is_(None))).one()
    open_work = select(WorkItem).where(WorkItem.visit_id == visit.id, WorkItem.closed_at.is_(None))
    return visit, session.scalars(open_work).one()


def why(session: Session, number: int, locale: str = "en") -> str:
    work = stay(session, number)[1]
    return due_sentence(due_reasons(session, [work.id])[work.id], locale)


def promised(session: Session, number: int) -> list[str]:
    session.rollback()
    rows = session.execute(
        select(Rung.fire_at, Rung.kind)
        .where(Rung.nomination_id == number, Rung.fired_at.is_(None), Rung.fire_at.is_not(None))
        .order_by(Rung.fire_at, Rung.ordinal)
    )
    return [f"{row.fire_at + timedelta(hours=7):%d/%m %H:%M} {row.kind}" for row in rows]


def test_the_days_are_doubled_from_the_arrival_with_their_reminders_and_say_why(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    deputy = add_account(session, "phone@example.vn", "unit_reviewer@unit:VKS-AG", clock.now())
    number = submitted(office, clock.now())
    assert stay(session, number)[0].due_at == at_five(3, 9)
    clock.advance(timedelta(days=2))
    ask(office, clock, number)
    visit, work = stay(session, number)
    assert (visit.due_at, work.due_at) == (at_five(3, 16), at_five(3, 16)), "ten days from the 3rd of March"
    assert (visit.budget_minutes, visit.opinion_office) == (4800, OFFICE)
    assert promised(session, number) == [
        "12/03 08:00 remind",
        "16/03 08:00 remind",
        "17/03 08:00 escalate",
        "18/03 08:00 remind",
        "19/03 08:00 escalate",
    ]
    said = events(session, number)[-1]
    assert (said.action, said.data["office"]) == ("ask_opinion", OFFICE)
    dates = [datetime.fromisoformat(str(said.data[name])) for name in ("was", "due")]
    assert dates == [at_five(3, 9), at_five(3, 16)]
    assert session.get_one(EventText, said.id).text == ASKED["comment"]
    assert is_chained(events(session, number))
    assert found(database) == [], "`audit verify` finds every row as history tells it"
    assert session.get_one(Nomination, number).version == 3
    letters = session.scalars(select(Outbox.account_id).where(Outbox.notice == "dates_moved")).all()
    assert letters == [deputy], "who did it knows"
    assert why(session, number) == (
        "10 working days after 2 March 2026, twice the 5 days of the step since the opinion of "
        f"{OFFICE} was asked for on 4 March 2026"
    )
    assert why(session, number, "vi") == (
        "10 ngày làm việc tính từ sau ngày 2/3/2026, gấp đôi thời hạn 5 ngày của bước vì ngày 4/3/2026 "
        f"đã lấy ý kiến của {OFFICE}"
    )


def test_once_a_stay_and_while_its_clock_runs(office: Office, session: Session, clock: FixedClock) -> None:
    number = submitted(office, clock.now())
    clock.advance(timedelta(days=1))
    ask(office, clock, number)
    with pytest.raises(MoveNotOpen) as refused:
        ask(office, clock, number)
    assert refused.value.reasons[0].code == "opinion_asked_already"
    session.rollback()
    office.act("reviewer", number, "hold", clock.now(), comment="Chờ kết luận")
    other = submitted(office, clock.now(), person="NV05")
    office.act("reviewer", other, "hold", clock.now(), comment="Chờ kết luận")
    with pytest.raises(NominationHeld):
        ask(office, clock, other)
    session.rollback()
    office.act("reviewer", other, "release_hold", clock.now())
    office.act("reviewer", other, "request_info", clock.now(), comment="Văn bản nào?")
    with pytest.raises(MoveNotOpen) as refused:
        ask(office, clock, other)
    assert refused.value.reasons[0].code == "asked_already"
    session.rollback()
    office.act("nominator", other, "answer_info", clock.now(), comment="Số 12.")
    office.act("reviewer", other, "approve", clock.now())
    with pytest.raises(MoveNotOpen) as refused:
        ask(office, clock, other, "secretary")
    assert refused.value.reasons[0].code == "no_opinion_here", "the route doubles nothing there"


@pytest.mark.parametrize("part", ["nominator", "head", "secretary", "supervisor"])
def test_whoever_has_the_work_asks_and_nobody_else(office: Office, clock: FixedClock, part: str) -> None:
    number = submitted(office, clock.now())
    with pytest.raises((Forbidden, NotFound)):
        ask(office, clock, number, part)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"office": None}, "office_missing"),
        ({"comment": ""}, "comment_missing"),
        ({"occurred_on": date(2026, 3, 1)}, "asked_before_step"),
        ({"occurred_on": date(2026, 3, 10)}, "asked_after_due"),
        ({}, "asked_after_due"),
    ],
)
def test_what_asking_has_to_say(
    office: Office, session: Session, clock: FixedClock, changes: dict[str, Any], code: str
) -> None:
    number = submitted(office, clock.now())
    clock.advance(timedelta(days=8))
    with pytest.raises(RequirementsMissing) as refused:
        ask(office, clock, number, **({"occurred_on": date(2026, 3, 9)} | changes if changes else {}))
    assert [reason.code for reason in refused.value.reasons] == [code]
    session.rollback()
    assert stay(session, number)[0].due_at == at_five(3, 9)


def test_what_was_asked_in_time_and_recorded_late_counts_and_its_ladder_begins_anew(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    number = submitted(office, clock.now())
    while clock.now() < HEAD_AT:
        clock.advance(timedelta(hours=12))
        fire_due(database.sessions, clock=clock)
    assert session.scalars(select(Rung.id).where(Rung.fired_at.is_not(None))).all() != []
    ask(office, clock, number, occurred_on=date(2026, 3, 6))
    visit, _ = stay(session, number)
    assert (visit.due_at, visit.opinion_asked_at) == (at_five(3, 16), at_five(3, 6))
    assert promised(session, number) == [
        "12/03 08:00 remind",
        "16/03 08:00 remind",
        "17/03 08:00 escalate",
        "18/03 08:00 remind",
        "19/03 08:00 escalate",
    ]


def test_a_hold_before_and_one_after_take_nothing_and_give_nothing(
    office: Office, session: Session, clock: FixedClock
) -> None:
    number = submitted(office, clock.now())
    # From Wednesday 09:30 to Friday 09:30: two days that do not count.
    clock.advance(timedelta(days=2))
    office.act("reviewer", number, "hold", clock.now(), comment="Chờ kết luận")
    clock.advance(timedelta(days=2))
    office.act("reviewer", number, "release_hold", clock.now())
    assert stay(session, number)[0].due_at == at_five(3, 11)
    ask(office, clock, number)
    assert stay(session, number)[0].due_at == at_five(3, 18)
    office.act("reviewer", number, "hold", clock.now(), comment="Chờ kết luận nữa")
    clock.advance(timedelta(days=7))
    office.act("reviewer", number, "release_hold", clock.now())
    assert stay(session, number)[0].due_at == at_five(3, 25)
    assert "twice the 5 days" in why(session, number)
    assert "left of 10" in why(session, number)


def test_a_changed_calendar_counts_the_doubled_days_again(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    number = submitted(office, clock.now())
    ask(office, clock, number)
    import_days(session, clock)
    count_anew(database, clock)
    assert stay(session, number)[0].due_at > at_five(3, 16)
    assert "10 working days after 2 March 2026, twice the 5 days" in why(session, number)


@pytest.mark.parametrize(("given", "comes_to"), [(11, (16, "twice")), (20, (20, "more time"))])
def test_the_later_of_the_day_that_was_given_and_the_doubled_days_counts(
    office: Office, clock: FixedClock, database: Database, given: int, comes_to: tuple[int, str]
) -> None:
    session = office.session
    number = submitted(office, clock.now())
    while clock.now() < HEAD_AT:
        clock.advance(timedelta(hours=12))
        fire_due(database.sessions, clock=clock)
    session.rollback()
    wanted = MoreTime(number, date(2026, 3, given), "Chờ kết luận của đoàn kiểm tra")
    above = office.actor("supervisor", clock.now())
    give_more_time(session, actor=above, wanted=wanted, via=Via.WEB, now=clock.now())
    ask(office, clock, number)
    assert stay(session, number)[0].due_at == at_five(3, comes_to[0])
    assert comes_to[1] in why(session, number)


def test_the_answer_ends_it_and_a_move_without_one_does_too(
    office: Office, session: Session, clock: FixedClock
) -> None:
    number = submitted(office, clock.now())
    with pytest.raises(MoveNotOpen) as refused:
        office.act("reviewer", number, "receive_opinion", clock.now())
    assert refused.value.reasons[0].code == "no_opinion_awaited"
    session.rollback()
    clock.advance(timedelta(days=1))
    ask(office, clock, number)
    clock.advance(timedelta(days=2))
    with pytest.raises(RequirementsMissing):
        office.act("reviewer", number, "receive_opinion", clock.now(), occurred_on=date(2026, 3, 2))
    session.rollback()
    office.act("reviewer", number, "hold", clock.now(), comment="Chờ kết luận")
    office.act("reviewer", number, "receive_opinion", clock.now(), comment="Công văn số 34, nhất trí.")
    visit, _ = stay(session, number)
    assert visit.opinion_came_at == clock.now(), "an answer comes on hold too"
    office.act("reviewer", number, "release_hold", clock.now())
    office.act("reviewer", number, "approve", clock.now())
    assert stay(session, number)[0].opinion_office is None, "the next step has none"
    other = submitted(office, clock.now(), person="NV05")
    ask(office, clock, other)
    office.act("reviewer", other, "approve", clock.now(), comment="Không chờ nữa.")
    assert session.get_one(Nomination, other).state != "unit_review"


def test_a_date_of_the_round_stays_where_it_is(office: Office, session: Session, clock: FixedClock) -> None:
    publish_doubling(office, clock, "earlier(round.unit_deadline, 5 working_days)")
    number = submitted(office, clock.now())
    dates = {"unit_deadline": "2026-03-12"}
    session.execute(update(Round).values(dates=dates))
    session.execute(update(ExpectedReturn).values(due_on=date(2026, 3, 12)))
    session.commit()
    assert stay(session, number)[0].due_at == at_five(3, 9)
    ask(office, clock, number)
    assert stay(session, number)[0].due_at == at_five(3, 12)
    assert why(session, number) == "the units' deadline of the round"
