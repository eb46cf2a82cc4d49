"""`kill -9` in the middle of a round: a list is decided whole or not at all, once, and its mails go out."""

import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import psycopg
import pytest
from sqlalchemy.engine import make_url

from tests.support.papers import minimal_pdf
from tests.support.patience import PATIENCE
from tests.support.running import MAILS_AT_ONCE, Answer, Running, cleared, running
from tests.support.sector import (
    COLLEAGUES,
    COUNTS,
    FIRST,
    OPENING,
    ROUND,
    UNITS,
    colleagues_of,
    rows_for,
    sector_files,
)
from workflow import embedded
from workflow.clock import wait_for

pytestmark = [pytest.mark.deep, pytest.mark.timeout(1800)]
# Letters of a decision wait for as long as it may be undone: here nobody does.
AT_ONCE = {**MAILS_AT_ONCE, "undo_seconds": "0"}
HEAD = f"{FIRST}-TT"
TODAY = datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()
SILENT = UNITS[1:4]
PAPER = {"number": "12/TTr", "signed_on": TODAY.isoformat(), "signer": "Thủ trưởng"}
DECISION = {"number": "9/QĐ-VKSTC", "decided_on": TODAY.isoformat(), "signer": "Viện trưởng"}
Order = tuple[str, str, dict[str, object]]


class Round:
    """A small round on a running installation, spoken to as each of its people."""

    def __init__(self, up: Running) -> None:
        self.up = up
        self._tokens: dict[str, str] = {}

    def token(self, part: str) -> str:
        if part not in self._tokens:
            self._tokens[part] = self.up.token(f"{part.lower()}@example.vn")
        return self._tokens[part]

    def ask(self, part: str, path: str, body: object = None, **headers: str) -> Answer:
        return self.up.ask(f"/api/v1{path}", self.token(part), body, **headers)

    def act(self, part: str, paper: str, action: str, key: str, **body: object) -> Answer:
        version = self.ask(part, paper).body["paper"]["version"]
        return self.ask(part, f"{paper}/actions/{action}", {"version": version, **body}, Idempotency_Key=key)

    def upload(self, part: str, path: str, kind: str, key: str) -> int:
        """Send a scan of that kind and return the status."""
        mark = uuid4().hex
        fields = {"kind": kind, "confirms_not_secret": "true"}
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n'
            for n, v in fields.items()
        ]
        head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{kind}.pdf"\r\n\r\n'
        content = "".join([*parts, head]).encode() + minimal_pdf(kind) + f"\r\n--{mark}--\r\n".encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.up.port}/api/v1{path}/attachments",
            data=content,
            headers={
                "Authorization": f"Bearer {self.token(part)}",
                "Content-Type": f"multipart/form-data; boundary={mark}",
                "Idempotency-Key": key,
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as response:  # noqa: S310 - our own address
                return int(response.status)
        except urllib.error.HTTPError as error:
            return error.code

    def states(self, paper: str) -> list[str]:
        return [row["awards"][0]["state"] for row in self.ask("QT", paper).body["list"]]

    def kill(self, *names: str) -> None:
        """Kill these children and Redis, as a power cut would."""
        for name in names:
            self.up.kill(name)
        self.up.kill_redis()

    def demand_ready(self) -> None:
        assert wait_for(self.up.is_ready, seconds=PATIENCE, every=0.3), self.up.ask("/readyz", "").body


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Round]:
    """Start an empty installation, import a small sector at the command line and open its round by JSON."""
    with (
        cleared(tmp_path_factory.mktemp("round")) as folder,
        running(folder, "--no-demo", settings=AT_ONCE) as up,
    ):
        for kind, text in sector_files(UNITS[:4]).in_order():
            path = folder / f"{kind}.csv"
            path.write_text(text, encoding="utf-8")
            up.command("import", kind, str(path))
        small = Round(up)
        dates = {"upper_deadline": (TODAY + timedelta(days=150)).isoformat()}
        made = small.ask("GS", "/rounds", {**OPENING, "dates": dates, "year": TODAY.year})
        assert made.status == 201, made.body
        yield small


@contextmanager
def connected(folder: Path) -> Iterator[psycopg.Connection[Any]]:
    """Look into the database of an installation as its owner does."""
    with embedded.start(folder) as services:
        url = make_url(services.migration_url).set(drivername="postgresql")
        with psycopg.connect(url.render_as_string(hide_password=False)) as connection:
            yield connection


@contextmanager
def held(folder: Path, table: str) -> Iterator[psycopg.Connection[Any]]:
    """Let nobody write a table for as long as the block lasts: whoever does stands still in the middle."""
    with connected(folder) as connection:
        connection.execute(f'LOCK TABLE "{table}" IN SHARE MODE')
        yield connection


def stands_still(connection: psycopg.Connection[Any], table: str) -> bool:
    """Return whether somebody waits to write a table."""
    statement = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass"
    row = connection.execute(statement, [f'"{table}"']).fetchone()
    return row is not None and row[0] > 0


def cut_off(sent: Future[Any]) -> None:
    """Demand that a request got no answer."""
    with pytest.raises(OSError):  # noqa: PT011 - reset, refused or ended early, as the kernel likes
        sent.result(timeout=PATIENCE)


def decided_twice(folder: Path) -> list[tuple[Any, ...]]:
    """Return each step of a nomination that was decided more than once."""
    statement = (
        "SELECT stream, source, count(*) FROM event WHERE stream LIKE 'nomination:%' AND action = 'approve' "
        "GROUP BY stream, source HAVING count(*) > 1 ORDER BY stream"
    )
    with connected(folder) as connection:
        return connection.execute(statement).fetchall()


