"""Roles given and ended: at once, in history, and with what rests on them."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from tests.support.office import AG, CLUSTER, DT, TOP, Office, furnish
from tests.support.rounds import NEXT
from workflow.clock import FixedClock
from workflow.domain.errors import Conflict, Forbidden, InvalidField, NotFound
from workflow.domain.vocabulary import RoundDate, Via
from workflow.operations.people.accounts import disable_account
from workflow.operations.people.grants import grant_role, revoke_role
from workflow.operations.rounds.rounds import NewRound, open_round
from workflow.store.history import Event
from workflow.store.submissions import ExpectedReturn

REVIEWER = f"unit_reviewer@unit:{AG}"
EMAIL = "nv02@example.vn"


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish(session, now=clock.now())


def revoke(session: Session, clock: FixedClock, key: str = REVIEWER, email: str = EMAIL):
    return revoke_role(session, actor=None, email=email, key=key, via=Via.CLI, now=clock.now())


def grant(session: Session, clock: FixedClock, key: str, email: str, since: date | None = None):
    return grant_role(session, actor=None, email=email, key=key, since=since, via=Via.CLI, now=clock.now())


def history(session: Session, stream: str) -> list[tuple[str, dict]]:
    found = select(Event.action, Event.data).where(Event.stream == stream).order_by(Event.seq)
    rows = session.execute(found).all()
    # What every event of an account tells besides: the facts of its row (docs/adr/0030).
    told = ({name: row.data[name] for name in row.data.keys() - {"facts", "names"}} for row in rows)
    return [(row.action, data) for row, data in zip(rows, told, strict=True)]


def test_a_role_is_given_from_a_day_and_taken_before_it_begins(office, session, clock):
    today = clock.now().date()
    later = today + timedelta(days=5)
    key = f"unit_reviewer@unit:{DT}"
    given = grant(session, clock, key, EMAIL, later)
    assert given.valid_from == later
    assert key not in office.actor("reviewer", clock.now()).keys
    assert history(session, f"account:{office.ids['reviewer']}")[-1] == (
        "grant",
        {"grants": [key], "from": later.isoformat()},
    )
    with pytest.raises(Conflict, match="holds"):
        grant(session, clock, key, EMAIL, later)
    session.rollback()
    ended = revoke(session, clock, key)
    assert (ended.released_count, ended.empty_seats) == (0, ())
    clock.advance(timedelta(days=9))
    assert key not in office.actor("reviewer", clock.now()).keys
    grant(session, clock, key, EMAIL)
    assert key in office.actor("reviewer", clock.now()).keys


def test_a_role_ended_and_given_again_on_one_day_is_held(office, session, clock):
    revoke(session, clock)
    grant(session, clock, REVIEWER, EMAIL)
    revoke(session, clock)
    grant(session, clock, REVIEWER, EMAIL)
    assert REVIEWER in office.actor("reviewer", clock.now()).keys


@pytest.mark.parametrize(
    ("wanted", "kind", "says"),
    [
        (("nobody@example.vn", REVIEWER, 0), NotFound, "no account"),
        ((EMAIL, REVIEWER, 0), Conflict, "holds unit_reviewer@unit:VKS-AG already"),
        ((EMAIL, "reviewer@unit:VKS-AG", 0), InvalidField, "no role 'reviewer'"),
        ((EMAIL, "unit_reviewer@unit:NONE", 0), InvalidField, "there is no 'unit:NONE'"),
        ((EMAIL, "unit_reviewer", 0), InvalidField, "must look like"),
        ((EMAIL, f"auditor@unit:{AG}", -1), InvalidField, "has passed"),
    ],
)
def test_what_cannot_be_given_is_refused_in_words(session, clock, wanted, kind, says):
    furnish(session, now=clock.now())
    email, key, since = wanted
    with pytest.raises(kind, match=says):
        grant(session, clock, key, email, clock.now().date() + timedelta(days=since))


def test_what_is_not_held_cannot_be_ended_and_what_is_held_is_named(office, session, clock):
    with pytest.raises(NotFound, match=rf"does not hold admin@all; it holds head@unit:{AG}, {REVIEWER}\."):
        revoke(session, clock, "admin@all")


def test_only_an_administrator_gives_and_ends_roles(office, session, clock):
    actor = office.actor("supervisor", clock.now())
    with pytest.raises(Forbidden):
        revoke_role(session, actor=actor, email=EMAIL, key=REVIEWER, via=Via.WEB, now=clock.now())
    with pytest.raises(Forbidden):
        grant_role(session, actor=actor, email=EMAIL, key="admin@all", via=Via.WEB, now=clock.now())


def test_the_next_head_answers_for_what_the_unit_owes_and_an_empty_seat_for_nothing(office, session, clock):
    now = clock.now()
    new = NewRound(
        NEXT, "Đợt xét sau", 2026, TOP, dates={RoundDate.UNIT_DEADLINE: date(2026, 5, 4)}, unit_codes=(AG,)
    )
    open_round(session, actor=None, new=new, via=Via.CLI, now=now)

    def answers() -> int | None:
        session.expire_all()
        accountable_id: int | None = session.scalar(select(ExpectedReturn.accountable_id))
        return accountable_id

    assert answers() == office.ids["unit_head"]
    revoke(session, clock, f"head@unit:{AG}")
    assert answers() is None
    grant(session, clock, f"head@unit:{AG}", "nv03@example.vn")
    assert answers() == office.ids["deputy"]
    disable_account(session, actor=None, email="nv03@example.vn", via=Via.CLI, now=now)
    assert answers() is None


def test_the_cluster_follows_a_head_who_loses_the_unit(office, session, clock):
    session.execute(
        text("UPDATE cluster SET head_unit_id = (SELECT id FROM unit WHERE code = :dt)"), {"dt": DT}
    )
    session.commit()
    grant(session, clock, f"head@unit:{DT}", "nv12@example.vn")
    seat = f"cluster_head@cluster:{CLUSTER}"
    assert seat in office.actor("other_reviewer", clock.now()).keys
    ended = revoke(session, clock, f"head@unit:{DT}", "nv12@example.vn")
    assert seat not in office.actor("other_reviewer", clock.now()).keys
    assert set(ended.empty_seats) == {f"head@unit:{DT}", seat}
