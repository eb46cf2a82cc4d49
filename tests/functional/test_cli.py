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
SHIPPED = ROOT / "workflow" / "definitions"
Run = Callable[..., Result]


@pytest.fixture
def run(database: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Call the command line on this test's own database, where the small sector is set up."""
    with database.sessions() as session:
        furnish(session, now=clock.now())
    settings = {
        "ENV": "development",
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
    for name in ("up", "web", "worker", "beat", "db", "workflow", "account", "round", "sweep", "audit"):
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


def test_shipped_definitions_are_fine_and_a_broken_one_is_named_by_line(run: Run, tmp_path: Path) -> None:
    files = sorted(map(str, SHIPPED.glob("s*.yaml")))
    assert answer(run("workflow", "check", *files, "--json")) == {"problems": []}
    broken = tmp_path / "broken.yaml"
    text = (SHIPPED / "simplified.yaml").read_text(encoding="utf-8").replace("unit_reviewer@", "reviewer@")
    broken.write_text(text, encoding="utf-8")
    lines = problems(run("workflow", "check", str(broken)))
    assert len(lines) >= 2
    assert all(line.startswith(f"{broken}:") and line.split(":")[1].isdecimal() for line in lines)
    assert problems(run("workflow", "publish", str(broken))) == lines


def test_a_version_with_other_content_is_found_before_it_is_published(run: Run, tmp_path: Path) -> None:
    text = (SHIPPED / "simplified.yaml").read_text(encoding="utf-8")
    changed, first, second = (tmp_path / f"{name}.yaml" for name in ("changed", "first", "second"))
    changed.write_text(text.replace("3 working_days", "4 working_days"), encoding="utf-8")
    first.write_text(text.replace("version: 3", "version: 4"), encoding="utf-8")
    second.write_text(first.read_text("utf-8").replace("3 working_days", "4 working_days"), encoding="utf-8")
    assert run("workflow", "check", str(first), str(first)).exit_code == 0
    result = run("workflow", "check", *map(str, (changed, first, second)), "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["problems"] == [
        {
            "file": str(file),
            "line": 1,
            "message": f"version {version} of 'simplified' has other content in {where}; raise the version",
        }
        for file, version, where in ((changed, 3, "what ships"), (second, 4, first))
    ]


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"key: \xff\xfe", ":1: is not UTF-8: the byte 0xFF"), (b"#" * 1_100_000, "is larger than 1024 KB")],
)
def test_a_file_that_is_no_definition_at_all_is_a_problem_too(
    run: Run, tmp_path: Path, content: bytes, says: str
) -> None:
    path = tmp_path / "strange.yaml"
    path.write_bytes(content)
    [line] = problems(run("workflow", "check", str(path)))
    assert says in line


