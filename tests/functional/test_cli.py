"""The command line as people and scripts meet it: exit codes, one line per problem, results as JSON."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from api.cli import commendo
from tests.conftest import Database
from tests.support.office import AG, ROUND, TOP, furnish
from workflow import embedded
from workflow.clock import FixedClock
from workflow.store.schema import newest_version

ROOT = Path(__file__).parents[2]
Run = Callable[..., Result]


@pytest.fixture
def run(database: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Call the command line on this test's own database, where the small sector is set up."""
    with database.sessions() as session:
        furnish(session, now=clock.now())
    settings = {
        "ENV": "development",
        "TASK_MAIL": "at_once",
        "QUIET_HOURS": "none",
        "UNDO_SECONDS": "0",
        "DATABASE_URL": database.url,
        "MIGRATION_URL": database.migration_url,
        "DATA_DIR": str(tmp_path),
        "BASE_URL": "https://commendo.example.org",
    }
    for name in [name for name in os.environ if name.startswith("COMMENDO_")]:
        monkeypatch.delenv(name)
    for name, value in settings.items():
        monkeypatch.setenv(f"COMMENDO_{name}", value)
    return lambda *words: CliRunner().invoke(commendo, words, prog_name="commendo")


def answer(result: Result) -> Any:
    assert (result.exit_code, result.stderr) == (0, "")
    return json.loads(result.stdout)


def problems(result: Result) -> list[str]:
    assert result.exit_code == 1
    assert result.stdout == ""
    return result.stderr.splitlines()


