"""In an English installation every refusal is English: of the interface, of the command line and its files.

Every operation of the interface is asked by everybody, with what it takes, with nothing and with what exists
nowhere; every action at every step. What may be Vietnamese are titles of awards that ship, and whatever an
answer gives in both languages, side by side.
"""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner
from sqlalchemy import select
from werkzeug.test import TestResponse

from api.cli import commendo
from api.wsgi import create_app
from tests.functional.test_english_office import FILES, LONDON, Run, assert_english, run, sessions
from tests.support.hostile import address, sample
from workflow.clock import DatabaseClock
from workflow.domain.vocabulary import BuiltIn
from workflow.imports.reading.columns import COLUMNS, ImportKind
from workflow.settings import Settings
from workflow.store.awards import AwardEdition
from workflow.store.database import Sessions

__all__ = ["run", "sessions"]
STAFF = ("nominator", "reviewer", "head", "office")
MOVES = ("submit", "return", "approve", "reject", "withdraw", "recall", "nowhere")
CSV = {"Accept": "text/csv"}


def spoken(value: Any, key: str = "") -> Iterator[str]:
    """Give every text of an answer but those that stand beside their English as `vi`."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from spoken(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from spoken(inner, key)
    elif isinstance(value, str) and key != "vi":
        yield value


def read(answer: TestResponse) -> str:
    """Return the text of an answer; that of an office's document stands in the parts of a package."""
    if "openxmlformats" not in (answer.content_type or ""):
        return answer.get_data(as_text=True)
    with zipfile.ZipFile(io.BytesIO(answer.data)) as package:
        parts = [package.read(name).decode() for name in package.namelist() if name.endswith(".xml")]
    return re.sub(r"<[^>]+>", "\n", "\n".join(parts))


class Office:
    """An English installation reached by programs: one token for each of its people."""

    def __init__(self, run: Run, sessions: Sessions, tmp_path: Path) -> None:
        settings = Settings(
            secret_key="x" * 32, locale="en", timezone=str(LONDON), data_dir=tmp_path / "data"
        )
        self.app = create_app(settings, sessions=sessions, clock=DatabaseClock(), wake=lambda: None)
        said = {part: run("account", "token", f"{part}@eastbridge.ac.uk", "--json") for part in STAFF}
        self.tokens = {part: json.loads(text)["token"] for part, text in said.items()}
        with sessions() as session:
            found = session.scalars(select(AwardEdition.name_vi)).all()
        self.titles = frozenset(title for title in found if not title.isascii())
        self.count = 0

    def ask(self, part: str | None, method: str, path: str, **request: Any) -> Any:
        """Send a request as somebody, read the answer for foreign words, and return it."""
        headers = {"Authorization": f"Bearer {self.tokens[part]}"} if part else {}
        headers |= request.pop("headers", {})
        answer = self.app.test_client().open(path, method=method, headers=headers, **request)
        where = f"{part}: {method} {path} {request} {answer.status_code}"
        assert answer.status_code < 500, where
        texts = list(spoken(answer.get_json())) if answer.is_json else [read(answer)]
        assert_english(" ".join(texts), where, self.titles)
        self.count += answer.status_code >= 400
        return answer

    def post(self, part: str, path: str, body: Any) -> Any:
        """Send a body to an address of the interface."""
        return self.ask(part, "POST", f"/api/v1{path}", json=body)


@pytest.fixture
def installed(run: Run, tmp_path: Path) -> None:
    """Import a small English university and open its round."""
    run("db", "upgrade")
    for kind, rows in FILES.items():
        path = tmp_path / f"{kind}.csv"
        path.write_text(rows, encoding="utf-8")
        run("import", kind, str(path))
    run("account", "add", "office@eastbridge.ac.uk", "--name", "Awards Office", "--grant", "admin@all",
        "--grant", "supervisor@unit:UNI")  # fmt: skip
    run("round", "open", "SPOT-26", "--title", "Spot awards 2026", "--year", "2026", "--owner", "UNI",
        "--all-units", "--date", "unit_deadline=2030-05-06")  # fmt: skip


@pytest.fixture
def office(installed: None, run: Run, sessions: Sessions, tmp_path: Path) -> Office:
    return Office(run, sessions, tmp_path)