def test_a_round_survives_kill_9_of_web_worker_and_redis_in_the_middle(opened: Round) -> None:
    for part in (HEAD, f"{FIRST}-PT", "TD", "TK", "VT", "QT"):
        opened.token(part)
    people = [*colleagues_of(FIRST, COLLEAGUES), HEAD]
    body = {"round": ROUND, "unit": FIRST, "rows": rows_for(people), **PAPER}
    made = opened.ask(f"{FIRST}-CB", "/submissions", body, Idempotency_Key="list")
    assert made.status == 201, made.body
    paper = f"/submissions/{made.body['submissions'][0]['id']}"
    with ThreadPoolExecutor(1) as pool:
        kill_between_an_upload_and_its_row(opened, pool, paper)
        assert opened.act(f"{FIRST}-CB", paper, "submit", "submit").body["done"] == 14
        back = made.body["rows"][0]["nominations"][0]["nomination"]
        version = opened.ask(HEAD, paper).body["paper"]["version"]
        order = (HEAD, f"{paper}/actions/approve", {"version": version, "except": [back]})
        kill_before_the_commit(opened, pool, paper, order)
        kill_after_the_commit(opened, pool, order)

    returned = {"to_step": "draft", "reason_code": "other", "comment": "Bổ sung.", "nominations": [back]}
    assert opened.act(HEAD, paper, "return", "return", **returned).body["done"] == 1
    assert opened.act(f"{FIRST}-PT", paper, "approve", "deputy").body["done"] == 1
    opened.kill("worker")
    for part, key, said in (
        ("TD", "receive", {"state": "reception"}),
        ("TD", "appraise", {"state": "appraisal"}),
        ("TK", "vote", {"decision": {"counts": COUNTS}}),
        ("VT", "sign", {"decision": DECISION}),
    ):
        done = opened.act(part, paper, "approve", key, **said)
        assert (done.status, done.body["done"]) == (200, 13), done.body
    opened.demand_ready()
    assert sorted(opened.states(paper)) == [*["approved"] * 13, "draft"]
    assert decided_twice(opened.up.folder) == []
    board = opened.ask("GS", f"/rounds/{ROUND}/board").body
    assert [row["unit"]["code"] for row in board["items"][:3]] == list(SILENT)
    assert board["statuses"]["sent"] == 1
    names = [row["awards"][0]["nomination_id"] for row in opened.ask("QT", paper).body["list"]]
    assert wait_for(lambda: not unsent(opened, names), seconds=PATIENCE, every=0.5), unsent(opened, names)
    assert "whole" in opened.up.command("audit", "verify")


def kill_between_an_upload_and_its_row(opened: Round, pool: ThreadPoolExecutor, paper: str) -> None:
    """Kill the web when a file is received and its row is not there; the same key then files it once."""
    nominator = f"{FIRST}-CB"
    assert opened.upload(nominator, paper, "proposal", "proposal") == 201
    with held(opened.up.folder, "attachment") as connection:
        sent = pool.submit(opened.upload, nominator, paper, "meeting_minutes", "minutes")
        assert wait_for(lambda: stands_still(connection, "attachment"), seconds=PATIENCE)
        opened.up.kill("web")
    cut_off(sent)
    opened.demand_ready()
    assert len(opened.ask(HEAD, f"{paper}/attachments").body["items"]) == 1
    for _ in range(2):
        assert opened.upload(nominator, paper, "meeting_minutes", "minutes") == 201
    assert len(opened.ask(HEAD, f"{paper}/attachments").body["items"]) == 2


def kill_before_the_commit(opened: Round, pool: ThreadPoolExecutor, paper: str, order: Order) -> None:
    """Kill everything when a list is decided in the database and not committed: nothing of it stays."""
    with held(opened.up.folder, "outbox") as connection:
        sent = pool.submit(opened.ask, *order, Idempotency_Key="agree")
        assert wait_for(lambda: stands_still(connection, "outbox"), seconds=PATIENCE)
        opened.kill("web", "worker")
    cut_off(sent)
    opened.demand_ready()
    assert set(opened.states(paper)) == {"unit_review"}


def kill_after_the_commit(opened: Round, pool: ThreadPoolExecutor, order: Order) -> None:
    """Kill everything as soon as the same order stands in the database: the key gives its one answer."""
    with connected(opened.up.folder) as looking:
        looking.autocommit = True
        sent = pool.submit(opened.ask, *order, Idempotency_Key="agree")
        statement = "SELECT count(*) FROM nomination WHERE state = 'reception'"
        assert wait_for(lambda: looking.execute(statement).fetchone() == (12,), seconds=PATIENCE, every=0.01)
    opened.kill("web", "worker", "beat")
    opened.demand_ready()
    again, once_more = (opened.ask(*order, Idempotency_Key="agree") for _ in range(2))
    assert (again.body["done"], again.headers["idempotency-replayed"]) == (12, "true")
    assert again.body == once_more.body
    # Whether the first answer still came through is the kernel's affair; if so, it was the same.
    assert sent.exception() is not None or sent.result().body == again.body


def unsent(opened: Round, names: list[int]) -> list[str]:
    """Return the states of mails about these names that have not gone and were not superseded."""
    found = [
        mail["state"]
        for name in names
        for mail in opened.ask("QT", f"/nominations/{name}/mails?limit=200").body["items"]
    ]
    assert found
    return [state for state in found if state not in {"sent", "cancelled"}]
