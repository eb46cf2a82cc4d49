"""The running product, or as much of it as a test of one of its faces needs."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.support.interface import Interface, interface_to, settings_for_tests
from workflow.clock import FixedClock


@pytest.fixture
def interface(session: Session, database, clock: FixedClock, tmp_path: Path) -> Interface:
    """Put the application on this test's database, with an office and a token for everybody in it."""
    return interface_to(session, database.sessions, clock, settings_for_tests(tmp_path))