def test_a_definition_is_published_once_shown_and_drawn(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "short.yaml"
    text = (SHIPPED / "simplified.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace("version: 3", "version: 4"), encoding="utf-8")
    assert answer(run("workflow", "publish", str(path), "--json"))["is_new"] is True
    assert answer(run("workflow", "publish", str(path), "--json"))["is_new"] is False
    assert answer(run("workflow", "show", "simplified", "--json"))["version"] == 4
    shown = run("workflow", "show", "simplified", "--version", "3", "--locale", "vi").stdout
    assert "Quy trình rút gọn" in shown
    assert "approve -> decision: Nhất trí đề nghị, by unit_reviewer@subject.unit [not_own_subject]" in shown
    assert run("workflow", "diagram", "standard").stdout.startswith("stateDiagram-v2")
    path.write_text(path.read_text(encoding="utf-8").replace("3 working_days", "4 working_days"), "utf-8")
    [line, *_] = problems(run("workflow", "publish", str(path)))
    assert "version" in line
    [line] = problems(run("workflow", "show", "nothing"))
    assert line.startswith("No version of the definition 'nothing' is published; known are annual, ")
    assert problems(run("workflow", "show", "simplifed")) == [
        "No version of the definition 'simplifed' is published; did you mean 'simplified'?"
    ]


def test_an_account_is_added_with_a_link_and_a_token_and_disabled(run: Run) -> None:
    added = answer(
        run(
            "account", "add", "Chi@example.vn", "--name", "Lê Chi", "--person", "NV05",
            "--grant", f"nominator@unit:{AG}", "--grant", f"unit_deputy@unit:{AG}", "--json",
        )
    )  # fmt: skip
    assert added["email"] == "chi@example.vn"
    assert added["link"].startswith("https://commendo.example.org/password/")
    assert len(run("account", "token", "chi@example.vn", "--days", "7").stdout.strip()) > 40
    assert run("account", "link", "chi@example.vn").stdout.count("https://") == 1
    left = run("account", "disable", "chi@example.vn").stdout.splitlines()
    assert left == ["Disabled chi@example.vn; its sessions, tokens and links have ended."]
    assert problems(run("account", "token", "chi@example.vn")) == ["The account chi@example.vn is disabled."]


def test_links_lead_to_the_up_that_runs_on_the_folder(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("account", "add", "chi@example.vn", "--name", "Lê Chi")
    (tmp_path / "address").write_text("http://127.0.0.1:8777", encoding="ascii")
    assert "https://commendo.example.org/" in run("account", "link", "chi@example.vn").stdout
    monkeypatch.delenv("COMMENDO_BASE_URL")
    assert "http://127.0.0.1:8777/password/" in run("account", "link", "chi@example.vn").stdout
    (tmp_path / "address").unlink()
    assert "http://127.0.0.1:8000/password/" in run("account", "link", "chi@example.vn").stdout


def test_every_wrong_grant_is_a_line_of_its_own(run: Run) -> None:
    lines = problems(
        run("account", "add", "x@example.vn", "--name", "X", "--grant", "boss@all", "--grant", "head@unit:Z")
    )
    assert [line.split(";")[0] for line in lines] == [
        "grant: 'boss@all': no role 'boss'",
        "grant: 'head@unit:Z': there is no 'unit:Z'",
    ]


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


def test_roles_are_given_and_ended_and_say_what_they_leave(run: Run) -> None:
    key = f"unit_reviewer@unit:{AG}"
    assert run("account", "revoke", "nv02@example.vn", key).stdout.splitlines() == [
        f"nv02@example.vn holds {key} no longer.",
        f"Nobody holds {key} now.",
    ]
    held = f"head@unit:{AG}"
    assert problems(run("account", "revoke", "nv02@example.vn", key)) == [
        f"nv02@example.vn does not hold {key}; it holds {held}."
    ]
    given = answer(run("account", "grant", "nv03@example.vn", key, "--json"))
    assert (given["email"], given["key"]) == ("nv03@example.vn", key)
    assert problems(run("account", "grant", "nv03@example.vn", key)) == [
        f"nv03@example.vn holds {key} already."
    ]
    assert problems(run("account", "grant", "nv03@example.vn", "unit_reviewer@unit:NONE")) == [
        "grant: 'unit_reviewer@unit:NONE': there is no 'unit:NONE'"
    ]
    assert run("account", "grant", "nv03@example.vn", key, "--from", "soon").exit_code == 2


def test_tokens_are_listed_and_revoked_one_by_one(run: Run) -> None:
    for _ in range(2):
        assert run("account", "token", "nv02@example.vn").exit_code == 0
    first, second = answer(run("account", "tokens", "nv02@example.vn", "--json"))["tokens"]
    left = run("account", "tokens", "nv02@example.vn", "--revoke", first["id"]).stdout.splitlines()
    assert left[0] == f"Revoked {first['id']}."
    assert [line[:12] for line in left[1:]] == [second["id"]]
    assert problems(run("account", "tokens", "nv02@example.vn", "--revoke", first["id"])) == [
        f"nv02@example.vn has no token {first['id']}; `commendo account tokens` lists them."
    ]
    assert run("account", "tokens", "nv01@example.vn").stdout == "nv01@example.vn has no token now.\n"
    assert problems(run("account", "tokens", "nobody@example.vn")) == [
        "There is no account nobody@example.vn."
    ]


def test_a_link_says_how_long_it_lives(run: Run) -> None:
    assert "once, within 72 hours:" in run("account", "link", "nv02@example.vn").stdout
    assert "once, within 30 minutes:" in run("account", "link", "nv02@example.vn").stdout
