"""What an analysis needs of a stay is written by the operation that ends it, and by an upgrade."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from alembic import command
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.office import PAPER, Office, furnish
from tests.support.stays import by_working_days, rows_of
from workflow.clock import FixedClock
from workflow.domain.vocabulary import BuiltIn
from workflow.operations.sweep.sum_stays import sum_stays
from workflow.queries.waiting.measures import TimeKind
from workflow.store.nominations import Visit, WorkItem
from workflow.store.schema import _config, role_of, upgrade

RETURN = {"reason_code": "dossier_incomplete", "comment": "Thiếu biên bản họp."}
HOURS = timedelta(hours=29, minutes=7, seconds=31)


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish(session, now=clock.now())


def walked(office: Office, clock: FixedClock) -> list[int]:
    """Carry three nominations: there and back and on, taken back and withdrawn, and one that lies open."""
    there = office.draft(clock.now()).nomination_id
    other = office.draft(clock.now(), person_code="NV05").nomination_id
    lying = office.draft(clock.now(), person_code="NV03").nomination_id
    ways: tuple[tuple[int, str, str, dict[str, Any]], ...] = (
        (there, "nominator", "submit", {}),
        (other, "nominator", "submit", {}),
        (there, "reviewer", BuiltIn.CLAIM, {}),
        (there, "reviewer", "return", RETURN),
        (other, "nominator", BuiltIn.RECALL, {}),
        (there, "nominator", "submit", {}),
        (other, "nominator", BuiltIn.WITHDRAW, {}),
        (there, "reviewer", "approve", {}),
        (there, "secretary", BuiltIn.CLAIM, {}),
        (lying, "nominator", "submit", {}),
        (there, "secretary", "approve", {}),
        (there, "head", "approve", {"decision": PAPER}),
        (lying, "reviewer", BuiltIn.CLAIM, {}),
    )
    for nomination_id, part, action, request in ways:
        clock.advance(HOURS)
        office.act(part, nomination_id, action, clock.now(), **request)
    return [there, other, lying]


def stays(session: Session, nomination_id: int) -> list[Any]:
    session.rollback()
    return list(
        session.execute(
            select(*Visit.__table__.columns, WorkItem.first_claimed_at.label("claimed_at"))
            .join(WorkItem, WorkItem.visit_id == Visit.id)
            .where(Visit.nomination_id == nomination_id)
            .order_by(Visit.ordinal)
        )
    )


def minutes(start: datetime | None, end: datetime | None) -> int | None:
    return None if start is None or end is None else round(by_working_days(start, end) * 60)


def test_every_end_of_a_stay_is_written_with_what_came_of_it(
    office: Office, session: Session, clock: FixedClock
) -> None:
    there, other, lying = walked(office, clock)
    assert [(row.step, row.nth, row.ended) for row in stays(session, there)] == [
        ("draft", 1, "moved"),
        ("unit_review", 1, "moved"),
        ("draft", 2, "moved"),
        ("unit_review", 2, "moved"),
        ("council", 1, "moved"),
        ("decision", 1, "moved"),
    ]
    assert [(row.step, row.nth, row.ended) for row in stays(session, other)] == [
        ("draft", 1, "moved"),
        ("unit_review", 1, "recalled"),
        ("draft", 2, "withdrawn"),
    ]
    assert [(row.step, row.nth, row.ended) for row in stays(session, lying)] == [
        ("draft", 1, "moved"),
        ("unit_review", 1, None),
    ]
    claimed = 0
    for row in (*stays(session, there), *stays(session, other), *stays(session, lying)):
        if row.left_at is None:
            assert (row.first_claimed_at, row.working_minutes, row.waiting_minutes) == (None, None, None)
            continue
        claimed += row.claimed_at is not None
        assert row.first_claimed_at == row.claimed_at
        assert row.working_minutes == minutes(row.entered_at, row.left_at)
        assert row.waiting_minutes == minutes(row.entered_at, row.claimed_at)
        assert row.service_minutes == minutes(row.claimed_at, row.left_at)
    assert claimed >= 2


def test_what_was_cut_short_is_not_finished(office: Office, clock: FixedClock) -> None:
    walked(office, clock)
    found = {
        row.step: (row.visits, row.open, row.finished)
        for row in rows_of(office, clock.now(), time=TimeKind.WORKING)
    }
    assert found["draft"] == (5, 0, 4)
    assert found["unit_review"] == (4, 1, 2)
    (lying,) = [
        item
        for row in rows_of(office, clock.now(), time=TimeKind.WORKING)
        for item in row.items
        if item.is_open
    ]
    assert lying.hours == by_working_days(lying.entered_at, clock.now())


def test_an_upgrade_carries_over_what_a_release_before_did_not_write(
    office: Office, session: Session, database: Database, clock: FixedClock
) -> None:
    ids = walked(office, clock)
    before = [stays(session, one) for one in ids]
    told = {time: rows_of(office, clock.now(), time=time) for time in TimeKind}
    session.rollback()
    engine = create_engine(database.migration_url)
    with engine.connect() as connection:
        command.downgrade(_config(connection), "0012")
        connection.commit()
    engine.dispose()
    upgrade(database.migration_url, application_role=role_of(database.url))
    after = [stays(session, one) for one in ids]
    known = ("step", "nth", "ended", "first_claimed_at")
    assert [[[getattr(row, name) for name in known] for row in rows] for rows in after] == [
        [[getattr(row, name) for name in known] for row in rows] for rows in before
    ]
    # Their working minutes nobody has written yet: they are counted, and written with the sums.
    assert {row.working_minutes for rows in after for row in rows} == {None}
    assert {time: rows_of(office, clock.now(), time=time) for time in TimeKind} == told
    session.rollback()
    assert sum_stays(database.sessions) == 10
    written = ("working_minutes", "waiting_minutes", "service_minutes")
    assert [[[getattr(row, name) for name in written] for row in stays(session, one)] for one in ids] == [
        [[getattr(row, name) for name in written] for row in rows] for rows in before
    ]
    assert {time: rows_of(office, clock.now(), time=time) for time in TimeKind} == told
