"""Who has work in hand: since when, how long, and who may take it over out of whose hands."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tests.integration.test_grants import REVIEWER, history
from tests.support.office import Office, furnish
from tests.support.patience import PATIENCE
from tests.support.waiting import submitted
from workflow.clock import FixedClock
from workflow.domain.errors import (
    AlreadyClaimed,
    Forbidden,
    MoveNotOpen,
    RequirementsMissing,
    StaleNomination,
)
from workflow.domain.facts import MoveRequest
from workflow.domain.vocabulary import NoticeKind, Via
from workflow.operations.deadlines.claims import release_ended_claims
from workflow.operations.history.streams import append_event
from workflow.operations.nominations.commands import Command
from workflow.operations.nominations.decide import decide
from workflow.queries.history.audit import verify_chains
from workflow.queries.nominations.nomination import get_nomination
from workflow.store.access import Grant
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination, WorkItem

WHY = {"comment": "Đồng chí ấy đi công tác đột xuất."}
DAYS = 3


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    """Let three sit where the unit reviews, its head among them, and claims end."""
    session.info["claim_days"] = DAYS
    office = furnish(session, now=clock.now())
    for part, key in (("stranger", REVIEWER), ("deputy", REVIEWER)):
        account_id = office.ids[part]
        session.add(Grant(account_id=account_id, key=key, valid_from=date(2020, 1, 1)))
        session.flush()
        append_event(session, f"account:{account_id}", "grant", actor=None, via=Via.CLI, now=clock.now())
    session.commit()
    return office


def in_hand(session: Session, number: int) -> WorkItem:
    session.expire_all()
    found = select(WorkItem).where(WorkItem.nomination_id == number, WorkItem.closed_at.is_(None))
    return session.scalars(found).one()


def told(session: Session, number: int, notice: NoticeKind) -> list[int]:
    found = select(Outbox.account_id).where(Outbox.nomination_id == number, Outbox.notice == notice)
    return sorted(session.scalars(found))


def test_who_leads_takes_over_with_a_reason_and_who_had_it_is_told(office, session, clock):
    number = submitted(office, clock.now())
    office.act("stranger", number, "claim", clock.now())
    clock.advance(timedelta(hours=3))
    with pytest.raises(RequirementsMissing):
        office.act("unit_head", number, "take_over", clock.now())
    session.rollback()
    office.act("unit_head", number, "take_over", clock.now(), **WHY)
    work = in_hand(session, number)
    assert (work.assignee_id, work.taken_at) == (office.ids["unit_head"], clock.now())
    assert told(session, number, NoticeKind.WORK_GONE) == [office.ids["stranger"]]
    assert history(session, f"nomination:{number}")[-1] == (
        "take_over",
        {"assignee": office.ids["unit_head"]},
    )
    with pytest.raises(AlreadyClaimed):
        office.act("stranger", number, "approve", clock.now())
    session.rollback()
    with pytest.raises(AlreadyClaimed):
        office.act("unit_head", number, "take_over", clock.now(), **WHY)
    session.rollback()
    office.act("unit_head", number, "approve", clock.now())
    assert verify_chains(session).problems == ()


def test_who_sits_there_without_leading_takes_nothing_over(office, session, clock):
    number = submitted(office, clock.now())
    office.act("stranger", number, "claim", clock.now())
    for part in ("deputy", "stranger", "other_reviewer", "nominator"):
        with pytest.raises(Exception) as refused:  # noqa: PT011 - not seen or not theirs
            office.act(part, number, "take_over", clock.now(), **WHY)
        assert type(refused.value).__name__ in {"Forbidden", "NotFound"}, part
        session.rollback()
    assert in_hand(session, number).assignee_id == office.ids["stranger"]


def test_who_leads_and_does_not_sit_there_is_told_to_hand_it_over(office, session, clock):
    session.execute(delete(Grant).where(Grant.account_id == office.ids["unit_head"], Grant.key == REVIEWER))
    session.commit()
    number = submitted(office, clock.now())
    office.act("stranger", number, "claim", clock.now())
    with pytest.raises(Forbidden) as refused:
        office.act("unit_head", number, "take_over", clock.now(), **WHY)
    assert [reason.code for reason in refused.value.reasons] == ["leads_only"]
    session.rollback()
    office.act("unit_head", number, "reassign", clock.now(), assignee_id=office.ids["deputy"])
    work = in_hand(session, number)
    assert (work.taken_at, work.claimed_until) == (clock.now(), None), "who was given it keeps it"


def test_what_nobody_took_is_taken_on_and_the_nominee_steers_nothing(office, session, clock):
    number = submitted(office, clock.now())
    with pytest.raises(MoveNotOpen):
        office.act("unit_head", number, "take_over", clock.now(), **WHY)
    session.rollback()
    own = submitted(office, clock.now(), person="NV02")
    office.act("deputy", own, "claim", clock.now())
    for action in ("take_over", "claim"):
        with pytest.raises(Forbidden):
            office.act("unit_head", own, action, clock.now(), **WHY)
        session.rollback()


def test_of_a_decision_and_a_take_over_at_the_same_moment_one_is_done(office, session, database, clock):
    number = submitted(office, clock.now())
    office.act("stranger", number, "claim", clock.now())
    version = session.scalars(select(Nomination.version).where(Nomination.id == number)).one()
    session.commit()
    both = Barrier(2)

    def act(part: str, request: MoveRequest) -> str:
        with database.sessions() as own:
            own.info["claim_days"] = DAYS
            actor = Office(office.ids, own).actor(part, clock.now())
            own.commit()
            both.wait(PATIENCE)
            try:
                decide(own, actor=actor, command=Command(number, version, request, Via.API), now=clock.now())
            except (StaleNomination, AlreadyClaimed, MoveNotOpen):
                return "late"
            return "done"

    with ThreadPoolExecutor(2) as pool:
        decided = pool.submit(act, "stranger", MoveRequest("approve"))
        taken = pool.submit(act, "unit_head", MoveRequest("take_over", comment=WHY["comment"]))
        assert sorted((decided.result(PATIENCE), taken.result(PATIENCE))) == ["done", "late"]
    session.expire_all()
    assert verify_chains(session).problems == ()


def test_what_somebody_took_and_does_not_decide_goes_back_to_the_group(office, session, database, clock):
    number = submitted(office, clock.now())
    office.act("stranger", number, "claim", clock.now())
    # Taken on a Monday it is theirs through Thursday.
    assert in_hand(session, number).claimed_until == date(2026, 3, 5)
    actor = office.actor("deputy", clock.now())
    shown = get_nomination(session, actor=actor, nomination_id=number, now=clock.now()).holder
    assert (shown.assignee.id, shown.since, shown.until) == (
        office.ids["stranger"],
        clock.now(),
        date(2026, 3, 5),
    )
    clock.advance(timedelta(days=3))
    assert release_ended_claims(database.sessions, clock=clock) == 0
    clock.advance(timedelta(days=1))
    opened = told(session, number, NoticeKind.WORK_OPENED)
    assert release_ended_claims(database.sessions, clock=clock) == 1
    assert release_ended_claims(database.sessions, clock=clock) == 0
    work = in_hand(session, number)
    assert (work.assignee_id, work.taken_at, work.claimed_until) == (None, None, None)
    assert history(session, f"nomination:{number}")[-1] == (
        "release",
        {"assignee": None, "was": office.ids["stranger"], "lapsed": True},
    )
    fresh = len(told(session, number, NoticeKind.WORK_OPENED)) - len(opened)
    assert fresh == 3, "everybody who sits there is told, whoever had it too"
    office.act("deputy", number, "approve", clock.now())
    assert verify_chains(session).problems == ()


def test_a_day_that_is_over_counts_before_the_row_follows(office, session, clock):
    number = submitted(office, clock.now())
    office.act("stranger", number, "claim", clock.now())
    clock.advance(timedelta(days=4))
    assert in_hand(session, number).assignee_id == office.ids["stranger"]
    office.act("deputy", number, "approve", clock.now())


def test_on_hold_no_day_is_over_and_afterwards_it_counts_anew(office, session, database, clock):
    number = submitted(office, clock.now())
    office.act("stranger", number, "claim", clock.now())
    office.act("stranger", number, "hold", clock.now(), comment="Chờ xác minh.")
    deputy = office.actor("deputy", clock.now())
    shown = get_nomination(session, actor=deputy, nomination_id=number, now=clock.now()).holder
    assert (shown.assignee.id, shown.until) == (office.ids["stranger"], None), "by no day that is told"
    clock.advance(timedelta(days=14))
    assert release_ended_claims(database.sessions, clock=clock) == 0
    office.act("stranger", number, "release_hold", clock.now())
    assert in_hand(session, number).claimed_until == date(2026, 3, 19)
    assert release_ended_claims(database.sessions, clock=clock) == 0


def test_where_claims_do_not_end_nothing_goes_back(office, session, database, clock):
    session.info["claim_days"] = 0
    number = submitted(office, clock.now())
    office.act("stranger", number, "claim", clock.now())
    assert in_hand(session, number).claimed_until is None
    clock.advance(timedelta(days=60))
    assert release_ended_claims(database.sessions, clock=clock) == 0
