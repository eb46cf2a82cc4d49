"""Accounts on the command line: added, given roles, links and tokens, and ended; each wrong word is told."""

from pathlib import Path

import pytest

from tests.functional.test_cli import Run, answer, problems, run
from tests.support.office import AG

__all__ = ["run"]


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
    said = run("account", "person", "chi@example.vn", "NV04").stdout.splitlines()
    assert said == ["chi@example.vn is NV04 now."]
    assert run("account", "person", "chi@example.vn").stdout.count("nobody on the list of staff") == 1
    again = answer(run("account", "enable", "chi@example.vn", "--json"))
    assert again["link"].startswith("https://commendo.example.org/password/")
    assert len(run("account", "token", "chi@example.vn").stdout.strip()) > 40


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
