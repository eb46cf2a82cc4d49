"""Rows 7 and 8: an inbox of fifty as the database answers it, and as a program gets it over HTTP."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any, ClassVar, Final, Self

import psycopg
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from tests.benchmarks.rows import Row
from tests.benchmarks.scene import plain
from tests.benchmarks.web.served import Reader, running, serving, sessions_on, sign_in
from workflow.queries.inbox.inbox import inbox
from workflow.store.reads import end_read, reads_only

LIMIT: Final = 50
# Who has more open work than anybody else.
_OFFICE: Final = {"office": "sz-appraiser-1@example.vn"}
_WARM_UP: Final = 20
_PATH: Final = f"/api/v1/inbox?limit={LIMIT}"


def query_rows(url: str, *, turns: int) -> list[Row]:
    """Time the statement that reads an inbox beside `select 1`, each as the driver sends it."""
    sessions = reads_only(sessions_on(url))
    [reader] = sign_in(sessions_on(url), _OFFICE)
    engine: Engine = sessions.kw["bind"]
    ours: list[float] = []
    one: list[float] = []
    with timed_cursors():
        for turn in range(turns + _WARM_UP):
            with sessions() as session:
                for seconds, ask, meant in ((ours, _read, LIMIT), (one, _ask_one, 1)):
                    session.connection()
                    Timed.found.clear()
                    rows = ask(session, reader)
                    assert rows == meant, f"{rows} rows came, and {meant} are meant"
                    if turn >= _WARM_UP:
                        seconds.append(max(Timed.found))
                end_read(session)
        engine.dispose()
    return [
        Row(
            7,
            f"inbox query, {LIMIT} rows, {name}",
            f"{mine * 1e3:.2f} ms",
            f"{limit * 1e3:.2f} ms select 1",
            mine / limit,
            "x",
            4,
            3 if name == "p99" else None,
            less_is_better=True,
        )
        for name, mine, limit in (
            ("p50", median(ours), median(one)),
            ("p99", _p99(ours), _p99(one)),
        )
    ]


def http_rows(url: str, folder: Path, *, turns: int) -> list[Row]:
    """Ask both servers in turn over one connection each and compare how many they answer in a second."""
    sessions = sessions_on(url)
    [reader] = sign_in(sessions, _OFFICE)
    sessions.kw["bind"].dispose()
    command = [sys.executable, "-m", "tests.benchmarks.web.plain_server", plain(url)]
    command += [str(reader.actor.account_id), json.dumps(sorted(reader.actor.keys))]
    with serving(url, folder) as port, running(command) as other:
        ours, theirs = HTTPConnection("127.0.0.1", port), HTTPConnection("127.0.0.1", other)
        mine: list[float] = []
        limit: list[float] = []
        for turn in range(turns + _WARM_UP):
            for seconds, connection, path in ((mine, ours, _PATH), (limit, theirs, "/inbox")):
                began = perf_counter()
                items = _items(connection, path, reader)
                if turn >= _WARM_UP:
                    seconds.append(perf_counter() - began)
                assert items == LIMIT, f"{path}: {items} rows, and {LIMIT} are meant"
        ours.close()
        theirs.close()
    found, best = 1 / median(mine), 1 / median(limit)
    work, beside = f"inbox of {LIMIT} over HTTP", f"{best:.0f}/s json_agg"
    return [Row(8, work, f"{found:.0f}/s", beside, found / best, " of json_agg", 0.3, 0.4)]


def _items(connection: HTTPConnection, path: str, reader: Reader) -> int:
    connection.request("GET", path, headers=reader.headers(path))
    answer = connection.getresponse()
    body = answer.read()
    assert answer.status == 200, body
    return len(json.loads(body)["items"])


def _read(session: Session, reader: Reader) -> int:
    now = datetime.now(UTC)
    return len(inbox(session, actor=reader.actor, now=now, limit=LIMIT, cursor=None).items)


def _ask_one(session: Session, _reader: Reader) -> int:
    found: int = session.scalar(text("SELECT 1"))
    return found


class Timed(psycopg.RawCursor[Any]):
    """Notes the seconds between sending each statement and having its rows, without what is made of them."""

    found: ClassVar[list[float]] = []

    def execute(self, *args: Any, **given: Any) -> Self:
        began = perf_counter()
        super().execute(*args, **given)
        self.found.append(perf_counter() - began)
        return self


@contextmanager
def timed_cursors() -> Iterator[None]:
    """Have every cursor timed, those of ready-made statements too."""
    usual = psycopg.RawCursor
    psycopg.RawCursor = Timed  # type: ignore[misc]  # while it is measured
    try:
        yield
    finally:
        psycopg.RawCursor = usual  # type: ignore[misc]  # what it was


def _p99(seconds: list[float]) -> float:
    return quantiles(seconds, n=100, method="inclusive")[98]
