"""'I can by that day': asked by who has the work, given by who is above it; nothing moves before."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.absences import staffed
from tests.support.dates import (
    DAY,
    LATER,
    WHY,
    asked_for,
    letters,
    outcomes,
    promises,
    through,
    waiting,
    wrong_histories,
)
from tests.support.foretold import as_mails, foretold
from tests.support.mail import MailServer, Scene, mail_server, text_of
from tests.support.office import AG, ROUND, Office
from tests.support.waiting import (
    DUE_DAY,
    HEAD_AT,
    add_account,
    events,
    is_chained,
    submitted,
    told,
)
from workflow.clock import FixedClock
from workflow.domain.errors import Conflict, Forbidden, InvalidField, NominationHeld, NotFound, Refusal
from workflow.domain.vocabulary import Via
from workflow.operations.escalations.date_talk import ProposeDate, propose_date
from workflow.operations.sweep.escalate import fire_due
from workflow.queries.due_reasons import explain_dues
from workflow.queries.inbox.inbox import dates_asked, inbox_counts
from workflow.queries.nominations.events import list_events
from workflow.store.access import Account
from workflow.store.awards import Round
from workflow.store.nominations import WorkItem
from workflow.store.proposals import DateProposal


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return staffed(session, clock)


def test_a_date_asked_for_moves_nothing_until_whoever_is_above_gives_it(
    office: Office, session: Session, clock: FixedClock, ask: Callable[..., None], give: Callable[..., None]
) -> None:
    number = submitted(office, clock.now())
    before = promises(session)
    head = office.actor("ag_head", clock.now())
    ask(number)
    assert promises(session) == before
    assert letters(session, "date_proposed") == [office.ids["ag_head"]]
    assert inbox_counts(session, actor=head, now=clock.now()).dates_asked == 1
    [one] = dates_asked(session, actor=head, now=clock.now())
    assert (one.nomination_id, one.day, one.by.id, one.reason) == (number, DAY, office.ids["reviewer"], WHY)
    give(number)
    work = session.scalars(select(WorkItem).where(WorkItem.closed_at.is_(None))).one()
    assert work.due_at is not None
    assert f"{work.due_at + timedelta(hours=7):%d/%m %H:%M}" == "12/03 17:00"
    assert outcomes(session) == ["granted"]
    assert inbox_counts(session, actor=head, now=clock.now()).dates_asked == 0
    asked, given = events(session, number)[-2:]
    assert (asked.action, given.action) == ("propose_date", "more_time")
    assert given.actor_id == office.ids["ag_head"]
    assert (given.data["asked"], str(given.data["was"])[:10]) == ("2026-03-12", "2026-03-09")
    assert is_chained(events(session, number))
    assert wrong_histories(session) == []
    assert letters(session, "dates_moved") == [office.ids["reviewer"]]


def test_both_dates_stand_in_the_history_and_in_the_reason_of_the_date(
    office: Office, session: Session, clock: FixedClock, ask: Callable[..., None], give: Callable[..., None]
) -> None:
    number = submitted(office, clock.now())
    ask(number)
    give(number)
    session.rollback()
    open_work = session.scalars(select(WorkItem.id).where(WorkItem.closed_at.is_(None))).all()
    [because] = explain_dues(session, open_work).values()
    assert because.text.vi == "cấp trên đã cho thêm thời gian, thay cho hạn trước đó là 9/3/2026"
    assert because.text.en == "more time was given by somebody above, in place of 9 March 2026"
    actor = office.actor("reviewer", clock.now())
    page = list_events(session, actor=actor, nomination_id=number, limit=50, cursor=None)
    asked, given = [event.dates for event in page.items if event.dates]
    assert asked is not None
    assert given is not None
    assert (asked.asked_on, asked.due_at) == (DAY, None)
    assert given.was_at is not None
    assert given.due_at is not None
    assert (given.was_at.date(), given.due_at.date()) == (date(2026, 3, 9), DAY)


def test_another_day_may_be_given_and_none_with_a_reason_that_whoever_asked_is_told(
    office: Office,
    clock: FixedClock,
    ask: Callable[..., None],
    give: Callable[..., None],
    refuse: Callable[..., None],
) -> None:
    number = submitted(office, clock.now())
    ask(number)
    refuse(number)
    assert letters(office.session, "date_refused") == [office.ids["reviewer"]]
    assert asked_for(office, clock, number) is None
    ask(number, day=LATER)
    give(number, day=DAY, reason="Ngày này thì được")
    assert outcomes(office.session) == ["other_date", "refused"]
    with pytest.raises(Conflict, match="does not wait"):
        give(number)
    with pytest.raises(InvalidField):
        refuse(number, reason=" ")


def test_a_second_day_takes_the_place_of_the_first_and_the_same_again_is_refused(
    office: Office, session: Session, clock: FixedClock, ask: Callable[..., None], give: Callable[..., None]
) -> None:
    number = submitted(office, clock.now())
    ask(number)
    session.rollback()
    first = waiting(session)
    ask(number, day=LATER)
    assert outcomes(session) == [None, "replaced"]
    with pytest.raises(Conflict, match="already"):
        ask(number, day=LATER)
    with pytest.raises(Conflict, match="does not wait"):
        give(number, proposal_id=first)


def test_two_who_ask_at_once_leave_one_that_waits(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    number = submitted(office, clock.now())
    actors = [office.actor("reviewer", clock.now())] * 4
    session.rollback()

    def one(place: int) -> str:
        with database.sessions() as mine:
            wanted = ProposeDate(number, DAY + timedelta(days=place % 2), WHY)
            try:
                propose_date(mine, actor=actors[place], wanted=wanted, via=Via.WEB, now=clock.now())
            except Refusal as refused:
                return refused.code
        return "asked"

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(one, range(4)))
    assert set(done) <= {"asked", "conflict"}
    assert done.count("asked") >= 2
    assert session.scalar(select(func.count()).where(DateProposal.closed_at.is_(None))) == 1
    assert wrong_histories(session) == []


def test_it_lapses_by_itself_when_the_work_moves_on_is_held_or_is_another_s(
    office: Office, session: Session, clock: FixedClock, ask: Callable[..., None], give: Callable[..., None]
) -> None:
    number = submitted(office, clock.now())
    ask(number)
    add_account(session, "other-rev@example.vn", f"unit_reviewer@unit:{AG}", clock.now())
    office.ids["other"] = session.scalars(
        select(Account.id).where(Account.email == "other-rev@example.vn")
    ).one()
    office.act("other", number, "claim", clock.now())
    assert asked_for(office, clock, number) is None
    office.act("other", number, "release", clock.now())
    assert asked_for(office, clock, number) == DAY, "nobody has it again, so it still may be given"
    office.act("reviewer", number, "hold", clock.now(), comment="Chờ xác minh")
    assert asked_for(office, clock, number) is None
    with pytest.raises(NominationHeld):
        ask(number, day=LATER)
    clock.advance(timedelta(days=2))
    office.act("reviewer", number, "release_hold", clock.now())
    assert asked_for(office, clock, number) is None, "by another date it is another question"
    with pytest.raises(Conflict):
        give(number)
    ask(number, day=date(2026, 3, 20))
    office.act("reviewer", number, "approve", clock.now())
    assert asked_for(office, clock, number) is None
    with pytest.raises((Conflict, Forbidden, NotFound)):
        give(number)


@pytest.mark.parametrize("day", [date(2026, 3, 2), date(2026, 3, 9), date(2026, 3, 14), date(2026, 7, 1)])
def test_a_day_that_cannot_be_given_is_refused_by_name(
    office: Office, clock: FixedClock, ask: Callable[..., None], day: date
) -> None:
    number = submitted(office, clock.now())
    with pytest.raises(InvalidField) as refused:
        ask(number, day=day)
    assert [error.field for error in refused.value.errors] == ["day"]


def test_no_day_passes_the_date_of_the_level_above(
    office: Office, session: Session, clock: FixedClock, ask: Callable[..., None], give: Callable[..., None]
) -> None:
    number = submitted(office, clock.now())
    dates = {"upper_deadline": "2026-03-12"}
    session.execute(update(Round).where(Round.code == ROUND).values(dates=dates))
    session.commit()
    with pytest.raises(InvalidField, match="level above"):
        ask(number, day=LATER)
    ask(number, day=DAY)
    with pytest.raises(InvalidField, match="level above"):
        give(number, day=LATER, reason="Thêm")
    give(number)


def test_after_the_due_date_it_may_still_be_asked_and_the_report_goes_out_all_the_same(
    office: Office, session: Session, clock: FixedClock, database: Database, ask: Callable[..., None]
) -> None:
    number = submitted(office, clock.now())
    through(clock, database, DUE_DAY)
    ask(number)
    through(clock, database, HEAD_AT)
    assert told(session, number)[-1] == ("escalation", office.ids["ag_head"]), "a question holds nothing back"
    ask(number, day=LATER)
    assert asked_for(office, clock, number) == LATER


def test_a_day_that_nobody_gave_lapses_on_that_day(
    office: Office, session: Session, clock: FixedClock, ask: Callable[..., None], give: Callable[..., None]
) -> None:
    number = submitted(office, clock.now())
    ask(number)
    head = office.actor("ag_head", clock.now())
    while clock.now().date() < DAY:
        assert inbox_counts(session, actor=head, now=clock.now()).dates_asked == 1
        assert asked_for(office, clock, number) == DAY
        clock.advance(timedelta(days=1))
    assert inbox_counts(session, actor=head, now=clock.now()).dates_asked == 0
    assert asked_for(office, clock, number) is None
    with pytest.raises(Conflict, match="not reported"):
        give(number)
    ask(number, day=LATER)
    assert outcomes(session) == [None, "replaced"]


def test_the_warning_says_that_a_date_was_asked_for_and_one_letter_asks(
    session: Session, clock: FixedClock, database: Database
) -> None:
    with mail_server() as server:
        office = staffed(session, clock)
        scene = Scene(office, session, database.sessions, clock, server)
        number = submitted(office, clock.now())
        scene.deliver()
        for day in (DAY, LATER):
            actor = office.actor("reviewer", clock.now())
            wanted = ProposeDate(number, day, WHY)
            propose_date(session, actor=actor, wanted=wanted, via=Via.WEB, now=clock.now())
        foreseen = as_mails(foretold(scene, 9))
        while clock.now() < HEAD_AT:
            clock.advance(min(timedelta(minutes=30), HEAD_AT - clock.now()))
            fire_due(database.sessions, clock=clock)
            scene.deliver()
        asking = [text for text in texts(server, "head-ag@example.vn") if "/late" in text]
        assert len([text for text in asking if "đề nghị lùi hạn đến" in text]) >= 1
        assert "12/3/2026" not in asking[0], "what was replaced is asked no more"
        assert "13/3/2026" in asking[0]
        assert WHY in asking[0]
        warned = [text for text in texts(server, "nv02@example.vn") if "Đã có đề nghị lùi hạn" in text]
        assert warned, "whoever has the work reads that the date stands"
        assert {mail.to for mail in foreseen} >= {"head-ag@example.vn", "nv02@example.vn"}


def texts(server: MailServer, address: str) -> list[str]:
    return [text_of(mail) for mail in server.inbox.of(address)]
