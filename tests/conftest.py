"""Real servers for every test: one private PostgreSQL a run, a migrated database as new a test."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session
from xdist.remote import Producer

from tests.support.applications import take_back
from tests.support.databases import administer, count_nothing_unasked, lent
from tests.support.engines import engine_to
from tests.support.sharing import SharingScheduler
from workflow import embedded
from workflow.clock import FixedClock
from workflow.forking import keep_shared, walk_seldom
from workflow.operations.setup.publish import publish_shipped
from workflow.store.database import Sessions, make_engine, make_sessions
from workflow.store.schema import role_of, upgrade

# Monday, 2 March 2026, 09:00 in Hà Nội: an ordinary working day with no holiday near.
MONDAY = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
TIMEZONE = "Asia/Ho_Chi_Minh"
# A busy machine is no fault of what is tried: no example is failed for the time that it took.
settings.register_profile("commendo", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("commendo")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> SharingScheduler | None:
    """Keep together what shares something, where that was asked for as `--dist loadgroup`."""
    return SharingScheduler(config, log) if config.getvalue("dist") == "loadgroup" else None


def pytest_sessionstart() -> None:
    """Walk seldom what is imported, as a program of ours that starts does."""
    walk_seldom()


def pytest_collection_finish() -> None:
    """Keep what was imported out of the collector's walks, as a program of ours that serves does."""
    keep_shared()


@dataclass(frozen=True, slots=True)
class Database:
    """One test's own database: as the application sees it, and as its owner does."""

    url: str
    migration_url: str
    engine: Engine
    sessions: Sessions


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[embedded.Services]:
    """Start the private servers of this run; parallel workers share them, the last one out removes them."""
    shared = tmp_path_factory.getbasetemp()
    root = shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared
    with embedded.start(Path(root) / "servers", redis=True, durable=False) as services:
        count_nothing_unasked(services)
        yield services


@pytest.fixture(scope="session")
def template(postgres: embedded.Services) -> str:
    """Make a migrated database with what ships published, to be copied, and return its name."""
    name = f"template_{os.getpid()}"
    administer(postgres, f"CREATE DATABASE {name}")
    url = _named(postgres.migration_url, name)
    upgrade(url, application_role=role_of(postgres.database_url))
    engine = make_engine(_named(postgres.database_url, name))
    with make_sessions(engine, timezone=TIMEZONE)() as session:
        publish_shipped(session, now=MONDAY)
    engine.dispose()
    return name


@pytest.fixture
def database(postgres: embedded.Services, template: str) -> Iterator[Database]:
    """Make a database of this test's own, with the shipped definitions and awards and nothing else."""
    with own_database(postgres, template) as database:
        yield database


@contextmanager
def own_database(postgres: embedded.Services, template: str) -> Iterator[Database]:
    """Lend a migrated database for as long as the block lasts."""
    with lent(postgres, template, prefix=f"test_{os.getpid()}") as name:
        url = _named(postgres.database_url, name)
        # As another engine: what the product keeps for a database, such as its routes, is of this one alone.
        engine = engine_to(url).execution_options()
        yield Database(
            url, _named(postgres.migration_url, name), engine, make_sessions(engine, timezone=TIMEZONE)
        )
        engine.dispose()


@pytest.fixture(autouse=True)
def _applications_come_back() -> Iterator[None]:
    """Let the next test have the applications that this one was lent."""
    yield
    take_back()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """Open a session of the application's role on this test's database."""
    with database.sessions() as session:
        yield session


@pytest.fixture
def clock() -> FixedClock:
    """Return a clock that stands at Monday, 2 March 2026, 09:00 in Hà Nội until the test moves it."""
    return FixedClock(MONDAY)


def _named(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)