def draft(office: Office, award: str, person: str = "P1") -> int:
    body = {
        "round": "SPOT-26",
        "award": award,
        "unit": "PHYS",
        "person": person,
        "achievement": "Kept us dry.",
    }
    made = office.post("nominator", "/nominations", {**body, "proposer": "Grace Hopper"})
    assert made.status_code == 201, made.text
    return int(made.json["id"])


def version_of(office: Office, nomination_id: int) -> int:
    return int(office.ask("office", "GET", f"/api/v1/nominations/{nomination_id}").json["version"])


@pytest.mark.parametrize(
    "is_whole", [False, pytest.param(True, marks=[pytest.mark.deep, pytest.mark.timeout(3600)])]
)
def test_whatever_is_asked_of_the_interface_is_answered_in_english(office: Office, *, is_whole: bool) -> None:
    # The awards that ship ask for papers, a list, a cluster and a council: each has its own reasons.
    awards: tuple[tuple[str, dict[str, str]], ...] = (("CSTDCS", {"person": "P1"}),)
    awards += (("SPOT", {"person": "P2"}), ("TTLDTT", {})) if is_whole else ()
    for award, person in awards:
        every_action_at_every_step(office, award, person)
    parts = (*STAFF, None) if is_whole else ("nominator", None)
    described = office.ask("office", "GET", "/openapi.json").json
    nomination_id = draft(office, "SPOT")
    row = {"person": "P2", "awards": ["LDTT"]}
    made = office.post("nominator", "/submissions", {"round": "SPOT-26", "unit": "PHYS", "rows": [row]})
    known: dict[str, Any] = {
        "nomination_id": nomination_id, "nomination": nomination_id, "nominations": [nomination_id],
        "submission_id": made.json["submissions"][0]["id"], "round": "SPOT-26", "round_code": "SPOT-26",
        "unit": "PHYS", "unit_code": "PHYS", "award": "SPOT", "person": "P1", "owner": "UNI", "year": 2026,
        "action": "submit", "attachment_id": "x", "comment_id": "x", "cluster_id": 1, "code": "SPOT-26",
        "$defs": described["components"]["schemas"],
    }  # fmt: skip
    places = [
        (path, method, operation)
        for path, operations in described["paths"].items()
        for method, operation in operations.items()
        if method in {"get", "post", "patch", "delete", "put"} and path.startswith("/api/")
    ]
    for (path, method, operation), part in product(places, parts):
        there, nowhere = filled(path, known)
        for body in bodies(operation, known, spoils=part == "office"):
            office.ask(part, method.upper(), there, **body)
        office.ask(part, method.upper(), nowhere, **body)
        office.ask(part, "GET", f"{there}?limit=0&cursor=x&nobody=1&state=nowhere&stage=x")
    for path, method, _ in places:
        office.ask("office", "PUT", filled(path, known)[0], data=b"{", content_type="text/plain")
        office.ask(
            "office", method.upper(), filled(path, known)[0], data=b"{", content_type="application/json"
        )
    office.ask("office", "GET", "/api/v1/rounds/SPOT-26/board", headers=CSV)
    assert office.count > 200


def filled(path: str, known: dict[str, Any]) -> tuple[str, str]:
    """Return the address of what exists, and that of what exists nowhere."""
    there, nowhere = path, path
    for part in [part for part in path.split("/") if part.startswith("{")]:
        there = there.replace(part, address(str(known.get(part[1:-1], "nowhere"))))
        nowhere = nowhere.replace(part, "999999")
    return there, nowhere


def bodies(operation: dict[str, Any], known: dict[str, Any], *, spoils: bool) -> Iterator[dict[str, Any]]:
    """Give what an operation takes, with `spoils` also with each part of it wrong, and nothing."""
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" not in content:
        yield {}
        return
    whole = sample(content["application/json"]["schema"], known)
    english = json.loads(json.dumps(whole, ensure_ascii=False).replace("một", "one"))
    yield {"json": english}
    yield {"json": {}}
    for name in english if spoils else ():
        yield {"json": {**english, name: "nowhere"}}


