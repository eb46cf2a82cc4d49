"""A claim rests on its seat: it ends with it and is nothing without it; who waits acts by what they hold."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Event as Signal

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.orm import Session

from tests.conftest import MONDAY, Database
from tests.integration.test_grants import EMAIL, REVIEWER, history, revoke
from tests.support.office import AG, Office, furnish
from tests.support.patience import PATIENCE
from workflow.clock import FixedClock
from workflow.domain.errors import Forbidden, NotFound
from workflow.domain.facts import MoveRequest
from workflow.domain.vocabulary import NoticeKind, Via
from workflow.operations.deadlines.claims import release_ended_claims
from workflow.operations.history.streams import append_event
from workflow.operations.nominations.commands import Command
from workflow.operations.nominations.decide import decide
from workflow.operations.people.bearer_tokens import issue_token
from workflow.queries.history.audit import verify_chains
from workflow.queries.inbox.inbox import inbox
from workflow.store.access import Account, ApiToken, Grant
from workflow.store.history import Event
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination, WorkItem


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish(session, now=clock.now())


def second_reviewer(office: Office) -> None:
    stranger = office.ids["stranger"]
    office.session.add(Grant(account_id=stranger, key=REVIEWER, valid_from=date(2020, 1, 1)))
    office.session.flush()
    append_event(office.session, f"account:{stranger}", "grant", actor=None, via=Via.CLI, now=MONDAY)
    office.session.commit()


def claimed(office: Office, clock: FixedClock) -> int:
    nomination_id = office.draft(clock.now()).nomination_id
    office.act("nominator", nomination_id, "submit", clock.now())
    office.act("reviewer", nomination_id, "claim", clock.now())
    return nomination_id


def holder(session: Session, nomination_id: int) -> int | None:
    session.expire_all()
    return session.scalar(
        select(WorkItem.assignee_id).where(
            WorkItem.nomination_id == nomination_id, WorkItem.closed_at.is_(None)
        )
    )


def test_what_was_claimed_from_a_seat_goes_back_to_its_group_with_it(office, session, clock):
    second_reviewer(office)
    nomination_id = claimed(office, clock)
    token = issue_token(session, actor=None, email=EMAIL, days=9, via=Via.CLI, now=clock.now())
    ended = revoke(session, clock)
    assert (ended.released_count, ended.empty_seats) == (1, ())
    assert holder(session, nomination_id) is None
    assert history(session, f"account:{office.ids['reviewer']}")[-1] == ("revoke", {"grants": [REVIEWER]})
    assert history(session, f"nomination:{nomination_id}")[-1][0] == "release"
    release = select(Event.id).where(Event.stream == f"nomination:{nomination_id}", Event.action == "release")
    told = session.execute(select(Outbox.notice, Outbox.account_id).where(Outbox.event_id.in_(release))).all()
    assert told == [(NoticeKind.WORK_OPENED, office.ids["stranger"])]
    assert session.scalar(select(func.count()).select_from(ApiToken)) == 1, token.email
    with pytest.raises((Forbidden, NotFound)):
        office.act("reviewer", nomination_id, "approve", clock.now())
    session.rollback()
    office.act("stranger", nomination_id, "approve", clock.now())
    assert verify_chains(session).problems == ()


def test_a_seat_that_nobody_holds_now_is_named(office, session, clock):
    claimed(office, clock)
    ended = revoke(session, clock)
    assert ended.empty_seats == (REVIEWER,)


@pytest.mark.parametrize("how", ["ran out", "not begun", "disabled"])
def test_a_claim_counts_for_nothing_without_its_seat_even_before_it_is_given_back(
    office, session, clock, how
):
    second_reviewer(office)
    nomination_id = claimed(office, clock)
    session.execute(delete(Grant).where(Grant.key == f"head@unit:{AG}"))
    mine = (Grant.account_id == office.ids["reviewer"], Grant.key == REVIEWER)
    today = clock.now().date()
    if how == "ran out":
        session.execute(update(Grant).where(*mine).values(valid_to=today))
    elif how == "not begun":
        session.execute(update(Grant).where(*mine).values(valid_from=today + timedelta(days=3)))
    else:
        session.execute(
            update(Account).where(Account.id == office.ids["reviewer"]).values(disabled_at=clock.now())
        )
    session.commit()
    assert holder(session, nomination_id) == office.ids["reviewer"]
    if how != "disabled":
        for action in ("approve", "release", "hold"):
            with pytest.raises((Forbidden, NotFound)):
                office.act(
                    "reviewer", nomination_id, action, clock.now(), comment="Lý do." * (action == "hold")
                )
            session.rollback()
    office.act("stranger", nomination_id, "approve", clock.now())


def test_the_sweep_gives_back_what_rests_on_grants_that_ran_out_and_nothing_else(
    office, session, database, clock
):
    second_reviewer(office)
    ended, kept = claimed(office, clock), office.draft(clock.now(), person_code="NV05").nomination_id
    office.act("nominator", kept, "submit", clock.now())
    office.act("stranger", kept, "claim", clock.now())
    session.execute(
        update(Grant)
        .where(Grant.account_id == office.ids["reviewer"], Grant.key == REVIEWER)
        .values(valid_to=clock.now().date() + timedelta(days=1))
    )
    stream = f"account:{office.ids['reviewer']}"
    append_event(session, stream, "revoke", actor=None, via=Via.CLI, now=clock.now())
    session.commit()
    assert release_ended_claims(database.sessions, clock=clock) == 0
    clock.advance(timedelta(days=1))
    assert release_ended_claims(database.sessions, clock=clock) == 1
    assert release_ended_claims(database.sessions, clock=clock) == 0
    assert (holder(session, ended), holder(session, kept)) == (None, office.ids["stranger"])
    mine = inbox(session, actor=office.actor("stranger", clock.now()), limit=50, cursor=None, now=clock.now())
    assert {item.nomination_id for item in mine.items} >= {ended, kept}
    assert verify_chains(session).problems == ()


def test_a_sender_who_left_the_seat_takes_nothing_back(office, session, clock):
    nomination_id = office.draft(clock.now()).nomination_id
    office.act("nominator", nomination_id, "submit", clock.now())
    revoke(session, clock, f"nominator@unit:{AG}", "nv01@example.vn")
    with pytest.raises(Forbidden):
        office.act("nominator", nomination_id, "recall", clock.now())


def test_who_waits_for_the_lock_acts_with_what_they_hold_when_it_is_theirs(
    office, database: Database, session, clock
):
    nomination_id = claimed(office, clock)
    actor = office.actor("reviewer", clock.now())
    version = session.get_one(Nomination, nomination_id, populate_existing=True).version
    session.rollback()
    command = Command(nomination_id, version, MoveRequest("approve"), Via.API)
    waits = Signal()

    def approve() -> str:
        with database.sessions() as mine:
            mine.connection()
            waits.set()
            try:
                decide(mine, actor=actor, command=command, now=clock.now())
            except Forbidden:
                return "forbidden"
            return "done"

    with database.sessions() as locker, ThreadPoolExecutor(1) as threads:
        locker.execute(
            text("SELECT 1 FROM nomination WHERE id = :id FOR NO KEY UPDATE"), {"id": nomination_id}
        )
        ending = threads.submit(approve)
        assert waits.wait(PATIENCE)
        # Whoever ends a grant does not wait for the nomination here: the row alone is what is asked for.
        with database.sessions() as other:
            other.execute(
                update(Grant)
                .where(Grant.account_id == actor.account_id, Grant.key == REVIEWER)
                .values(valid_to=clock.now().date())
            )
            other.commit()
        locker.rollback()
        assert ending.result(60) == "forbidden"
