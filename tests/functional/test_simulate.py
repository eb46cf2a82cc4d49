"""`commendo simulate` as people and scripts meet it: a report, a refusal, mails only where one asks."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from api.cli import commendo
from tests.conftest import Database
from tests.support.mail import free_port, mail_server
from tests.support.office import furnish
from workflow.clock import FixedClock
from workflow.store.mail import Outbox

Run = Callable[..., Result]
A_WEEK = ("--days", "8", "--seed", "3", "--nominations", "30")


@pytest.fixture
def run(database: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Call the command line on this test's own, empty database."""
    settings = {
        "ENV": "development",
        "DATABASE_URL": database.url,
        "MIGRATION_URL": database.migration_url,
        "DATA_DIR": str(tmp_path),
        "MAIL_FROM": "Commendo <commendo@demo.example>",
    }
    for name in [name for name in os.environ if name.startswith("COMMENDO_")]:
        monkeypatch.delenv(name)
    for name, value in settings.items():
        monkeypatch.setenv(f"COMMENDO_{name}", value)
    return lambda *words: CliRunner().invoke(commendo, ("simulate", *words), prog_name="commendo")


def states(database: Database) -> dict[str, int]:
    with database.sessions() as session:
        rows = session.execute(select(Outbox.state, func.count()).group_by(Outbox.state))
        return dict(rows.all())


def test_it_reports_in_words_and_as_json_and_goes_on_next_year(run: Run, database: Database) -> None:
    told = run(*A_WEEK)
    assert (told.exit_code, told.stderr) == (0, "")
    assert told.stdout.startswith("HS-2025: 06/10/2025 to 13/10/2025, virtual time.\n13 units, ")
    result = run(*A_WEEK, "--json")
    report = json.loads(result.stdout)
    assert (report["round"], report["first_day"], report["mails_sent"]) == ("HS-2026", "2026-10-05", 0)
    assert set(states(database)) == {"cancelled"}


def test_a_database_in_use_is_refused_in_one_line(run: Run, database: Database, clock: FixedClock) -> None:
    with database.sessions() as session:
        furnish(session, now=clock.now())
    result = run(*A_WEEK)
    assert (result.exit_code, result.stdout) == (1, "")
    [line] = result.stderr.splitlines()
    assert "a simulation needs an empty one" in line


def test_its_mails_go_to_a_mail_server_that_one_names(run: Run, database: Database) -> None:
    with mail_server() as server:
        result = run(*A_WEEK, "--deliver-to", server.url, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["mails_sent"] == len(server.inbox.mails) > 20
    assert all(address.endswith("@demo.example") for address in server.inbox.recipients)
    assert set(states(database)) <= {"sent", "cancelled"}


def test_a_mail_server_that_is_not_there_is_said(run: Run, database: Database) -> None:
    result = run(*A_WEEK, "--deliver-to", f"smtp://127.0.0.1:{free_port()}")
    assert result.exit_code == 1
    assert result.stderr.endswith("mails could not be delivered.\n")
    assert "sent" not in states(database)


@pytest.mark.parametrize(
    "words", [("--deliver-to", "http://127.0.0.1"), ("--days", "0"), ("--seed", "-1"), ("--nominations", "0")]
)
def test_wrong_usage_is_exit_2(run: Run, words: tuple[str, ...]) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert "Usage: commendo simulate" in result.stderr
