"""What the interface refuses, the pages refuse: both read with the same models."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.office import TOP, furnish
from tests.support.pages import Browser, browser, give_passwords
from workflow.store.awards import Round

ROOT = Path(__file__).parents[2]
SOUND = {"code": "2028", "title": "Đợt 2028", "year": "2028", "owner": TOP, "upper_deadline": "2028-03-31"}


@pytest.fixture
def office(session, clock, database) -> Browser:
    furnish(session, now=clock.now())
    give_passwords(session)
    seated = browser(database.sessions, clock)
    assert seated.sign_in("nv24@example.vn").status_code == 303
    return seated


@pytest.mark.parametrize(
    ("field", "value", "label"),
    [
        ("year", "999999999999", "Năm"),
        ("year", "²", "Năm"),
        ("year", "9" * 5000, "Năm"),
        ("code", "x/board", "Mã"),
        ("code", "new", "Mã"),
        ("code", "..", "Mã"),
        ("code", "20\u00ad28", "Mã"),
        ("upper_deadline", "9999-12-31", "Hạn"),
        ("period_from", "0001-01-01", "Từ"),
    ],
)
def test_a_round_that_the_interface_refuses_comes_back_with_what_was_typed(
    office: Browser, session, field, value, label
) -> None:
    office.open("/rounds/new")
    refused = office.send("/rounds/new", {**SOUND, "what": "open", field: value})
    assert refused.status_code == 422
    assert label in office.text
    assert "Đợt 2028" in refused.get_data(as_text=True)
    assert session.query(Round).where(Round.code.not_in(["2026-NAM"])).count() == 0


def test_a_sound_round_opens(office: Browser) -> None:
    office.open("/rounds/new")
    answer = office.send("/rounds/new", {**SOUND, "code": " 2028\u00a0A ", "what": "open"})
    assert (answer.status_code, answer.location) == (303, "/rounds/2028%20A")
    assert office.follow().status_code == 200


@pytest.mark.parametrize("names", ["²", "٣", "9" * 5000, str(2**63), "-1", "NaN"])
def test_names_that_are_no_numbers_are_nobody(office: Browser, names: str) -> None:
    office.open("/rounds")
    token = office.client.get("/rounds/new", base_url="http://127.0.0.1:8000").get_data(as_text=True)
    token = token.split('name="csrf_token" type="hidden" value="')[-1].split('"')[0]
    path = "/submissions/1/review"
    answer = office.client.post(
        path, data={"names": names, "csrf_token": token}, base_url="http://127.0.0.1:8000"
    )
    assert answer.status_code < 500


def test_an_argument_that_is_no_text_is_told_in_one_line() -> None:
    command: list[str | bytes] = [sys.executable, "-P", "-m", "api.cli", "round", "close", b"2026\xff"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert (answer.returncode, answer.stderr) == (
        2,
        "The argument '2026\\udcff' is not UTF-8; type it again.\n",
    )
