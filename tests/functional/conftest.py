"""The running product, or as much of it as a test of one of its faces needs."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.door import Door, doors
from tests.support.interface import Interface, interface_to, settings_for_tests
from workflow.clock import FixedClock


@pytest.fixture
def interface(session: Session, database, clock: FixedClock, tmp_path: Path) -> Interface:
    """Put the application on this test's database, with an office and a token for everybody in it."""
    return interface_to(session, database.sessions, clock, settings_for_tests(tmp_path))


@pytest.fixture
def start(database: Database, tmp_path: Path) -> Iterator[Callable[..., Door]]:
    """Return what starts the web server, with changes to its limits as code."""
    with doors(database, tmp_path) as begin:
        yield begin
