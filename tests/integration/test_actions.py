"""Each action on a nomination, at the right time and at the wrong one, on a real database."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.office import AG, PAPER, Office, furnish
from workflow.clock import FixedClock
from workflow.domain.errors import (
    AlreadyClaimed,
    Conflict,
    Forbidden,
    InvalidField,
    MoveNotOpen,
    NominationHeld,
    RequirementsMissing,
    StaleNomination,
)
from workflow.domain.facts import MoveRequest, SignedDocument
from workflow.domain.vocabulary import Via
from workflow.operations.keys import Claim
from workflow.operations.nominations.commands import Command
from workflow.operations.nominations.decide import decide
from workflow.store.history import Event, EventText, RequestKey
from workflow.store.mail import Outbox
from workflow.store.nominations import Decision, Nomination, Rung, Visit, WorkItem

RETURN = {"reason_code": "dossier_incomplete", "comment": "Thiếu biên bản họp."}


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    """Furnish the small sector on Monday morning."""
    return furnish(session, now=clock.now())


def submitted(office: Office, clock: FixedClock, **changes: str | None) -> int:
    nomination_id = office.draft(clock.now(), **changes).nomination_id
    office.act("nominator", nomination_id, "submit", clock.now())
    return nomination_id


def open_work(session: Session, nomination_id: int) -> WorkItem:
    session.expire_all()
    return session.scalars(
        select(WorkItem).where(WorkItem.nomination_id == nomination_id, WorkItem.closed_at.is_(None))
    ).one()


def last_event(session: Session, nomination_id: int) -> Event:
    stream = f"nomination:{nomination_id}"
    return session.scalars(
        select(Event).where(Event.stream == stream).order_by(Event.seq.desc()).limit(1)
    ).one()


def test_a_return_lands_with_its_author_with_the_reason_on_record(
    office: Office, session: Session, clock: FixedClock
) -> None:
    nomination_id = submitted(office, clock)
    office.act("reviewer", nomination_id, "return", clock.now(), to_step="draft", **RETURN)
    work, event = open_work(session, nomination_id), last_event(session, nomination_id)
    assert work.assignee_id == office.ids["nominator"]
    assert event.reason_code == "dossier_incomplete"
    assert session.get_one(EventText, event.id).text == RETURN["comment"]
    mail = session.scalars(select(Outbox).where(Outbox.event_id == event.id)).one()
    assert (mail.notice, mail.account_id) == ("returned", office.ids["nominator"])


def test_a_nomination_returned_twice_has_a_full_budget_each_time(
    office: Office, session: Session, clock: FixedClock
) -> None:
    nomination_id = submitted(office, clock)
    office.act("reviewer", nomination_id, "return", clock.now(), to_step="draft", **RETURN)
    clock.advance(timedelta(days=7))
    office.act("nominator", nomination_id, "submit", clock.now())
    visit = session.scalars(select(Visit).where(Visit.left_at.is_(None))).one()
    assert (visit.step, visit.ordinal, visit.budget_minutes, visit.consumed_minutes) == (
        "unit_review",
        4,
        2400,
        0,
    )


def test_the_sender_may_recall_until_somebody_claims(
    office: Office, session: Session, clock: FixedClock
) -> None:
    nomination_id = submitted(office, clock)
    office.act("nominator", nomination_id, "recall", clock.now())
    assert session.get_one(Nomination, nomination_id, populate_existing=True).state == "draft"
    with pytest.raises(MoveNotOpen):
        office.act("nominator", nomination_id, "recall", clock.now())
    session.rollback()
    office.act("nominator", nomination_id, "submit", clock.now())
    office.act("reviewer", nomination_id, "claim", clock.now())
    with pytest.raises(AlreadyClaimed):
        office.act("nominator", nomination_id, "recall", clock.now())
    session.rollback()
    with pytest.raises(Forbidden):
        office.act("reviewer", nomination_id, "recall", clock.now())


def test_withdrawal_is_the_proposers_and_final_and_closed_once_the_council_has_spoken(
    office: Office, session: Session, clock: FixedClock
) -> None:
    nomination_id = submitted(office, clock)
    with pytest.raises(Forbidden):
        office.act("reviewer", nomination_id, "withdraw", clock.now())
    session.rollback()
    office.act("reviewer", nomination_id, "approve", clock.now())
    office.act("secretary", nomination_id, "approve", clock.now())
    with pytest.raises(MoveNotOpen):
        office.act("nominator", nomination_id, "withdraw", clock.now())
    session.rollback()
    second = submitted(office, clock, person_code="NV05")
    office.act("nominator", second, "withdraw", clock.now())
    with pytest.raises(MoveNotOpen):
        office.act("nominator", second, "withdraw", clock.now())


def test_claimed_work_is_its_holders_until_released_or_handed_over(
    office: Office, session: Session, clock: FixedClock
) -> None:
    nomination_id = submitted(office, clock)
    office.act("reviewer", nomination_id, "claim", clock.now())
    with pytest.raises(AlreadyClaimed):
        office.act("reviewer", nomination_id, "claim", clock.now())
    session.rollback()
    with pytest.raises(InvalidField):
        office.act("reviewer", nomination_id, "reassign", clock.now(), assignee_id=office.ids["secretary"])
    session.rollback()
    office.act("reviewer", nomination_id, "reassign", clock.now(), assignee_id=office.ids["deputy"])
    assert open_work(session, nomination_id).assignee_id == office.ids["deputy"]
    with pytest.raises(AlreadyClaimed):
        office.act("reviewer", nomination_id, "approve", clock.now())
    session.rollback()
    office.act("admin", nomination_id, "release", clock.now())
    office.act("reviewer", nomination_id, "approve", clock.now())


def test_a_hold_stops_every_move_the_clock_and_the_reminders(
    office: Office, session: Session, clock: FixedClock
) -> None:
    nomination_id = submitted(office, clock)
    due_before = open_work(session, nomination_id).due_at
    clock.advance(timedelta(days=2))
    with pytest.raises(RequirementsMissing):
        office.act("reviewer", nomination_id, "hold", clock.now())
    session.rollback()
    office.act("reviewer", nomination_id, "hold", clock.now(), comment="Đang xác minh đơn.")
    assert open_work(session, nomination_id).due_at is None
    assert session.scalar(select(func.count()).where(Rung.fire_at.is_not(None))) == 0
    with pytest.raises(NominationHeld):
        office.act("reviewer", nomination_id, "approve", clock.now())
    session.rollback()
    clock.advance(timedelta(days=7))
    office.act("admin", nomination_id, "release_hold", clock.now())
    # Seven days later to the minute, with no holiday between: the remaining time is the same as before.
    assert due_before is not None
    assert open_work(session, nomination_id).due_at == due_before + timedelta(days=7)
    assert session.scalar(select(func.count()).where(Rung.fire_at.is_not(None))) == 5


def test_a_reviewers_own_nomination_goes_to_the_deputy(
    office: Office, session: Session, clock: FixedClock
) -> None:
    nomination_id = submitted(office, clock, person_code="NV02")
    work, event = open_work(session, nomination_id), last_event(session, nomination_id)
    assert work.owner_key == f"unit_deputy@unit:{AG}"
    assert event.data["routed_to"] == f"unit_deputy@unit:{AG}"
    with pytest.raises(Forbidden):
        office.act("reviewer", nomination_id, "approve", clock.now())
    session.rollback()
    office.act("deputy", nomination_id, "approve", clock.now())


def test_the_same_person_in_several_seats_is_on_record(
    office: Office, session: Session, clock: FixedClock
) -> None:
    nomination_id = submitted(office, clock, award_code="LDTT")
    office.act("reviewer", nomination_id, "approve", clock.now())
    assert "also_acted_in" not in last_event(session, nomination_id).data
    office.act("unit_head", nomination_id, "approve", clock.now(), decision=PAPER)
    assert last_event(session, nomination_id).data["also_acted_in"] == ["unit_review"]


def test_a_collective_goes_by_way_of_its_cluster(office: Office, session: Session, clock: FixedClock) -> None:
    nomination_id = submitted(office, clock, award_code="TTLDXS", person_code=None)
    office.act("reviewer", nomination_id, "approve", clock.now())
    assert open_work(session, nomination_id).owner_key == "cluster_head@cluster:2026/VKSTC/1"
    office.act("cluster_head", nomination_id, "approve", clock.now())
    assert session.get_one(Nomination, nomination_id, populate_existing=True).state == "council"


def test_one_decision_number_covers_many_names_but_never_two_dates(
    office: Office, session: Session, clock: FixedClock
) -> None:
    ids = [submitted(office, clock), submitted(office, clock, person_code="NV05")]
    for nomination_id in ids:
        office.act("reviewer", nomination_id, "approve", clock.now())
        office.act("secretary", nomination_id, "approve", clock.now())
    office.act("head", ids[0], "approve", clock.now(), decision=PAPER)
    other = SignedDocument(PAPER.number, PAPER.signed_on - timedelta(days=1), PAPER.signer)
    with pytest.raises(Conflict):
        office.act("head", ids[1], "approve", clock.now(), decision=other)
    session.rollback()
    office.act("head", ids[1], "approve", clock.now(), decision=PAPER)
    assert session.scalar(select(func.count()).select_from(Decision)) == 1


def test_a_stale_version_says_who_was_faster(office: Office, session: Session, clock: FixedClock) -> None:
    nomination_id = submitted(office, clock)
    stale = Command(nomination_id, 1, MoveRequest(action="approve"), Via.API)
    with pytest.raises(StaleNomination) as refused:
        decide(session, actor=office.actor("reviewer", clock.now()), command=stale, now=clock.now())
    assert refused.value.params["changed_by"].startswith("nominator")


def test_the_same_key_answers_again_and_writes_once(
    office: Office, session: Session, clock: FixedClock
) -> None:
    nomination_id = submitted(office, clock)
    actor = office.actor("reviewer", clock.now())
    command = Command(
        nomination_id, 2, MoveRequest(action="approve"), Via.API, Claim("k1", "approve", b"m" * 32)
    )
    first = decide(session, actor=actor, command=command, now=clock.now())
    again = decide(session, actor=actor, command=command, now=clock.now())
    assert (again.version, again.seq, again.was_answered_before) == (first.version, first.seq, True)
    assert session.scalar(select(func.count()).where(Event.stream == f"nomination:{nomination_id}")) == 3


def test_a_refusal_keeps_no_key(office: Office, session: Session, clock: FixedClock) -> None:
    nomination_id = submitted(office, clock)
    command = Command(
        nomination_id,
        2,
        MoveRequest(action="return", to_step="draft"),
        Via.API,
        Claim("k2", "return", b"m" * 32),
    )
    with pytest.raises(RequirementsMissing):
        decide(session, actor=office.actor("reviewer", clock.now()), command=command, now=clock.now())
    session.rollback()
    assert session.scalar(select(func.count()).select_from(RequestKey)) == 0
