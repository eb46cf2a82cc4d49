"""A database brought back from a dump elsewhere holds every letter that waited, and sends none by itself."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from tasks.post import open_post
from tasks.smtp import SmtpTransport
from tests.support.office import furnish
from workflow import embedded
from workflow.clock import FixedClock
from workflow.operations.mail.mailbox import Mailbox
from workflow.operations.setup.mail_way import MailWay, set_mail_way, settle_mail_way
from workflow.servers.binaries import postgres_programs
from workflow.settings import Settings, SettingsError
from workflow.store.database import Sessions, make_engine, make_sessions
from workflow.store.installation import Installation

BY_SERVER = Settings(smtp_url="smtp://mail.example.org")
BY_PAGE = Settings()


@pytest.fixture
def copy(session: Session, clock: FixedClock, database, tmp_path: Path) -> Iterator[Sessions]:
    """Lend a copy of a database that sends letters, brought back on another server as the manual says."""
    furnish(session, now=clock.now())
    open_post(BY_SERVER, database.sessions)
    programs, dump = postgres_programs(None).folder, tmp_path / "commendo.dump"
    with embedded.start(tmp_path / "elsewhere", durable=False) as elsewhere:
        _run(programs / "pg_dump", "--format=custom", f"--file={dump}", _plain(database.migration_url))
        there = f"--dbname={_plain(elsewhere.migration_url)}"
        _run(programs / "pg_restore", "--clean", "--if-exists", "--no-owner", there, dump)
        engine = make_engine(elsewhere.database_url)
        yield make_sessions(engine, timezone="Asia/Ho_Chi_Minh")
        engine.dispose()


def test_a_copy_sends_nothing_until_somebody_says_which_it_is(
    copy: Sessions, database, clock: FixedClock
) -> None:
    for may_grow in (False, True):
        with copy() as session, pytest.raises(SettingsError, match="commendo mail-way mailbox"):
            settle_mail_way(session, BY_SERVER, now=clock.now(), may_grow=may_grow)
    with pytest.raises(SettingsError, match="is a copy"):
        open_post(BY_SERVER, copy)
    assert isinstance(open_post(BY_SERVER, database.sessions).transport, SmtpTransport), "the other goes on"
    with copy() as session:
        set_mail_way(session, MailWay.SMTP, now=clock.now())
    assert isinstance(open_post(BY_SERVER, copy).transport, SmtpTransport)


def test_a_copy_made_a_test_does_not_grow_into_one_that_sends(copy: Sessions, clock: FixedClock) -> None:
    with copy() as session:
        set_mail_way(session, MailWay.MAILBOX, now=clock.now())
    assert isinstance(open_post(BY_PAGE, copy).transport, Mailbox)
    with copy() as session, pytest.raises(SettingsError, match="is a copy"):
        settle_mail_way(session, BY_SERVER, now=clock.now(), may_grow=True)


def test_one_that_sent_before_this_was_written_down_goes_on(
    session: Session, clock: FixedClock, database
) -> None:
    furnish(session, now=clock.now())
    set_mail_way(session, MailWay.SMTP, now=clock.now())
    session.execute(update(Installation).values(sending_database=None))
    session.commit()
    assert isinstance(open_post(BY_SERVER, database.sessions).transport, SmtpTransport)
    with database.sessions() as later:
        assert later.scalar(select(Installation.sending_database)), "it is written down now"


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _run(*words: str | Path) -> None:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
