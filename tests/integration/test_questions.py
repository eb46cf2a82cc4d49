"""A question to who nominates: the nomination stays, its clock stands, and there is an answer to give."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from alembic import command
from sqlalchemy import create_engine, func, select, update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.integration.test_actions import RETURN, last_event, open_work, submitted
from tests.support.office import Office, furnish
from workflow.clock import FixedClock
from workflow.domain.errors import (
    AlreadyClaimed,
    Forbidden,
    InvalidField,
    MoveNotOpen,
    NominationHeld,
    NotFound,
    RequirementsMissing,
)
from workflow.domain.vocabulary import NoticeKind, WorkKind
from workflow.store.history import EventText
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination, Rung, Visit, WorkItem
from workflow.store.schema import _config, role_of, upgrade

HOME = ZoneInfo("Asia/Ho_Chi_Minh")
ASKED = {"comment": "Sáng kiến năm 2025 được công nhận theo quyết định nào?"}
ANSWER = {"comment": "Quyết định số 12/QĐ-VKS ngày 5/1/2026, đã gắn vào hồ sơ."}


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    """Furnish the small sector on Monday morning."""
    return furnish(session, now=clock.now())


def ask(office: Office, clock: FixedClock, number: int, part: str = "reviewer", **more: object) -> None:
    office.act(part, number, "request_info", clock.now(), **{**ASKED, **more})


def step_work(session: Session, number: int) -> WorkItem:
    visit = open_visit(session, number)
    own = (WorkItem.visit_id == visit.id, WorkItem.kind == WorkKind.STAGE)
    return session.scalars(select(WorkItem).where(*own)).one()


def open_visit(session: Session, number: int) -> Visit:
    session.expire_all()
    return session.scalars(select(Visit).where(Visit.nomination_id == number, Visit.left_at.is_(None))).one()


def letters(session: Session, number: int, kind: NoticeKind) -> list[int]:
    found = select(Outbox.account_id).where(Outbox.nomination_id == number, Outbox.notice == kind)
    return list(session.scalars(found.order_by(Outbox.account_id)))


def test_a_question_leaves_the_nomination_where_it_is_and_gives_the_nominator_work(
    office: Office, session: Session, clock: FixedClock
) -> None:
    number = submitted(office, clock)
    before, visit = open_work(session, number), open_visit(session, number)
    clock.advance(timedelta(days=1, hours=2))
    ask(office, clock, number)
    session.expire_all()
    nomination = session.get_one(Nomination, number)
    assert (nomination.state, nomination.is_held, nomination.version) == ("unit_review", False, 3)
    assert open_visit(session, number).id == visit.id
    question = open_work(session, number)
    assert (question.kind, question.owner_key) == (WorkKind.ANSWER, "nominator@unit:VKS-AG")
    assert question.due_at is not None
    # Five working days after Tuesday the 3rd of March.
    assert question.due_at.astimezone(HOME) == datetime(2026, 3, 10, 17, tzinfo=HOME)
    aside = step_work(session, number)
    assert (aside.id, aside.closed_at, aside.outcome) == (before.id, clock.now(), "request_info")
    event = last_event(session, number)
    assert event.action == "request_info"
    assert session.get_one(EventText, event.id).text == ASKED["comment"]
    assert letters(session, number, NoticeKind.INFO_ASKED) == [office.ids["nominator"]]


def test_the_clock_stands_while_it_is_asked_and_goes_on_with_what_was_left(
    office: Office, session: Session, clock: FixedClock
) -> None:
    number = submitted(office, clock)
    clock.advance(timedelta(days=1, hours=2))
    ask(office, clock, number)
    visit = open_visit(session, number)
    consumed = visit.consumed_minutes
    assert (visit.due_at, visit.clock_started_at) == (None, None)
    assert consumed > 0
    aside = step_work(session, number).id
    waiting = select(func.count()).where(Rung.work_item_id == aside, Rung.fire_at.is_not(None))
    assert session.scalar(waiting) == 0
    clock.advance(timedelta(days=3))
    office.act("nominator", number, "answer_info", clock.now(), **ANSWER)
    visit, work = open_visit(session, number), open_work(session, number)
    assert (work.id, work.kind, work.due_at) == (aside, WorkKind.STAGE, visit.due_at)
    assert visit.consumed_minutes == consumed
    assert visit.due_at is not None
    assert visit.due_at > clock.now()
    assert visit.holds == [clock.now() - timedelta(days=3), clock.now()]
    assert session.scalar(waiting)
    assert letters(session, number, NoticeKind.INFO_ANSWERED) == sorted(
        {office.ids["reviewer"]}
        | set(letters(session, number, NoticeKind.WORK_OPENED)) - {office.ids["nominator"]}
    )


def test_the_question_has_reminders_of_its_own_that_end_with_the_answer(
    office: Office, session: Session, clock: FixedClock
) -> None:
    number = submitted(office, clock)
    ask(office, clock, number)
    question = open_work(session, number).id
    found = session.execute(
        select(Rung.kind, Rung.recipient).where(Rung.work_item_id == question).order_by(Rung.ordinal)
    ).all()
    assert [tuple(row) for row in found] == [
        ("remind", "holder"),
        ("remind", "holder"),
        ("escalate", "head"),
        ("remind", f"account:{office.ids['reviewer']}:unit_reviewer@unit:VKS-AG"),
    ]
    office.act("nominator", number, "answer_info", clock.now(), **ANSWER)
    left = select(func.count()).where(Rung.work_item_id == question, Rung.fire_at.is_not(None))
    assert session.scalar(left) == 0


def test_the_day_may_be_said_and_is_a_working_day_to_come(
    office: Office, session: Session, clock: FixedClock
) -> None:
    number = submitted(office, clock)
    for day in (date(2026, 3, 2), date(2026, 3, 7), date(2026, 12, 31)):
        with pytest.raises(InvalidField) as refused:
            ask(office, clock, number, answer_by=day)
        assert refused.value.errors[0].field == "answer_by"
        session.rollback()
    ask(office, clock, number, answer_by=date(2026, 3, 4))
    due_at = open_work(session, number).due_at
    assert due_at is not None
    assert due_at.astimezone(HOME) == datetime(2026, 3, 4, 17, tzinfo=HOME)


def test_a_question_needs_words_and_so_does_an_answer(
    office: Office, session: Session, clock: FixedClock
) -> None:
    number = submitted(office, clock)
    with pytest.raises(RequirementsMissing):
        ask(office, clock, number, comment=" ")
    session.rollback()
    ask(office, clock, number)
    with pytest.raises(RequirementsMissing):
        office.act("nominator", number, "answer_info", clock.now())


def test_nobody_asks_twice_on_hold_or_of_a_draft_and_nobody_holds_what_is_asked(
    office: Office, session: Session, clock: FixedClock
) -> None:
    draft = office.draft(clock.now()).nomination_id
    with pytest.raises(MoveNotOpen) as refused:
        ask(office, clock, draft, "nominator")
    assert refused.value.reasons[0].code == "with_nominator"
    session.rollback()
    office.act("nominator", draft, "submit", clock.now())
    with pytest.raises(MoveNotOpen):
        office.act("nominator", draft, "answer_info", clock.now(), **ANSWER)
    session.rollback()
    ask(office, clock, draft)
    for action in ("request_info", "hold"):
        with pytest.raises(MoveNotOpen) as refused:
            office.act("reviewer", draft, action, clock.now(), **ASKED)
        assert refused.value.reasons[0].code == "asked_already"
        session.rollback()
    office.act("reviewer", draft, "answer_info", clock.now(), **ANSWER)
    office.act("reviewer", draft, "hold", clock.now(), **ASKED)
    with pytest.raises(NominationHeld):
        ask(office, clock, draft)


@pytest.mark.parametrize("part", ["unit_head_only", "supervisor", "admin", "nominator", "secretary"])
def test_only_who_has_the_work_asks(office: Office, session: Session, clock: FixedClock, part: str) -> None:
    number = submitted(office, clock)
    if part == "unit_head_only":
        part = "deputy"
    with pytest.raises((Forbidden, NotFound)):
        ask(office, clock, number, part)


@pytest.mark.parametrize("part", ["supervisor", "admin", "deputy"])
def test_only_the_nominator_or_who_has_the_work_answers(
    office: Office, session: Session, clock: FixedClock, part: str
) -> None:
    number = submitted(office, clock)
    ask(office, clock, number)
    with pytest.raises((Forbidden, NotFound)):
        office.act(part, number, "answer_info", clock.now(), **ANSWER)


def test_whoever_asked_takes_the_question_back_and_the_nominator_hears_of_it_once_told(
    office: Office, session: Session, clock: FixedClock
) -> None:
    number = submitted(office, clock)
    ask(office, clock, number)
    session.execute(update(Outbox).where(Outbox.notice == "info_asked").values(state="sent"))
    session.commit()
    office.act("reviewer", number, "answer_info", clock.now(), comment="Đã tìm thấy trong hồ sơ.")
    assert last_event(session, number).data["taken_back"] is True
    assert open_work(session, number).kind == WorkKind.STAGE
    assert letters(session, number, NoticeKind.WORK_GONE) == [office.ids["nominator"]]
    assert office.ids["reviewer"] not in letters(session, number, NoticeKind.INFO_ANSWERED)


@pytest.mark.parametrize(
    "ended",
    [
        ("reviewer", "approve", {}),
        ("reviewer", "return", {**RETURN, "to_step": "draft"}),
        ("nominator", "withdraw", {}),
    ],
)
def test_a_move_ends_the_question(
    office: Office, session: Session, clock: FixedClock, ended: tuple[str, str, dict[str, str]]
) -> None:
    part, move, words = ended
    number = submitted(office, clock)
    ask(office, clock, number)
    question = open_work(session, number).id
    office.act(part, number, move, clock.now(), **words)
    session.expire_all()
    closed = session.get_one(WorkItem, question)
    assert (closed.closed_at, closed.outcome) == (clock.now(), move)
    waiting = select(func.count()).where(Rung.work_item_id == question, Rung.fire_at.is_not(None))
    assert session.scalar(waiting) == 0
    others = select(func.count()).where(WorkItem.nomination_id == number, WorkItem.closed_at.is_(None))
    assert session.scalar(others) == (0 if move == "withdraw" else 1)


def test_what_is_asked_cannot_be_taken_back_by_whoever_sent_it(
    office: Office, session: Session, clock: FixedClock
) -> None:
    number = submitted(office, clock)
    ask(office, clock, number)
    with pytest.raises(AlreadyClaimed) as refused:
        office.act("nominator", number, "recall", clock.now())
    assert refused.value.reasons[0].code == "begun_already"


def test_who_was_told_of_a_question_hears_that_a_move_ended_it(
    office: Office, session: Session, clock: FixedClock
) -> None:
    number = submitted(office, clock)
    ask(office, clock, number)
    session.execute(update(Outbox).where(Outbox.notice == "info_asked").values(state="sent"))
    session.commit()
    office.act("reviewer", number, "approve", clock.now())
    assert letters(session, number, NoticeKind.WORK_GONE) == [office.ids["nominator"]]


def test_going_back_gives_what_is_asked_back_to_its_step(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    number = submitted(office, clock)
    aside = open_work(session, number).id
    ask(office, clock, number)
    due_at = open_work(session, number).due_at
    session.close()
    engine = create_engine(database.migration_url)
    with engine.connect() as connection:
        command.downgrade(_config(connection), "0042")
        connection.commit()
    engine.dispose()
    upgrade(database.migration_url, application_role=role_of(database.url))
    work = open_work(session, number)
    assert (work.id, work.due_at, work.outcome) == (aside, due_at, None)
    visit = open_visit(session, number)
    assert (visit.due_at, visit.clock_started_at is None, len(visit.holds or ())) == (due_at, False, 2)
    assert letters(session, number, NoticeKind.INFO_ASKED) == []
    office.act("reviewer", number, "approve", clock.now())
