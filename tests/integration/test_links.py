"""A PostgreSQL that falls silent: every wait ends, old links are dropped together, new ones serve."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from api.problems import problem_of
from api.wsgi import create_app
from tests.support.patience import PATIENCE
from tests.support.proxy import Proxy, proxy, socket_of, through
from workflow.clock import deadline, monotonic, wait_for
from workflow.settings import Settings
from workflow.store.database import make_engine, make_sessions
from workflow.store.statements import at_once


@pytest.fixture
def wire(database) -> Iterator[Proxy]:
    with proxy(socket_of(database.url)) as running:
        yield running


@pytest.fixture
def engine(database, wire: Proxy) -> Iterator[Engine]:
    made = make_engine(through(database.url, wire), patience=2)
    yield made
    made.dispose()


def test_a_statement_on_a_link_that_falls_silent_ends_and_the_next_has_a_new_link(
    engine: Engine, wire: Proxy
) -> None:
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        assert wire.silence() == 1
        began = monotonic()
        with pytest.raises(OperationalError) as caught:
            connection.execute(text("SELECT 2"))
        assert monotonic() - began < 8
        assert caught.value.connection_invalidated
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 3")).scalar_one() == 3


def test_of_many_silent_links_in_a_pool_only_the_first_is_waited_for(engine: Engine, wire: Proxy) -> None:
    held = [engine.connect() for _ in range(5)]
    for connection in held:
        connection.execute(text("SELECT 1"))
        connection.rollback()
    for connection in held:
        connection.close()
    assert wire.silence() == 5
    began = monotonic()
    for _ in range(5):
        with engine.connect() as connection:
            assert connection.execute(text("SELECT 1")).scalar_one() == 1
    assert monotonic() - began < 6


def test_a_deadline_holds_for_all_statements_together(engine: Engine, wire: Proxy) -> None:
    began = monotonic()
    with engine.connect() as connection, deadline(1.0):
        for _ in range(4):
            connection.execute(text("SELECT pg_sleep(0.2)"))
        with pytest.raises(OperationalError):
            connection.execute(text("SELECT pg_sleep(2)"))
    assert monotonic() - began < 10
    with engine.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1


def take_no_writes(connection: Connection) -> str:
    """Be as a standby that a failover has led everybody to, and return what it refuses."""
    connection.execute(text("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"))
    connection.commit()
    return "CREATE TABLE refused ()"


def end_idle_transaction(connection: Connection) -> str:
    """Have the server end the session as one that was left in a transaction for too long."""
    connection.execute(text("SET idle_in_transaction_session_timeout = '10ms'"))
    pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with connection.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as other:
        alive = text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid")
        assert wait_for(lambda: not other.execute(alive, {"pid": pid}).scalar_one(), seconds=PATIENCE)
    return "SELECT 1"


def execute(connection: Connection, statement: str) -> None:
    connection.execute(text(statement))


def execute_at_once(connection: Connection, statement: str) -> None:
    with at_once(Session(connection)):
        connection.execute(text(statement))


@pytest.mark.parametrize("way", [execute, execute_at_once])
@pytest.mark.parametrize("begin", [take_no_writes, end_idle_transaction])
def test_a_server_that_takes_nothing_now_is_told_as_one_that_is_away(
    database, begin: Callable[[Connection], str], way: Callable[[Connection, str], None]
) -> None:
    engine = make_engine(database.url)
    with engine.connect() as connection:
        statement = begin(connection)
        with pytest.raises(OperationalError) as caught:
            way(connection, statement)
        assert caught.value.connection_invalidated is (begin is end_idle_transaction)
        told = problem_of(caught.value)
        code = "database-read-only" if begin is take_no_writes else "unavailable"
        assert (told.status, told.code) == (503, code)
        connection.invalidate()
    engine.dispose()


def test_pages_and_readiness_answer_within_ten_seconds_whatever_is_silent(
    database, wire: Proxy, tmp_path: Path
) -> None:
    engine = make_engine(through(database.url, wire))
    settings = Settings(data_dir=tmp_path)
    app = create_app(settings, sessions=make_sessions(engine, timezone=settings.timezone))
    client = app.test_client()
    assert client.get("/readyz").status_code in {200, 503}
    for new_too in (False, True):
        assert wire.silence(new_too=new_too) >= 1
        began = monotonic()
        answer = client.get("/readyz")
        assert monotonic() - began < 10
        if new_too:
            assert (answer.status_code, answer.json["code"]) == (503, "not-ready")
            began = monotonic()
            assert client.get("/sign-in").status_code in {200, 503}
            assert monotonic() - began < 10
    wire.heal()
    assert client.get("/readyz").json["checks"][0]["is_ok"] is True
    engine.dispose()