def test_help_is_there_at_once_and_names_every_command() -> None:
    listed = subprocess.run(
        [sys.executable, "-P", "-X", "importtime", "-m", "api.cli", "--help"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT.parent,
    )
    for name in (
        "up",
        "web",
        "worker",
        "beat",
        "db",
        "workflow",
        "account",
        "round",
        "sweep",
        "tidy",
        "audit",
    ):
        assert f"\n  {name} " in listed.stdout
    imported = {line.rpartition("|")[2].strip() for line in listed.stderr.splitlines()}
    assert not imported & {"sqlalchemy", "flask", "celery", "pydantic", "psycopg"}


@pytest.mark.parametrize(
    "words",
    [
        ("fly",),
        ("round", "open"),
        ("account", "token", "an@example.vn", "--days", "0"),
        ("up", "--port", "0"),
        ("workflow", "check"),
        ("workflow", "check", "no-such-file.yaml"),
    ],
)
def test_wrong_usage_is_exit_2(words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(commendo, words, prog_name="commendo")
    assert result.exit_code == 2
    assert "Usage: commendo" in result.stderr


def test_settings_that_cannot_be_used_are_named_all_at_once(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMMENDO_ENV", "production")
    monkeypatch.setenv("COMMENDO_TIMEZONE", "Mars/Olympus")
    named = [line.split(":")[0] for line in problems(run("round", "status"))]
    assert {"COMMENDO_TIMEZONE", "COMMENDO_SMTP_URL", "COMMENDO_SECRET_KEY"} <= set(named)


def test_a_database_that_does_not_answer_is_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMENDO_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    [line] = problems(run("round", "status"))
    assert line.startswith("The database does not answer: ")


def test_a_database_of_another_version_names_the_remedy(
    run: Run, postgres: embedded.Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMMENDO_DATABASE_URL", postgres.database_url)
    [line] = problems(run("round", "status"))
    assert line.endswith("Run: commendo db upgrade")


def test_the_database_is_what_the_release_expects(run: Run) -> None:
    assert answer(run("db", "check", "--json")) == {"differences": []}
    result = run("db", "upgrade")
    assert (result.exit_code, result.stdout) == (
        0,
        f"The database is at version {newest_version()} already.\n",
    )


def test_a_round_has_only_the_dates_and_units_that_were_named(run: Run) -> None:
    words = ("--title", "Spot awards", "--year", "2026", "--owner", TOP, "--upper-deadline", "2026-06-30")
    bare = answer(run("round", "open", "SPOT-1", *words, "--json"))
    assert (bare["dates"], bare["returns"]) == ({"upper_deadline": "2026-06-30"}, 0)
    assert bare["proposed"]["unit_deadline"] == "2026-04-15"
    told = run("round", "open", "SPOT-2", *words, "--all-units").stdout
    assert "Not set; counted back in working days they would be unit_deadline 2026-04-15" in told
    assert "Nobody was asked for a paper" in told
    full = answer(run("round", "open", "SPOT-3", *words, "--all-units", "--propose-dates", "--json"))
    assert full["dates"]["unit_deadline"] == "2026-04-15"
    assert (full["returns"] > 1, full["proposed"]) == (True, {})
    date = ("--date", "unit_deadline=2026-05-04")
    assert answer(run("round", "open", "SPOT-4", *words, *date, "--unit", AG, "--json"))["returns"] == 1


def test_a_round_is_opened_shown_and_closed(run: Run) -> None:
    opened = run("round", "open", "2026-DX", "--title", "Khen đột xuất", "--year", "2026", "--owner", TOP)
    assert opened.exit_code == 0
    assert opened.stdout.splitlines()[0] == "Round 2026-DX is open."
    assert "Nobody was asked for a paper" in opened.stdout
    assert {one["code"] for one in answer(run("round", "status", "--json"))} == {ROUND, "2026-DX"}
    assert "0 nominations; past due: 0" in run("round", "status", "2026-DX").stdout
    assert "is as you said: Đợt đầu." in run("round", "amend", "2026-DX", "--title", "Đợt đầu").output
    assert run("round", "close", "2026-DX").exit_code == 0
    assert problems(run("round", "close", "2026-DX")) == ["Round '2026-DX' is closed already."]
    assert problems(run("round", "status", "1999")) == ["There is no round '1999'."]


def test_history_is_verified_and_one_stream_of_it_exported(run: Run, tmp_path: Path) -> None:
    run("account", "add", "chi@example.vn", "--name", "Lê Chi")
    verified = answer(run("audit", "verify", "--json"))
    assert (verified["problems"], verified["streams"] >= 4) == ([], True)
    assert "is not detected" in run("audit", "verify").stdout
    kept = tmp_path / "checkpoint.txt"
    assert "Keep the key elsewhere" in run("audit", "checkpoint", "--out", str(kept)).stdout
    assert "Compared with the checkpoint" in run("audit", "verify", "--checkpoint", str(kept)).stdout
    other = run("audit", "verify", "--checkpoint", str(kept), "--key", "ab" * 32)
    assert "signed by another key" in problems(other)[0]
    kept.write_text("nothing", encoding="utf-8")
    assert problems(run("audit", "verify", "--checkpoint", str(kept))) == [
        "checkpoint: this is no checkpoint: its first line is not 'commendo checkpoint 1'"
    ]
    exported = json.loads(run("audit", "export", "definition:standard").stdout)
    assert [event["action"] for event in exported["events"]] == ["publish"]
    assert answer(run("audit", "export", "definition:standard", "--json")) == exported
    assert problems(run("audit", "export", "404")) == ["There is no history of 'nomination:404'."]


def test_one_sweep_does_what_is_due_and_says_what_it_did(run: Run) -> None:
    swept = answer(run("sweep", "--until-idle", "--json"))
    assert swept["fired"]["rungs"] == 0
    assert swept["delivered"]["sent"] == 0
    assert run("sweep").exit_code == 0


def test_a_command_without_an_owner_brings_a_database_of_its_own_and_no_demo(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COMMENDO_")}
    environment["COMMENDO_DATA_DIR"] = str(tmp_path / "data")

    def call(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "api.cli", *words],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr == ""
        return done.stdout

    assert "An, " not in call("account", "add", "an@example.vn", "--name", "An", "--grant", "admin@all")
    assert json.loads(call("round", "status", "--json")) == []
    assert not list((tmp_path / "data" / "embedded").glob("**/postmaster.pid")), "it was stopped at the end"


def test_a_strangers_packages_are_refused(tmp_path: Path) -> None:
    (tmp_path / "tasks").mkdir()
    (tmp_path / "tasks" / "__init__.py").touch()
    done = subprocess.run(
        [sys.executable, "-P", "-m", "api.cli", "--help"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("The packages of Commendo do not lie side by side: ")
