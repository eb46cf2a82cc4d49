"""What is measured over HTTP is what the application has: each GET, filled with rows that exist."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from api.wsgi import create_app
from tests.benchmarks.web.addresses import addresses
from tests.benchmarks.web.inbox import Timed, timed_cursors
from tests.benchmarks.web.load import ask, shown
from tests.benchmarks.web.served import Reader, serving, sign_in
from tests.conftest import Database
from tests.support.office import furnish
from workflow.clock import DatabaseClock
from workflow.queries.inbox.inbox import inbox
from workflow.settings import Settings


@pytest.fixture
def readers(database: Database, session: Session) -> list[Reader]:
    """Furnish an office as of today with a nomination, and sign two of its people in."""
    office = furnish(session, now=DatabaseClock().now(session))
    office.draft(DatabaseClock().now(session))
    return sign_in(database.sessions, {"reviewer": "nv02@example.vn", "admin": "nv24@example.vn"})


def test_every_get_of_the_application_is_asked_and_answered_without_a_write(
    database: Database, session: Session, readers: list[Reader], tmp_path: Path
) -> None:
    app = create_app(Settings(secret_key="x" * 32), sessions=database.sessions)
    wanted = addresses(app, session, readers)
    session.rollback()
    asked = {one.route for one in wanted}
    assert {"/", "/nominations/<nomination_id>", "/api/v1/inbox", "/rounds/<path:round_code>/board"} <= asked
    assert len(asked) > 45
    assert any(path.endswith("/nominations/1") for one in wanted for path in one.paths)
    with serving(database.url, tmp_path) as port:
        answered = ask(port, wanted, samples=1, per_second=50.0)
    # The database refuses whatever a GET would write, and that would be told as 503.
    assert {one.status for one in answered} <= {200, 303, 400, 403, 404, 409}, shown(answered, [])
    assert {one.status for one in answered if one.route in {"/", "/api/v1/inbox", "/api/v1/me"}} == {200}


def test_an_address_that_nobody_knows_how_to_fill_is_no_address_left_out(
    database: Database, session: Session, readers: list[Reader]
) -> None:
    app = create_app(Settings(secret_key="x" * 32), sessions=database.sessions)
    app.add_url_rule("/things/<thing_code>", "things", lambda thing_code: thing_code)
    with pytest.raises(LookupError, match="thing_code"):
        addresses(app, session, readers)


def test_the_statement_of_an_inbox_is_among_what_is_timed(database: Database, readers: list[Reader]) -> None:
    database.engine.dispose()
    with timed_cursors(), database.sessions() as session:
        Timed.found.clear()
        inbox(session, actor=readers[0].actor, now=DatabaseClock().now(session), limit=50, cursor=None)
        assert Timed.found
    database.engine.dispose()
