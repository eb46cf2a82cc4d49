"""Whoever asks the time first on a link from the pool has it from the question whether the link is there."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, event, text

from workflow.clock import DatabaseClock, monotonic
from workflow.store import links
from workflow.store.database import make_engine

CLOCK = DatabaseClock()


@pytest.fixture
def engine(database) -> Iterator[Engine]:
    made = make_engine(database.url)
    with made.connect() as connection:
        connection.execute(text("SELECT 1"))
    yield made
    made.dispose()


@pytest.fixture
def asked(engine: Engine) -> list[str]:
    """Return what is asked from now on, but for whether a link is there."""
    found: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *call: found.append(call[2]))
    return found


def server_time(database) -> datetime:
    engine = make_engine(database.url)
    with engine.connect() as connection:
        at: datetime = connection.scalar(text("SELECT clock_timestamp()"))
    engine.dispose()
    return at


def test_the_time_of_a_link_that_was_just_asked_is_the_server_s_and_costs_no_question(
    engine: Engine, asked: list[str], database
) -> None:
    before = server_time(database)
    with engine.connect() as connection:
        at = CLOCK.now(connection)
    assert asked == []
    assert before < at < server_time(database)
    assert at.tzinfo is UTC


@pytest.mark.parametrize("reads", [True, False])
def test_it_is_asked_again_once_anything_else_was_asked(
    engine: Engine, asked: list[str], *, reads: bool
) -> None:
    with engine.connect().execution_options(postgresql_readonly=reads) as connection:
        first = CLOCK.now(connection)
        assert asked == [], "how a transaction begins asks nothing"
        connection.execute(text("SELECT 2"))
        waited_for_a_lock = connection.scalar(text("SELECT clock_timestamp()"))
        assert CLOCK.now(connection) > waited_for_a_lock > first


def test_it_is_asked_again_where_time_has_passed(
    engine: Engine, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with engine.connect() as connection:
        then = monotonic()
        monkeypatch.setattr(links, "monotonic", lambda: then + 1)
        CLOCK.now(connection)
    assert asked == ["SELECT clock_timestamp()"]


def test_a_new_link_is_asked(database, asked: list[str]) -> None:
    fresh = make_engine(database.url)
    event.listen(fresh, "before_cursor_execute", lambda *call: asked.append(call[2]))
    with fresh.connect() as connection:
        assert CLOCK.now(connection).tzinfo is UTC
    assert asked == ["SELECT clock_timestamp()"]
    fresh.dispose()
