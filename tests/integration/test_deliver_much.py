"""Letters of very much: a unit is counted once for all of them, and what cannot be read in time rests."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.mail import Scene, mail_server
from tests.support.office import furnish
from tests.support.plans import explained, ready_made
from tests.support.waiting import REMIND_AT, add_account, many_submitted
from workflow.clock import FixedClock
from workflow.operations.mail.fate import Delivered
from workflow.store.mail import MailPreference, Outbox

MANY = 40
# What the server says after the five seconds that a statement has, without them.
_GIVE_UP = """
CREATE FUNCTION takes_too_long() RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    RAISE 'canceling statement due to statement timeout' USING ERRCODE = 'query_canceled';
END $$
"""


@pytest.fixture
def scene(session: Session, clock: FixedClock, database: Database) -> Iterator[Scene]:
    with mail_server() as server:
        yield Scene(furnish(session, now=clock.now()), session, database.sessions, clock, server)


def bytes_of(query: str | bytes) -> bytes:
    return query.encode() if isinstance(query, str) else query


def test_the_names_of_a_unit_are_not_counted_for_each_of_its_reminders(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    many_submitted(scene.office, scene.session, MANY, scene.clock.now())
    scene.clock.advance(REMIND_AT - scene.clock.now())
    assert scene.fire().rungs >= MANY
    with ready_made(monkeypatch) as sent:
        assert scene.deliver().sent
    letters = [
        (query, bound) for query, bound in sent if b"outbox.fold_key, outbox.account_id" in bytes_of(query)
    ]
    assert letters, "no letter was read"
    read = [
        sum(rows for table, _, rows in explained(scene.session, query, bound) if table == "nomination")
        for query, bound in letters
    ]
    # For each of them, by its number or all of them, some times: forty times forty would be all for each.
    assert max(read) < 10 * MANY
    body = scene.server.inbox.mails[-1].get_body(("plain",))
    assert body is not None
    assert f"{MANY} hồ sơ" in body.get_content()


@contextmanager
def slow_to_read(database: Database, account_id: int) -> Iterator[None]:
    """Have the database give up, as after five seconds, over how one account takes its letters."""
    url = make_url(database.migration_url).set(drivername="postgresql").render_as_string(hide_password=False)
    is_slow = f"account_id <> {account_id} OR takes_too_long()"
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(_GIVE_UP)
        owner.execute("ALTER TABLE mail_preference ENABLE ROW LEVEL SECURITY")
        owner.execute(f"CREATE POLICY slow ON mail_preference USING ({is_slow})".encode())
        try:
            yield
        finally:
            owner.execute("DROP POLICY slow ON mail_preference")
            owner.execute("ALTER TABLE mail_preference DISABLE ROW LEVEL SECURITY")
            owner.execute("DROP FUNCTION takes_too_long")


def test_a_letter_that_cannot_be_read_in_time_rests_and_the_others_leave(
    scene: Scene, database: Database
) -> None:
    now = scene.clock.now()
    slow = add_account(scene.session, "slow@example.vn", "unit_reviewer@unit:VKS-AG", now)
    scene.session.add(MailPreference(account_id=slow))
    scene.session.commit()
    many_submitted(scene.office, scene.session, 1, now)
    told = scene.session.scalars(select(Outbox.account_id).where(Outbox.state == "new")).all()
    assert slow in told
    with slow_to_read(database, slow):
        assert scene.deliver() == Delivered(sent=len(told) - 1, later=1)
        assert scene.deliver() == Delivered(), "it does not come back at once"
    [reason] = [why for state, why in scene.outcomes() if state == "new"]
    assert reason is not None
    assert reason.startswith("unreadable: OperationalError")
    scene.clock.advance(timedelta(hours=2))
    assert scene.deliver() == Delivered(sent=1)
