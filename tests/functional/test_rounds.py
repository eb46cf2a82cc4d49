"""Rounds as programs and the command line meet them: opened, extended after a look, answered, closed."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from api.cli import commendo
from tests.conftest import Database
from tests.support.interface import Interface
from tests.support.office import AG, DT, TOP, furnish
from tests.support.rounds import NEXT
from workflow.clock import FixedClock

OPENING = {
    "code": NEXT,
    "title": "Đợt xét khen thưởng năm 2026",
    "year": 2026,
    "owner": TOP,
    "dates": {"upper_deadline": "2026-06-30"},
    "awards": ["CSTDCS"],
    "propose_dates": True,
    "all_units": True,
}
MOVE = {"date": "unit_deadline", "day": "2026-04-24", "reason": "Bão số 3"}
PAPER = {"number": "12/CV-VKS", "signed_on": "2026-03-02", "signer": "Nguyễn Văn An"}
Run = Callable[..., Result]


def opened(interface: Interface) -> None:
    made = interface.post("supervisor", "/rounds", OPENING)
    assert made.status_code == 201, made.text
    assert made.headers["Location"].endswith(f"/rounds/{NEXT}")


def test_a_round_is_opened_once_with_its_dates_and_read_by_its_code(interface: Interface) -> None:
    key = {"headers": {"Idempotency-Key": "open-1"}}
    first = interface.post("supervisor", "/rounds", OPENING, **key)
    again = interface.post("supervisor", "/rounds", OPENING, **key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert interface.post("supervisor", "/rounds", OPENING).json["code"] == "conflict"
    read = interface.get("stranger", f"/rounds/{NEXT}").json
    assert read == first.json
    assert (read["dates"]["unit_deadline"], read["awards"]) == ("2026-04-15", ["CSTDCS"])
    assert interface.get("nominator", "/rounds/NONE").status_code == 404
    assert interface.post("nominator", "/rounds", {**OPENING, "code": "X"}).status_code == 403


def test_what_units_owe_is_listed_silent_first_to_whom_it_concerns(interface: Interface) -> None:
    opened(interface)
    everybody = interface.get("supervisor", f"/rounds/{NEXT}/returns").json["items"]
    assert [(one["unit"]["code"], one["status"]) for one in everybody] == [
        (AG, "not_started"),
        (DT, "not_started"),
    ]
    assert everybody[0]["officer_telephone"] == "0296 385 2345"
    assert everybody[0]["accountable"]["name"] == "reviewer NV02"
    assert everybody[0]["working_days_left"] > 0
    own = interface.get("nominator", f"/rounds/{NEXT}/returns").json["items"]
    assert [one["unit"]["code"] for one in own] == [AG]
    interface.drafted(round=NEXT)
    assert [
        (one["unit"]["code"], one["status"])
        for one in interface.get("secretary", f"/rounds/{NEXT}/returns").json["items"]
    ] == [(DT, "not_started"), (AG, "drafting")]


def test_an_extension_is_looked_at_and_then_made(interface: Interface) -> None:
    opened(interface)
    path = f"/rounds/{NEXT}/actions/extend"
    shown = interface.post("supervisor", path, {**MOVE, "preview": True}).json
    assert shown["is_preview"]
    assert interface.get("admin", f"/rounds/{NEXT}").json["dates"]["unit_deadline"] == "2026-04-15"
    key = {"headers": {"Idempotency-Key": "extend-1"}}
    done = interface.post("supervisor", path, MOVE, **key)
    only_shown = {"is_preview": True, "mails": shown["mails"], "token": shown["token"]}
    assert {**done.json, **only_shown} == shown
    assert [one["due_on"] for one in shown["returns"]] == ["2026-04-24", "2026-04-24"]
    assert interface.get("admin", f"/rounds/{NEXT}").json["dates"]["unit_deadline"] == "2026-04-24"
    again = interface.post("supervisor", path, MOVE, **key)
    assert (again.json, again.headers["Idempotency-Replayed"]) == (done.json, "true")
    assert interface.post("supervisor", path, MOVE).status_code == 409
    assert interface.post("supervisor", path, {**MOVE, "reason": ""}).status_code == 422
    assert interface.post("supervisor", path, {**MOVE, "date": "someday"}).status_code == 400
    assert interface.post("nominator", path, {**MOVE, "preview": True}).status_code == 403


def test_a_unit_answers_nothing_takes_it_back_and_the_round_closes(interface: Interface) -> None:
    opened(interface)
    path = f"/rounds/{NEXT}/returns/{AG}"
    said = interface.post("unit_head", f"{path}/answer", PAPER)
    [view] = said.json["items"]
    assert (view["status"], view["answer"]["number"], view["working_days_left"]) == (
        "nothing",
        "12/CV-VKS",
        None,
    )
    assert interface.post("other_nominator", f"{path}/answer", PAPER).status_code == 403
    assert interface.post("unit_head", f"{path}/answer", PAPER).status_code == 409
    assert interface.post("nominator", f"{path}/reopen").json["items"][0]["status"] == "not_started"
    assert interface.post("supervisor", f"/rounds/{NEXT}/actions/close").json["closed_at"]
    assert interface.post("unit_head", f"{path}/answer", PAPER).status_code == 409
    assert interface.post("supervisor", f"/rounds/{NEXT}/actions/close").status_code == 409


def test_next_years_round_is_proposed_and_opens_as_proposed(interface: Interface) -> None:
    opened(interface)
    found = interface.get("supervisor", f"/rounds/{NEXT}/proposal").json
    assert (found["round"]["code"], found["round"]["year"]) == ("2027-XET", 2027)
    assert found["round"]["units"] == [AG, DT]
    # 30 June 2027 is a Wednesday; 22 June 2026 was a Monday, a year later it is a Tuesday.
    assert found["round"]["dates"]["upper_deadline"] == "2027-06-30"
    assert {"date": "council_date", "was": "2026-06-22", "day": "2027-06-22"} in found["dates"]
    body = {name: value for name, value in found["round"].items() if value is not None}
    made = interface.post("supervisor", "/rounds", body)
    assert (made.status_code, made.json["previous"]) == (201, NEXT)


@pytest.fixture
def run(database: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Call the command line on this test's own database, where the small sector is set up."""
    with database.sessions() as session:
        furnish(session, now=clock.now())
    for name in [name for name in os.environ if name.startswith("COMMENDO_")]:
        monkeypatch.delenv(name)
    settings = {
        "ENV": "development",
        "DATABASE_URL": database.url,
        "MIGRATION_URL": database.migration_url,
        "DATA_DIR": str(tmp_path),
        "BASE_URL": "https://commendo.example.org",
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"COMMENDO_{name}", value)
    return lambda *words, on="round": CliRunner().invoke(commendo, (on, *words), prog_name="commendo")


