"""A silent unit is reminded, then told of, once each; it sends its first name or answers nothing."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.importing import Desk
from tests.support.lists import row
from tests.support.office import AG, DT, Office, furnish
from tests.support.patience import PATIENCE
from tests.support.rounds import BODY_DEADLINE, NEXT, opened, returns_of
from tests.support.waiting import is_chained
from workflow.clock import FixedClock
from workflow.domain.errors import Conflict, Forbidden, InvalidField, NotFound, Refusal
from workflow.domain.facts import SignedDocument
from workflow.domain.vocabulary import Via
from workflow.operations.rounds.answers import answer_nothing, reopen_answer
from workflow.operations.rounds.rounds import close_round
from workflow.operations.submissions.compose import NewSubmission, create_submission
from workflow.operations.sweep.escalate import fire_due
from workflow.operations.sweep.firing import Fired
from workflow.store.history import Event
from workflow.store.mail import Outbox
from workflow.store.nominations import Rung, WorkItem

# The deadline is Wednesday, 15 April 2026; the unit's head hears of it on Thursday at eight in Hà Nội.
HEAD_AT = datetime(2026, 4, 16, 1, tzinfo=UTC)
PAPER = SignedDocument("12/CV-VKS", date(2026, 3, 2), "Nguyễn Văn An")


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    office = furnish(session, now=clock.now())
    opened(session, clock.now())
    return office


def mails(session: Session, return_id: int) -> Counter[tuple[str, int]]:
    rows = session.execute(
        select(Outbox.notice, Outbox.account_id).where(Outbox.expected_return_id == return_id)
    )
    return Counter((row.notice, row.account_id) for row in rows)


def history(session: Session, return_id: int) -> list[Event]:
    stream = f"expected_return:{return_id}"
    return list(session.scalars(select(Event).where(Event.stream == stream).order_by(Event.seq)))


def sent_first_name(office: Office, now: datetime) -> int:
    nomination_id = office.draft(now, round_code=NEXT).nomination_id
    office.act("nominator", nomination_id, "submit", now)
    office.act("reviewer", nomination_id, "approve", now)
    return nomination_id


def test_a_silent_unit_is_reminded_and_escalated_once_whatever_the_number_of_sweeps(
    office: Office, session: Session, clock: FixedClock, database
) -> None:
    clock.advance(datetime(2026, 4, 1, 1, tzinfo=UTC) - clock.now())
    assert fire_due(database.sessions, clock=clock) == Fired(rungs=2, mails=2)
    clock.advance(HEAD_AT - clock.now())
    start = Barrier(2)

    def sweep(_: int) -> Fired:
        start.wait(timeout=PATIENCE)
        return fire_due(database.sessions, clock=clock)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(sweep, range(2)))
    fire_due(database.sessions, clock=clock)
    owed = returns_of(session, NEXT)
    got = mails(session, owed[AG].id)
    assert got["return_escalation", office.ids["unit_head"]] == 1
    assert got["return_reminder", office.ids["nominator"]] == 1, "that of 1 April; the report says the rest"
    found = history(session, owed[AG].id)
    assert is_chained(found)
    assert [event.action for event in found] == ["expect", "remind", "remind", "remind", "remind", "escalate"]
    # Đồng Tháp has no head: the level above hears of it at once.
    assert mails(session, owed[DT].id)["return_escalation", office.ids["supervisor"]] == 1


def test_the_first_name_that_leaves_the_unit_closes_what_it_owes(
    office: Office, session: Session, clock: FixedClock
) -> None:
    nomination_id = office.draft(clock.now(), round_code=NEXT).nomination_id
    office.act("nominator", nomination_id, "submit", clock.now())
    assert returns_of(session, NEXT)[AG].sent_at is None
    office.act("reviewer", nomination_id, "approve", clock.now())
    owed = returns_of(session, NEXT)[AG]
    assert owed.sent_at == clock.now()
    work = session.scalars(select(WorkItem).where(WorkItem.expected_return_id == owed.id)).one()
    assert (work.outcome, work.closed_at) == ("sent", clock.now())
    assert set(session.scalars(select(Rung.fire_at).where(Rung.expected_return_id == owed.id))) == {None}
    assert [event.action for event in history(session, owed.id)] == ["expect", "sent"]


def test_a_rejected_name_has_not_been_sent(office: Office, session: Session, clock: FixedClock) -> None:
    nomination_id = office.draft(clock.now(), round_code=NEXT).nomination_id
    office.act("nominator", nomination_id, "submit", clock.now())
    office.act("reviewer", nomination_id, "reject", clock.now(), reason_code="standard_not_met", comment="x")
    assert returns_of(session, NEXT)[AG].sent_at is None


def answer(office: Office, part: str, now: datetime, **changes: Any) -> None:
    said: dict[str, Any] = {"round_code": NEXT, "unit_code": AG, "paper": PAPER} | changes
    answer_nothing(office.session, actor=office.actor(part, now), via=Via.API, now=now, **said)


def test_nothing_to_propose_is_answered_once_and_taken_back_until_the_round_closes(
    office: Office, session: Session, clock: FixedClock
) -> None:
    answer(office, "unit_head", clock.now())
    owed = returns_of(session, NEXT)[AG]
    assert (owed.nothing_number, owed.nothing_on, owed.answered_by) == (
        "12/CV-VKS",
        date(2026, 3, 2),
        office.ids["unit_head"],
    )
    with pytest.raises(Conflict, match="has answered already: paper 12/CV-VKS"):
        answer(office, "nominator", clock.now())
    session.rollback()
    actor = office.actor("nominator", clock.now())
    reopen_answer(session, actor=actor, round_code=NEXT, unit_code=AG, via=Via.API, now=clock.now())
    work = session.scalars(
        select(WorkItem).where(WorkItem.expected_return_id == owed.id, WorkItem.closed_at.is_(None))
    ).one()
    assert session.scalars(select(Rung.fire_at).where(Rung.work_item_id == work.id)).all().count(None) == 0
    with pytest.raises(Conflict, match="no answer"):
        reopen_answer(session, actor=actor, round_code=NEXT, unit_code=AG, via=Via.API, now=clock.now())
    session.rollback()
    close_round(session, actor=None, code=NEXT, via=Via.CLI, now=clock.now())
    with pytest.raises(Conflict, match="closed"):
        answer(office, "nominator", clock.now())


def test_an_answer_is_refused_while_somebody_is_proposed_or_after_sending(
    office: Office, session: Session, clock: FixedClock
) -> None:
    nomination_id = office.draft(clock.now(), round_code=NEXT).nomination_id
    with pytest.raises(Conflict, match="has 1 open nominations"):
        answer(office, "nominator", clock.now())
    session.rollback()
    office.act("nominator", nomination_id, "withdraw", clock.now())
    answer(office, "nominator", clock.now())
    reopen_answer(
        session,
        actor=office.actor("nominator", clock.now()),
        round_code=NEXT,
        unit_code=AG,
        via=Via.API,
        now=clock.now(),
    )
    sent_first_name(office, clock.now())
    owed = returns_of(session, NEXT)[AG]
    assert owed.sent_at == clock.now()
    assert owed.answered_at is None, "sending somebody takes the answer back"
    with pytest.raises(Conflict, match="has sent"):
        answer(office, "nominator", clock.now())


@pytest.mark.parametrize(
    ("part", "changes", "refusal"),
    [
        ("other_nominator", {}, Forbidden),
        ("supervisor", {}, Forbidden),
        ("nominator", {"paper": SignedDocument("", None, "")}, InvalidField),
        ("nominator", {"paper": SignedDocument("1", date(2026, 3, 3), "x")}, InvalidField),
        ("nominator", {"round_code": "NONE"}, NotFound),
    ],
)
def test_an_answer_without_right_or_paper_is_refused(
    office: Office, clock: FixedClock, part: str, changes: dict[str, object], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        answer(office, part, clock.now(), **changes)


def test_an_answer_and_the_first_name_at_the_same_instant_never_both_stand(
    office: Office, session: Session, clock: FixedClock, database
) -> None:
    nomination_id = office.draft(clock.now(), round_code=NEXT, person_code="NV05").nomination_id
    office.act("nominator", nomination_id, "submit", clock.now())
    session.commit()
    start = Barrier(2)

    def say_nothing() -> None:
        with database.sessions() as own:
            start.wait(timeout=PATIENCE)
            try:
                answer(Office(office.ids, own), "nominator", clock.now())
            except Refusal:
                own.rollback()

    def send(nomination_id: int) -> None:
        with database.sessions() as own:
            start.wait(timeout=PATIENCE)
            Office(office.ids, own).act("reviewer", nomination_id, "approve", clock.now())

    with ThreadPoolExecutor(2) as pool:
        both = pool.submit(say_nothing), pool.submit(send, nomination_id)
        for one in both:
            one.result()
    session.rollback()
    owed = returns_of(session, NEXT)[AG]
    assert owed.sent_at is not None
    assert owed.answered_at is None


def test_the_deadline_the_tests_speak_of_is_the_rounds(office: Office, session: Session) -> None:
    assert returns_of(session, NEXT)[AG].due_on == BODY_DEADLINE


def draft_in(office: Office, now: datetime, person: str = "NV04") -> int:
    return office.draft(now, round_code=NEXT, person_code=person).nomination_id


def answered(office: Office, clock: FixedClock) -> None:
    answer_nothing(
        office.session,
        actor=office.actor("reviewer", clock.now()),
        round_code=NEXT,
        unit_code=AG,
        paper=PAPER,
        via=Via.API,
        now=clock.now(),
    )


def test_a_unit_that_answered_nothing_takes_that_back_before_it_drafts(office, session, clock):
    now = clock.now()
    answered(office, clock)
    new = NewSubmission(NEXT, AG, [row("NV04")])
    nominator = office.actor("nominator", now)
    for propose in (
        lambda: draft_in(office, now),
        lambda: create_submission(session, actor=nominator, new=new, via=Via.API, now=now),
    ):
        with pytest.raises(Conflict) as refused:
            propose()
        session.rollback()
        [reason] = refused.value.reasons
        assert (reason.code, reason.params) == ("answered_nothing", {"unit": AG, "number": PAPER.number})
        assert "take the answer back on the round's page" in reason.message
    line = f"{NEXT},{AG},12/TTr,02/03/2026,Nguyễn Văn An,NV04,CSTDCS,Hoàn thành tốt,Trần Thị Bích\n"
    header = "đợt xét,đơn vị,số tờ trình,ngày ký,người ký,mã cán bộ,danh hiệu,thành tích,người đề nghị\n"
    desk = Desk(session, now, nominator)
    [bad] = desk.bad("submission", header + line)
    assert "proposes nothing (paper 12/CV-VKS)" in bad
    reopen_answer(session, actor=nominator, round_code=NEXT, unit_code=AG, via=Via.API, now=now)
    made = create_submission(session, actor=nominator, new=new, via=Via.API, now=now)
    assert len(made.submissions) == 1
    # Another round's answer is no answer here, and another unit's neither.
    assert office.draft(now, person_code="NV05").nomination_id


@pytest.mark.parametrize("run", range(5))
def test_of_an_answer_and_a_draft_at_once_one_is_refused(office, session, database, clock, run):
    now, barrier = clock.now(), Barrier(2)
    actors = {part: office.actor(part, now) for part in ("nominator", "reviewer")}
    session.rollback()

    def draft() -> str:
        with database.sessions() as mine:
            barrier.wait(timeout=PATIENCE)
            try:
                Office(office.ids, mine).draft(now, round_code=NEXT)
            except Conflict as refused:
                return refused.reasons[0].code
            return "drafted"

    def answer() -> str:
        with database.sessions() as mine:
            barrier.wait(timeout=PATIENCE)
            try:
                answer_nothing(
                    mine, actor=actors["reviewer"], round_code=NEXT, unit_code=AG, paper=PAPER,
                    via=Via.API, now=now,
                )  # fmt: skip
            except Conflict as refused:
                return refused.reasons[0].code
            return "answered"

    with ThreadPoolExecutor(2) as threads:
        ends = {one.result(60) for one in (threads.submit(draft), threads.submit(answer))}
    assert ends in ({"drafted", "nominations_live"}, {"answered", "answered_nothing"})
