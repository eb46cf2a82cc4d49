"""`commendo mail` as a mail server's pipe, a timer and an administrator call it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from api.cli import commendo
from tasks.smtp import SmtpTransport
from tests.conftest import Database
from tests.functional.test_cli import Run, answer, run
from tests.support.mail import BASE_URL, SENDER, Inbox, mail_server
from tests.support.office import AG, ROLES, Office
from tests.support.reports import fields_for, report_on
from tests.support.waiting import submitted
from workflow.clock import DatabaseClock
from workflow.domain.mails.preferences import UNFOLDED
from workflow.messages.receipts import Receipts
from workflow.operations.mail.deliver import deliver
from workflow.operations.mail.post import Post
from workflow.store.access import Account
from workflow.store.mail import Outbox

__all__ = ["run"]

ROOT = Path(__file__).parents[2]
SECRET = "a secret of forty letters and a few more, typed here"


@pytest.fixture
def letter(run: Run, database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[EmailMessage]:
    """Send the letter of new work to the reviewer and yield it as their server took it."""
    monkeypatch.setenv("COMMENDO_SECRET_KEY", SECRET)
    monkeypatch.setenv("COMMENDO_MAIL_FROM", SENDER)
    with database.sessions() as session, mail_server() as server:
        monkeypatch.setenv("COMMENDO_SMTP_URL", server.url)
        now = DatabaseClock().now(session)
        accounts = {row.email.split("@")[0]: row.id for row in session.scalars(select(Account))}
        ids = {part: accounts[code.lower()] for part, (code, _, _) in ROLES.items()}
        submitted(Office(ids, session), now)
        post = Post(
            SmtpTransport(server.url),
            SENDER,
            BASE_URL,
            receipts=Receipts(SECRET.encode()),
            preferences=UNFOLDED,
        )
        deliver(database.sessions, clock=DatabaseClock(), post=post)
        yield only(server.inbox)


def only(inbox: Inbox) -> EmailMessage:
    [mail] = inbox.mails
    return mail


def state(database: Database) -> list[str]:
    with database.sessions() as session:
        return list(session.scalars(select(Outbox.state)))


def given(content: bytes, *words: str) -> Result:
    return CliRunner().invoke(commendo, ["mail", "receive", *words], input=content, prog_name="commendo")


def test_a_pipe_gets_nought_whatever_the_mail_was(letter: EmailMessage, database: Database) -> None:
    for content in (b"", b"\0\xff", b"Subject: hello\n\nhow are you", b"x" * (3 * 1024 * 1024)):
        assert given(content).exit_code == 0
    assert state(database) == ["sent"]
    result = given(report_on(letter, fields_for(str(letter["To"].addresses[0].addr_spec))), "--json")
    assert result.exit_code == 0
    [taken] = json.loads(result.stdout)
    assert (taken["mail"]["outcome"], taken["mail"]["bounce_class"]) == ("bounced", "permanent")
    assert state(database) == ["dead"]


def test_a_pipe_is_asked_to_come_again_while_the_database_is_away(
    monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    monkeypatch.setenv("COMMENDO_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    assert given(b"Subject: x\n\n").exit_code == 75
    monkeypatch.setenv("COMMENDO_DATABASE_URL", "nonsense")
    assert given(b"Subject: x\n\n").exit_code == 75


def test_files_folders_and_maildirs_are_read_and_a_maildir_keeps_account(
    letter: EmailMessage, database: Database, tmp_path: Path
) -> None:
    report = report_on(letter, fields_for(str(letter["To"].addresses[0].addr_spec)))
    for name in ("new", "cur", "tmp"):
        (tmp_path / "box" / name).mkdir(parents=True)
    (tmp_path / "box/new/1.x").write_bytes(report)
    (tmp_path / "box/tmp/2.x").write_bytes(report)
    (tmp_path / "plain").mkdir()
    (tmp_path / "plain/one.eml").write_bytes(report)
    words = ("mail", "receive", str(tmp_path / "box"), str(tmp_path / "plain"), "--json")
    outcomes = [one["mail"]["outcome"] for one in answer(CliRunner().invoke(commendo, words))]
    assert outcomes == ["bounced", "known_already"]
    assert [path.name for path in (tmp_path / "box/cur").iterdir()] == ["1.x:2,S"]
    assert list((tmp_path / "box/new").iterdir()) == []
    assert state(database) == ["dead"]


def test_what_failed_is_listed_mended_and_sent_again(
    letter: EmailMessage, run: Run, database: Database
) -> None:
    email = str(letter["To"].addresses[0].addr_spec)
    given(report_on(letter, fields_for(email)))
    listed = run("mail", "dead", "--json")
    assert listed.exit_code == 1
    [failed] = json.loads(listed.stdout)
    assert (failed["email"], failed["is_unreachable"]) == (email, True)
    assert run("account", "address", email, "new@vksnd.example").exit_code == 0
    assert answer(run("mail", "retry", "--to", "new@vksnd.example", "--json")) == {"mails": 1}
    assert state(database) == ["new"]
    assert run("mail", "retry", failed["id"]).exit_code == 1
    assert run("mail", "retry").exit_code == 2


def test_a_real_pipe_gets_nought_and_is_read_to_its_end(letter: EmailMessage) -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "api.cli", "mail", "receive"],
        input=report_on(letter, fields_for("x@y.example")) + b"A" * (8 * 1024 * 1024),
        capture_output=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_mailbox_of_a_unit_is_set_and_ended_by_command(letter: EmailMessage, run: Run) -> None:
    address = "vanthu@vks.example"
    assert answer(run("mail", "mailbox", AG, "--to", address, "--json")) == {
        "unit": AG, "mailbox": address, "changed": True,
    }  # fmt: skip
    assert answer(run("mail", "mailbox", AG, "--to", address, "--json"))["changed"] is False
    assert run("mail", "mailbox", AG).exit_code == 2
    assert run("mail", "mailbox", AG, "--to", "nowhere").exit_code == 1
    assert run("mail", "mailbox", "VKS-XX", "--none").exit_code == 1
    assert answer(run("mail", "mailbox", AG, "--none", "--json"))["mailbox"] is None