def test_the_command_line_opens_shows_extends_and_proposes(run: Run) -> None:
    made = run(
        "open", "2030-XET", "--title", "Đợt 2030", "--year", "2030", "--owner", TOP,
        "--upper-deadline", "2030-12-20", "--date", "unit_deadline=2030-08-30", "--unit", AG,
        "--period", "2029-12-01..2030-11-30", "--json",
    )  # fmt: skip
    assert made.exit_code == 0, made.output
    told = json.loads(made.stdout)
    assert (told["returns"], told["dates"]["unit_deadline"]) == (1, "2030-08-30")
    move = ("extend", "2030-XET", "--date", "unit_deadline=2030-09-06", "--reason", "Bão")
    shown = run(*move)
    assert "2030-08-30 -> 2030-09-06" in shown.stdout
    assert "Nothing was written; with --yes it moves." in shown.stdout
    assert json.loads(run(*move, "--json").stdout)["moved"] is False
    assert json.loads(run(*move, "--yes", "--json").stdout)["moved"] is True
    assert run(*move, "--yes").exit_code == 1
    assert "units: not_started 1" in run("status", "2030-XET").stdout
    like = run("open", "2031-XET", "--like", "2030-XET")
    assert like.exit_code == 0, like.output
    assert "upper_deadline: 2031-12-19" in like.stdout
    assert f"Since last year new units: {DT}" in like.stdout


def test_the_command_line_says_what_it_cannot_read(run: Run) -> None:
    assert run("extend", "X", "--date", "someday=2030-01-01", "--reason", "x").exit_code == 2
    assert run("open", "X", "--period", "2030", "--title", "x").exit_code == 2
    refused = run("open", "X", "--title", "x")
    assert refused.exit_code == 1
    assert refused.stderr.splitlines() == [
        "--year is missing (or say --like with last year's round)",
        "--owner is missing (or say --like with last year's round)",
    ]
