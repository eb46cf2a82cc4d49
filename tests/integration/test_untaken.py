"""Work that nobody can take is found by way of the seats: the same as by asking each piece of work."""

from collections import Counter
from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.office import AG, CLUSTER, DT, ROLES, Office, furnish
from tests.support.servers import connect
from tests.support.waiting import many_submitted
from workflow.clock import FixedClock
from workflow.domain.rights.routing import SetAside
from workflow.domain.vocabulary import Via
from workflow.operations.deadlines import claims, empty_seats
from workflow.operations.deadlines.claims import release_ended_claims
from workflow.operations.deadlines.emptied_seats import tell_of_emptied_seats
from workflow.operations.deadlines.untaken import is_idle, suspects
from workflow.operations.people.accounts import disable_account
from workflow.store.conditions import nobody_holds
from workflow.store.locked import read_nominations
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.people import load_holders

KEYS = (
    f"unit_reviewer@unit:{AG}",
    f"unit_reviewer@unit:{DT}",
    f"cluster_head@cluster:{CLUSTER}",
    f"head@unit:{AG}",
)


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish(session, now=clock.now())


def shuffle(database: Database, ids: list[int], luck: Random) -> None:
    """Lay each nomination on some seat, about a unit or somebody who may sit there, and end some terms."""
    people = [code for code, _, _ in ROLES.values()]
    with connect(database.migration_url) as connection:
        for nomination_id in ids:
            person = luck.choice([None, *people])
            connection.execute(
                "UPDATE nomination SET person_id = (SELECT id FROM person WHERE code = %s),"
                " subject_kind = %s, unit_id = (SELECT id FROM unit WHERE code = %s), stage = %s,"
                " award_edition_id = (SELECT id FROM award_edition ORDER BY id OFFSET %s LIMIT 1)"
                " WHERE id = %s",
                (
                    person,
                    "person" if person else "collective",
                    luck.choice([AG, DT]),
                    luck.choice(["draft", "unit_review"]),
                    ids.index(nomination_id),
                    nomination_id,
                ),
            )
            connection.execute(
                "UPDATE work_item SET owner_key = %s,"
                " assignee_id = CASE WHEN %s THEN (SELECT max(id) FROM account) END"
                " WHERE nomination_id = %s AND closed_at IS NULL",
                (luck.choice([*KEYS, "auditor@all"]), luck.random() < 0.1, nomination_id),
            )
        connection.execute("SELECT setseed(%s)", (luck.random(),))
        connection.execute(
            "UPDATE \"grant\" SET valid_to = CASE WHEN random() < 0.5 THEN DATE '2026-02-01' END"
        )
        connection.execute("UPDATE account SET disabled_at = CASE WHEN random() < 0.2 THEN now() END")
        connection.commit()


def test_all_idle_work_is_among_the_suspects(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    ids = many_submitted(office, session, 12, clock.now())
    today, luck, seen = clock.now().date(), Random(7), 0
    idle = (
        select(WorkItem.id)
        .outerjoin(Nomination, Nomination.id == WorkItem.nomination_id)
        .where(is_idle(today))
    )
    for _ in range(40):
        session.rollback()
        shuffle(database, ids, luck)
        by_asking = set(session.scalars(idle))
        assert by_asking <= set(suspects(session, today=today))
        seen += len(by_asking)
    assert seen > 40


def test_lists_and_letters_know_an_empty_seat_as_the_rules_do(
    office: Office, session: Session, clock: FixedClock, database: Database
) -> None:
    ids = many_submitted(office, session, 12, clock.now())
    today, luck, empty = clock.now().date(), Random(9), Counter[tuple[bool, bool]]()
    asked = (
        select(WorkItem.owner_key, Nomination, nobody_holds().label("is_seat_empty"))
        .outerjoin(Nomination, Nomination.id == WorkItem.nomination_id)
        .where(WorkItem.closed_at.is_(None))
        .execution_options(populate_existing=True)
    )
    for _ in range(40):
        session.rollback()
        shuffle(database, ids, luck)
        for key, nomination, is_seat_empty in session.execute(asked, {"today": today}):
            unit_id = nomination.unit_id if nomination.subject_kind == "collective" else None
            set_aside = SetAside(nomination.person_id if nomination.stage != "draft" else None, unit_id)
            holders = load_holders(session, [key], today=today).get(key, ())
            assert is_seat_empty == all(set_aside.takes_in(holder) for holder in holders)
            empty[bool(holders), is_seat_empty] += 1
    assert len(empty) == 3, f"nobody there, all set aside, and somebody: {empty}"


def test_what_somebody_held_in_plenty_goes_back_with_the_next_sweeps(
    office: Office, session: Session, clock: FixedClock, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = many_submitted(office, session, 3, clock.now())
    for nomination_id in ids:
        office.act("reviewer", nomination_id, "claim", clock.now())
    for module in (claims, empty_seats):
        monkeypatch.setattr(module, "_BATCH", 2)
    left = disable_account(session, actor=None, email="nv02@example.vn", via=Via.CLI, now=clock.now())
    assert left.open_work_count == 3
    held = select(WorkItem.nomination_id).where(
        WorkItem.assignee_id.is_not(None), WorkItem.closed_at.is_(None)
    )
    assert len(session.scalars(held).all()) == 1
    secretary = office.actor("secretary", clock.now())
    facts = read_nominations(session, ids, actor=secretary, now=clock.now())
    assert [facts[one].facts.assignee_id for one in ids] == [None] * 3, "the rules count the rest no more"
    session.rollback()
    assert release_ended_claims(database.sessions, clock=clock) == 1
    assert tell_of_emptied_seats(database.sessions, clock=clock) > 0
    told = session.scalars(select(Outbox.nomination_id).where(Outbox.notice == "seat_empty")).all()
    assert sorted(set(told)) == ids
    clock.advance(timedelta(days=1))
    assert tell_of_emptied_seats(database.sessions, clock=clock) == 0