def every_action_at_every_step(office: Office, award: str, person: dict[str, str]) -> None:
    body = {"round": "SPOT-26", "award": award, "unit": "PHYS", **person}
    nomination_id = int(office.post("nominator", "/nominations", body).json["id"])
    for forward in (None, ("nominator", "submit"), ("reviewer", "approve")):
        if forward is not None:
            part, action = forward
            told = {"achievement": "Dry.", "proposer": "Grace Hopper"}
            path, seen = f"/nominations/{nomination_id}", {"version": version_of(office, nomination_id)}
            office.ask("nominator", "PATCH", f"/api/v1{path}", json={**seen, **told})
            seen = {"version": version_of(office, nomination_id)}
            office.post(part, f"{path}/actions/{action}", seen)
        for part in STAFF:
            office.ask(part, "GET", f"/api/v1/nominations/{nomination_id}/actions")
            office.ask(part, "GET", f"/api/v1/nominations/{nomination_id}/events")
        for part, action in product(STAFF, (*MOVES, *BuiltIn)):
            if action not in {"withdraw", "hold", "claim"}:
                seen = {"version": version_of(office, nomination_id)}
                office.post(part, f"/nominations/{nomination_id}/actions/{action}", {"version": 999})
                if action not in {"submit", "approve"}:
                    office.post(part, f"/nominations/{nomination_id}/actions/{action}", seen)


def commands(group: click.Command, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield words
    if isinstance(group, click.Group):
        for name in group.list_commands(click.Context(group)):
            inner = group.get_command(click.Context(group), name)
            assert inner is not None
            yield from commands(inner, (*words, name))


def test_every_command_helps_in_english() -> None:
    for words in commands(commendo):
        done = CliRunner().invoke(commendo, [*words, "--help"], prog_name="commendo")
        assert_english(done.output, " ".join(words), frozenset())


@pytest.mark.usefixtures("installed")
def test_every_file_that_is_refused_is_refused_in_english(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    for kind in ImportKind:
        columns = [column.name for column in COLUMNS[kind] if column.is_read]
        head = ",".join(columns)
        rows = [",".join([cell] * len(columns)) for cell in ("?", "", "x" * 5000, "2026-13-45", "0", "1.5")]
        contents = ["x,y\n1,2\n", f"{head},nmae\n", f"{head},{columns[0]}\n", "", "\x00", f"{head}\n{head}\n"]
        contents += [f"{head}\n{row},x\n" for row in rows]
        account = ("--as", "office@eastbridge.ac.uk") if kind is ImportKind.SUBMISSION else ()
        for content in contents:
            path.write_text(content, encoding="utf-8")
            run("import", kind, str(path), *account, exit_code=1)


@pytest.mark.usefixtures("installed")
def test_commands_answer_and_refuse_in_english(run: Run, tmp_path: Path) -> None:
    wrong = tmp_path / "route.yaml"
    wrong.write_text("key: x\nversion: 1\nsteps: []\nmovs: 3\n", encoding="utf-8")
    refused: list[tuple[str, ...]] = [
        ("account", "grant", "nobody@x.org", "head@unit:UNI"), ("account", "add", "x", "--name", "X"),
        ("account", "grant", "head@eastbridge.ac.uk", "heed@unit:UNX"), ("round", "status", "NONE"),
        ("round", "close", "NONE"), ("round", "extend", "NONE", "--date", "unit_deadline=2030-01-01",
                                     "--reason", "x"), ("workflow", "check", str(wrong)),
        ("workflow", "publish", str(wrong)), ("workflow", "show", "nowhere"), ("import", "undo", "--dry-run"),
        ("account", "revoke", "head@eastbridge.ac.uk", "admin@all"), ("account", "disable", "nobody@x.org"),
        ("round", "open", "S2", "--title", "x", "--year", "2026", "--owner", "UNX"),
    ]  # fmt: skip
    for words in refused:
        done = CliRunner().invoke(commendo, words, prog_name="commendo")
        assert_english(done.output, " ".join(words), frozenset())
    for words in [
        ("round", "status", "SPOT-26"), ("import", "list"), ("account", "tokens", "head@eastbridge.ac.uk"),
        ("audit", "verify"), ("account", "link", "head@eastbridge.ac.uk"),
        ("account", "disable", "head@eastbridge.ac.uk"), ("sweep",),
    ]:  # fmt: skip
        run(*words)
