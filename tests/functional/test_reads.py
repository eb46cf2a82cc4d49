"""Whoever only reads: PostgreSQL refuses every write, and nothing that was prepared is planned anew."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection, Engine, event, insert, select
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.orm import Session

from tests.conftest import MONDAY, TIMEZONE, Database
from tests.support.interface import interface_to, settings_for_tests
from tests.support.no_writes import no_writes
from tests.support.office import furnish
from tests.support.pages import browser, give_passwords
from workflow.clock import FixedClock
from workflow.store.access import WebSession
from workflow.store.base import table_of
from workflow.store.database import Sessions, make_engine, make_sessions
from workflow.store.nominations import Nomination
from workflow.store.organisation import Unit
from workflow.store.reads import end_read, reading, reads_only
from workflow.store.submissions import Submission

PREPARED = "SELECT statement FROM pg_prepared_statements"


@pytest.fixture
def engine(database: Database) -> Iterator[Engine]:
    """Make an engine of one connection, so that everything meets on it."""
    engine = make_engine(database.url, pool_size=1)
    yield engine
    engine.dispose()


@pytest.fixture
def sessions(engine: Engine) -> Sessions:
    return make_sessions(engine, timezone=TIMEZONE)


@pytest.fixture
def ends(engine: Engine) -> list[str]:
    """Note how each transaction of the engine ended, and whether it could write."""
    noted: list[str] = []

    def note(how: str) -> None:
        def listen(connection: Connection) -> None:
            reads = connection.connection.driver_connection.read_only
            noted.append(f"{how} {'READ ONLY' if reads else 'READ WRITE'}")

        event.listen(engine, how, listen)

    note("commit")
    note("rollback")
    return noted


def prepared(engine: Engine) -> set[str]:
    """Return what the server keeps planned on the one connection."""
    with engine.connect() as connection:
        found = {row.statement for row in connection.exec_driver_sql(PREPARED)}
        connection.commit()
    return found - {PREPARED}


@pytest.mark.parametrize("locks", [False, True], ids=["insert", "lock"])
def test_the_database_itself_refuses_a_write_and_a_lock_of_whoever_reads(
    sessions: Sessions, *, locks: bool
) -> None:
    with reads_only(sessions)() as session:
        statement = (
            select(Nomination.id).with_for_update()
            if locks
            else insert(table_of(WebSession)).values(
                token_hash=b"x", account_id=1, created_at=MONDAY, seen_at=MONDAY
            )
        )
        with pytest.raises(DBAPIError) as refused:
            session.execute(statement)
        assert isinstance(refused.value.orig, psycopg.errors.ReadOnlySqlTransaction)
        session.rollback()
    # The same connection writes again for whoever may.
    with sessions() as session:
        assert session.scalar(select(Submission.id).with_for_update()) is None
        assert session.connection().exec_driver_sql("SHOW transaction_read_only").scalar_one() == "off"


def test_a_reader_that_met_an_error_leaves_nothing_behind(sessions: Sessions, engine: Engine) -> None:
    with pytest.raises(DBAPIError), reads_only(sessions)() as session:
        session.connection().exec_driver_sql("SELECT 1 / 0")
    with sessions() as session:
        assert session.connection().exec_driver_sql("SHOW transaction_read_only").scalar_one() == "off"


def test_a_server_that_takes_no_writes_now_still_answers_readers_and_is_away_for_writers(
    database: Database, sessions: Sessions, engine: Engine
) -> None:
    with reads_only(sessions)() as session:
        end_read(session)
    engine.dispose()
    with no_writes(database):
        with reads_only(sessions)() as session:
            assert session.scalars(select(Nomination.id)).all() == []
            end_read(session)
        with sessions() as session, pytest.raises(OperationalError):
            session.execute(select(Nomination.id).with_for_update())


def test_what_wrote_nothing_is_committed_and_what_wrote_is_given_up(
    sessions: Sessions, ends: list[str], session: Session
) -> None:
    account_id = furnish(session, now=MONDAY).ids["reviewer"]
    row = {"token_hash": b"x", "account_id": account_id, "created_at": MONDAY, "seen_at": MONDAY}
    with sessions() as found:
        end_read(found)
        found.scalars(select(WebSession.account_id)).all()
        end_read(found)
        found.execute(insert(table_of(WebSession)).values(row))
        end_read(found)
        found.scalars(select(WebSession.account_id).with_for_update()).all()
        end_read(found)
        found.add(WebSession(**row))
        end_read(found)
    assert ends == ["commit READ WRITE", "rollback READ WRITE", "commit READ WRITE"]
    assert session.scalars(select(WebSession.account_id)).all() == []


def test_each_answer_ends_its_transaction_by_what_it_was(
    session: Session, sessions: Sessions, ends: list[str], clock: FixedClock, tmp_path: Path
) -> None:
    interface = interface_to(session, sessions, clock, settings_for_tests(tmp_path))
    for part in ("nominator", "reviewer"):
        interface.token(part)
    nomination_id = interface.drafted()

    def ended(part: str, method: str, path: str, status: int, body: object = None) -> list[str]:
        ends.clear()
        assert interface.call(part, method, path, json=body).status_code == status
        return list(ends)

    one = f"/nominations/{nomination_id}"
    submit, seen = f"{one}/actions/submit", {"version": 1}
    read = ["commit READ ONLY"]
    assert ended("nominator", "GET", one, 200) == read
    assert ended("nominator", "HEAD", one, 200) == read
    assert ended("nominator", "GET", "/inbox?limit=0", 422) == read
    assert ended("nominator", "GET", "/nominations/999999", 404) == read
    assert ended("reviewer", "POST", submit, 403, seen) == ["rollback READ WRITE"]
    # The operation's own commit, and then that of what the answer read.
    assert ended("nominator", "POST", submit, 200, seen) == ["commit READ WRITE"] * 2
    assert ended("nominator", "POST", submit, 409, seen) == ["rollback READ WRITE"]


def test_a_page_read_often_is_planned_once_also_between_decisions(
    session: Session, sessions: Sessions, engine: Engine, clock: FixedClock, tmp_path: Path
) -> None:
    interface = interface_to(session, sessions, clock, settings_for_tests(tmp_path))
    drafts = [interface.drafted(person=code) for code in ("NV04", "NV05")]
    for _ in range(8):
        assert interface.get("reviewer", "/inbox").status_code == 200
    kept = prepared(engine)
    assert any("work_item" in statement for statement in kept)
    assert interface.act("nominator", drafts[0], "submit").status_code == 200
    assert interface.get("reviewer", "/inbox").status_code == 200
    assert kept <= prepared(engine)


def test_a_page_that_is_refused_or_not_there_leaves_planned_what_was(
    session: Session, sessions: Sessions, engine: Engine, clock: FixedClock
) -> None:
    furnish(session, now=MONDAY)
    give_passwords(session)
    reader = browser(sessions, clock)
    assert reader.sign_in("nv02@example.vn").status_code == 303
    for _ in range(8):
        assert reader.open("/").status_code == 200
    kept = prepared(engine)
    assert any("work_item" in statement for statement in kept)
    for path, status in (("/nominations/999999", 404), ("/admin", 404), ("/?due=x", 422)):
        assert reader.open(path).status_code == status
    assert kept <= prepared(engine)


def test_a_reading_inside_the_one_transaction_of_a_demo_leaves_planned_what_was(
    engine: Engine, sessions: Sessions
) -> None:
    with engine.connect() as connection, connection.begin():
        sessions.configure(bind=connection, join_transaction_mode="create_savepoint")
        with sessions() as found:
            found.execute(insert(table_of(Unit)).values(code="A", code_sort="A"))
            found.commit()
        for _ in range(8):
            with reading(sessions) as found:
                assert found.scalars(select(Unit.code)).all() == ["A"]
        kept = [row.statement for row in connection.exec_driver_sql(PREPARED)]
        assert any("FROM unit" in statement for statement in kept)


def test_a_session_that_is_used_is_noted_apart_from_what_the_page_reads(
    session: Session, sessions: Sessions, ends: list[str], clock: FixedClock
) -> None:
    furnish(session, now=MONDAY)
    give_passwords(session)
    reader = browser(sessions, clock)
    assert reader.sign_in("nv02@example.vn").status_code == 303
    for minutes, expected in (
        (0, ["commit READ ONLY"]),
        (1, ["commit READ ONLY", "commit READ WRITE", "commit READ ONLY"]),
        (0, ["commit READ ONLY"]),
    ):
        now = clock.advance(timedelta(minutes=minutes))
        ends.clear()
        assert reader.open("/").status_code == 200
        assert ends == expected
        session.rollback()
        assert session.scalars(select(WebSession.seen_at)).one() == now
