"""The running product, or as much of it as a test of one of its faces needs."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.conftest import Database, own_database
from tests.support.door import Door, doors
from tests.support.interface import Interface, interface_to, settings_for_tests
from tests.support.office import Office, furnish
from tests.support.pages import Browser, browser, give_passwords
from workflow.clock import FixedClock
from workflow.embedded import Services


@pytest.fixture
def interface(session: Session, database, clock: FixedClock, tmp_path: Path) -> Interface:
    """Put the application on this test's database, with an office and a token for everybody in it."""
    return interface_to(session, database.sessions, clock, settings_for_tests(tmp_path))


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    """Furnish an office whose people all have a password."""
    furnished = furnish(session, now=clock.now())
    give_passwords(session)
    return furnished


@pytest.fixture
def desk(database: Database, clock: FixedClock, office: Office) -> Callable[..., Browser]:
    """Return what signs somebody in on a browser of their own, by address."""

    def sit(address: str, **settings: Any) -> Browser:
        seated = browser(database.sessions, clock, **settings)
        assert seated.sign_in(address).status_code == 303
        return seated

    return sit


@pytest.fixture
def start(database: Database, tmp_path: Path) -> Iterator[Callable[..., Door]]:
    """Return what starts the web server, with changes to its limits as code."""
    with doors(database, tmp_path) as begin:
        yield begin


@pytest.fixture(scope="module")
def door(postgres: Services, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """Start one web server for the tests of a file that leave nothing behind."""
    with (
        own_database(postgres, template) as database,
        doors(database, tmp_path_factory.mktemp("door")) as begin,
    ):
        yield begin()
