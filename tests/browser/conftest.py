"""One browser for every test of the folder, and the small office on pages of its own."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from pydantic import SecretStr
from sqlalchemy.orm import Session

from api.wsgi import create_app
from tests.conftest import Database
from tests.support.chromium import NAMES, found_browser, is_required, launched, served
from tests.support.office import Office, furnish
from tests.support.pages import give_passwords
from workflow.clock import FixedClock
from workflow.settings import Settings


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Start the browser; without one the test is skipped, and fails where one is required."""
    path = found_browser()
    if path is None:
        message = f"no browser on this machine (looked for {', '.join(NAMES)}): no page was tried"
        if is_required():
            pytest.fail(message)
        pytest.skip(message)
    with launched(path) as browser:
        yield browser


@pytest.fixture(autouse=True)
def _windows_are_closed(request: pytest.FixtureRequest) -> Iterator[None]:
    """Close what a test opened, but not what its file shares: each is a process that goes on working."""
    if "chromium" not in request.fixturenames:
        yield
        return
    browser: Browser = request.getfixturevalue("chromium")
    shared = browser.contexts
    yield
    for context in browser.contexts:
        if context not in shared:
            context.close()


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    """Furnish an office whose people all have a password."""
    furnished = furnish(session, now=clock.now())
    give_passwords(session)
    return furnished


@pytest.fixture
def address(database: Database, clock: FixedClock, office: Office) -> Iterator[str]:
    """Serve the office's pages."""
    settings = Settings(secret_key=SecretStr("x" * 32))
    with served(create_app(settings, sessions=database.sessions, clock=clock)) as address:
        yield address
