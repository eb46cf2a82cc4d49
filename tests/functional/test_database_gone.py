"""A page that loses the database while it is made says so in words, whatever it was asking."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from sqlalchemy import make_url, text
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.interface import Interface
from tests.support.pages import browser, give_passwords
from tests.support.patience import PATIENCE
from workflow.clock import FixedClock, wait_for

ENDED = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE wait_event_type = 'Lock' AND datname = current_database() AND query LIKE '%web_session%'"
)


@pytest.mark.parametrize("path", ["/", "/nominations"])
def test_a_session_that_could_not_be_read_is_told_as_the_database_being_away(
    interface: Interface, session: Session, database: Database, clock: FixedClock, path: str
) -> None:
    give_passwords(session)
    page = browser(database.sessions, clock)
    assert page.sign_in("nv01@example.vn").status_code == 303
    with (
        psycopg.connect(
            make_url(database.migration_url)
            .set(drivername="postgresql")
            .render_as_string(hide_password=False)
        ) as held,
        database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as ending,
        ThreadPoolExecutor(1) as beside,
    ):
        held.execute("LOCK TABLE web_session IN ACCESS EXCLUSIVE MODE")
        asked = beside.submit(page.open, path)
        assert wait_for(lambda: bool(ending.execute(ENDED).all()), seconds=PATIENCE)
        held.rollback()
        answer = asked.result(timeout=PATIENCE)
    assert answer.status_code == 503
    assert "Hệ thống gặp lỗi" in page.text
