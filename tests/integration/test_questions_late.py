"""A question that nobody answers, asked at the same instant, and answered by whom it concerns."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from email.message import EmailMessage
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.integration.test_actions import open_work, submitted
from tests.integration.test_questions import ANSWER, ASKED
from tests.support.mail import Scene, mail_server
from tests.support.office import AG, DT, Office, furnish
from tests.support.patience import PATIENCE
from tests.support.waiting import add_account, events, is_chained
from workflow.clock import FixedClock
from workflow.domain.errors import Forbidden, MoveNotOpen, Refusal, StaleNomination
from workflow.domain.facts import MoveRequest
from workflow.domain.vocabulary import NoticeKind, Via, WorkKind
from workflow.operations.escalations.telephone import Call, note_call
from workflow.operations.nominations.commands import Command
from workflow.operations.nominations.decide import decide
from workflow.operations.sweep.escalate import fire_due
from workflow.store.access import Account, Grant
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.organisation import Unit, UnitEdition
from workflow.store.people import load_actor

DAY = date(2026, 3, 4)
SAYS = {
    "vi": ("Chưa có trả lời, hạn ", "chưa có trả lời", "rút yêu cầu"),
    "en": ("No answer yet, due ", "there is no answer", "take the question back"),
}


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish(session, now=clock.now())


@pytest.fixture
def scene(session: Session, clock: FixedClock, database: Database) -> Iterator[Scene]:
    with mail_server() as server:
        yield Scene(furnish(session, now=clock.now()), session, database.sessions, clock, server)


def told(session: Session, number: int) -> list[tuple[str, int]]:
    session.rollback()
    kinds = [NoticeKind.REMINDER, NoticeKind.ESCALATION]
    rows = select(Outbox.notice, Outbox.account_id).where(
        Outbox.nomination_id == number, Outbox.notice.in_(kinds)
    )
    return [(row.notice, row.account_id) for row in session.execute(rows.order_by(Outbox.created_at))]


def sweep(clock: FixedClock, database: Database, days: int) -> None:
    for _ in range(2 * days):
        clock.advance(timedelta(hours=12))
        fire_due(database.sessions, clock=clock)


def plain(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return " ".join(str(body.get_content()).split())


@pytest.mark.parametrize("locale", SAYS)
def test_whoever_asked_reads_the_morning_after_the_day_that_there_is_no_answer(
    scene: Scene, database: Database, locale: str
) -> None:
    office, clock = scene.office, scene.clock
    office.session.execute(update(Account).values(locale=locale))
    office.session.commit()
    number = submitted(office, clock)
    office.act("reviewer", number, "request_info", clock.now(), **ASKED, answer_by=DAY)
    sweep(clock, database, 4)
    scene.deliver()
    subject, said, what = SAYS[locale]
    [mail] = [one for one in scene.server.inbox.of("nv02@example.vn") if subject in one["Subject"]]
    for part in mail.walk():
        if part.get_content_maintype() == "text":
            written = " ".join(part.get_content().split())
            assert said in written
            assert what in written
            assert ASKED["comment"] in written
    letters = scene.server.inbox.mails
    # The question, its reminder, the report to the head, and that there is no answer.
    assert len(letters) == 4
    assert all(ASKED["comment"] in plain(one) for one in letters)
    assert is_chained(events(office.session, number))


def test_who_took_the_work_over_meanwhile_is_told_in_the_place_of_who_asked(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    office.ids["second"] = add_account(session, "second@example.vn", f"unit_reviewer@unit:{AG}", clock.now())
    number = submitted(office, clock)
    office.act("reviewer", number, "request_info", clock.now(), **ASKED, answer_by=DAY)
    office.act("reviewer", number, "reassign", clock.now(), assignee_id=office.ids["second"], comment="Nghỉ.")
    sweep(clock, database, 4)
    # The reviewer heads the unit too, and hears of it as such.
    assert (NoticeKind.REMINDER, office.ids["second"]) in told(session, number)
    assert (NoticeKind.REMINDER, office.ids["reviewer"]) not in told(session, number)


def test_who_asked_has_nothing_to_answer_that_a_colleagues_decision_could_end(
    scene: Scene, session: Session, clock: FixedClock, database: Database
) -> None:
    office = scene.office
    office.ids["second"] = add_account(session, "second@example.vn", f"unit_reviewer@unit:{AG}", clock.now())
    number = submitted(office, clock)
    office.act("reviewer", number, "request_info", clock.now(), **ASKED, answer_by=DAY)
    sweep(clock, database, 4)
    scene.deliver()
    session.rollback()
    office.act("second", number, "approve", clock.now())
    gone = select(Outbox.account_id).where(Outbox.notice == NoticeKind.WORK_GONE)
    assert session.scalars(gone).all() == [office.ids["nominator"]]


def test_nobody_is_told_of_a_missing_answer_that_came(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    number = submitted(office, clock)
    office.act("reviewer", number, "request_info", clock.now(), **ASKED, answer_by=DAY)
    office.act("nominator", number, "answer_info", clock.now(), **ANSWER)
    sweep(clock, database, 5)
    assert [who for kind, who in told(session, number) if who == office.ids["nominator"]] == []


def test_who_was_told_that_an_answer_is_late_may_note_a_call_about_it(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    """Nobody heads the unit that owes the answer, so the head above it hears of it, and is to act."""
    number = submitted(office, clock)
    above = select(Unit.id).where(Unit.code == DT).scalar_subquery()
    unit = select(Unit.id).where(Unit.code == AG).scalar_subquery()
    session.execute(update(UnitEdition).where(UnitEdition.unit_id == unit).values(parent_id=above))
    head = add_account(session, "above@example.vn", f"head@unit:{DT}", clock.now())
    session.execute(update(Grant).where(Grant.key == f"head@unit:{AG}").values(valid_to=date(2026, 3, 2)))
    session.commit()
    office.act("reviewer", number, "request_info", clock.now(), **ASKED, answer_by=DAY)
    sweep(clock, database, 4)
    reached = {who for kind, who in told(session, number) if kind == NoticeKind.ESCALATION}
    assert reached == {head}
    words = Call(date(2026, 3, 5), "Chị Bích", "Trả lời trước thứ Sáu", nomination_id=number)
    actor = load_actor(session, head, today=clock.now().date())
    assert actor is not None
    note_call(session, actor=actor, call=words, via=Via.WEB, now=clock.now())


def at_once(office: Office, clock: FixedClock, database: Database, *wanted: tuple[str, Command]) -> list[str]:
    start = Barrier(len(wanted))

    def work(one: tuple[str, Command]) -> str:
        part, command = one
        with database.sessions() as session:
            actor = load_actor(session, office.ids[part], today=clock.now().date())
            assert actor is not None
            start.wait(PATIENCE)
            try:
                decide(session, actor=actor, command=command, now=clock.now())
            except Refusal as refusal:
                return type(refusal).__name__
            return "done"

    with ThreadPoolExecutor(len(wanted)) as pool:
        return list(pool.map(work, wanted))


def commanded(number: int, version: int, action: str, **request: Any) -> Command:
    return Command(number, version, MoveRequest(action=action, **request), Via.API)


def test_two_who_ask_at_the_same_instant_leave_one_question(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    office.ids["second"] = add_account(session, "second@example.vn", f"unit_reviewer@unit:{AG}", clock.now())
    number = submitted(office, clock)
    version = session.get_one(Nomination, number).version
    session.commit()
    asks = commanded(number, version, "request_info", **ASKED)
    done = at_once(office, clock, database, ("reviewer", asks), ("second", asks))
    assert sorted(done) == sorted(["done", StaleNomination.__name__])
    assert open_work(session, number).kind == WorkKind.ANSWER
    assert is_chained(events(session, number))


def test_an_answer_and_a_decision_at_the_same_instant_are_one_of_the_two(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    number = submitted(office, clock)
    for _ in range(5):
        office.act("reviewer", number, "request_info", clock.now(), **ASKED)
        version = session.get_one(Nomination, number).version
        session.commit()
        done = at_once(
            office,
            clock,
            database,
            ("nominator", commanded(number, version, "answer_info", **ANSWER)),
            ("reviewer", commanded(number, version, "hold", comment="Chờ xác minh.")),
        )
        assert done[0] == "done"
        assert done[1] in {MoveNotOpen.__name__, StaleNomination.__name__}
    version = session.get_one(Nomination, number, populate_existing=True).version
    office.act("reviewer", number, "request_info", clock.now(), **ASKED)
    session.commit()
    done = at_once(
        office,
        clock,
        database,
        ("nominator", commanded(number, version + 1, "answer_info", **ANSWER)),
        ("reviewer", commanded(number, version + 1, "approve")),
    )
    assert sorted(done) == sorted(["done", StaleNomination.__name__])
    left = session.scalars(select(WorkItem).where(WorkItem.nomination_id == number))
    assert len([one for one in left if one.closed_at is None]) == 1
    assert is_chained(events(session, number))


def test_the_nominee_who_drafts_answers_and_asks_nothing(
    office: Office, session: Session, clock: FixedClock
) -> None:
    number = submitted(office, clock, person_code="NV01")
    office.act("reviewer", number, "request_info", clock.now(), **ASKED)
    work = open_work(session, number)
    mails = session.scalars(select(Outbox.account_id).where(Outbox.work_item_id == work.id)).all()
    assert office.ids["nominator"] in mails
    with pytest.raises((Forbidden, MoveNotOpen)):
        office.act("nominator", number, "request_info", clock.now(), **ASKED)
    session.rollback()
    office.act("nominator", number, "answer_info", clock.now(), **ANSWER)
    assert open_work(session, number).kind == WorkKind.STAGE


def test_a_stay_held_after_an_answer_counts_both_pauses_once(
    office: Office, session: Session, clock: FixedClock
) -> None:
    number = submitted(office, clock)
    due_at = open_work(session, number).due_at
    clock.advance(timedelta(days=1, hours=2))
    for stop, go, part in (
        ("request_info", "answer_info", "nominator"),
        ("hold", "release_hold", "reviewer"),
    ):
        office.act("reviewer", number, stop, clock.now(), **ASKED)
        clock.advance(timedelta(days=7))
        office.act(part, number, go, clock.now(), **ANSWER)
    # Two weeks without a holiday in them: two weeks later.
    assert due_at is not None
    assert open_work(session, number).due_at == due_at + timedelta(days=14)
