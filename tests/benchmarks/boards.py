"""Row 16: the board of a sector beside a plain SQL count of the same numbers.

Ours is all that the server does for one reader: the actor, the numbers and how many of each may be opened,
the oldest work with its holder, what each unit owes, outlook and texts. The count is the numbers alone.
"""

import re
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final

import psycopg
from sqlalchemy import select

from api.board_text import in_both, report, sentence
from tests.benchmarks.rows import Row
from tests.benchmarks.scene import NOW, Scene, plain
from tests.support.office import TOP
from workflow.queries.board.board import Board, board
from workflow.queries.progress import Progress
from workflow.store.access import Account, Grant
from workflow.store.awards import Round
from workflow.store.people import load_actor

CODE: Final = "BOARD"
_TABLES: Final = ("units", "round", "returns", "nominations", "visits", "work")
_READERS: Final = {"office": f"appraiser@council:{TOP}", "supervisor above": f"supervisor@unit:{TOP}"}
_NAME: Final = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


def board_rows(scene: Scene, *, units: int, nominations: int, turns: int) -> list[Row]:
    """Lay out the sector and time its board for the office and for a supervisor, in turn with the count."""
    statements = _statements()
    fill(scene, statements, units=units, nominations=nominations)
    readers = {name: add_reader(scene, name, key) for name, key in _READERS.items()}
    seconds: dict[str, list[float]] = {name: [] for name in (*readers, "")}
    with scene.sessions() as session:
        round_id = session.scalars(select(Round.id).where(Round.code == CODE)).one()
    with scene.psycopg() as connection:
        for turn in range(turns + 1):
            laps = {name: _timed(partial(read, scene, who)) for name, who in readers.items()}
            laps[""] = _timed(partial(_count, connection, statements["count"], round_id))
            # The first turn plans, compiles and warms the cache, which a server does once in its life.
            if turn:
                for name, lap in laps.items():
                    seconds[name].append(lap)
        check(read(scene, readers["office"]), _count(connection, statements["count"], round_id))
    limit = median(seconds[""])
    return [
        Row(
            16,
            f"board of {units} units, {nominations:,} nominations, {name}",
            f"{median(seconds[name]) * 1e3:.0f} ms",
            f"{limit * 1e3:.0f} ms a plain count",
            median(seconds[name]) / limit,
            "x",
            None,
            None,
            less_is_better=True,
        )
        for name in readers
    ]


def fill(scene: Scene, statements: dict[str, str], *, units: int, nominations: int) -> None:
    """Write the sector with one statement for each table, and have the planner look at it."""
    values = {"units": units, "nominations": nominations, "top": TOP, "round": CODE, "now": NOW}
    with psycopg.connect(plain(scene.owner_url), autocommit=True) as connection:
        for name in _TABLES:
            connection.execute(_query(statements[name]), values)
        # As autovacuum would have done by the time a real table has this many rows.
        connection.execute("VACUUM ANALYZE")


def add_reader(scene: Scene, name: str, key: str) -> int:
    """Add an account that holds one key, and return its id."""
    with scene.sessions() as session:
        account = Account(email=f"{name.replace(' ', '-')}@board.example.vn", name=name, created_at=NOW)
        session.add(account)
        session.flush()
        session.add(Grant(account_id=account.id, key=key, valid_from=date(2020, 1, 1)))
        session.commit()
        return account.id


def read(scene: Scene, account_id: int) -> Board:
    """Read the board as the edge does for one request, with both of its texts."""
    with scene.sessions() as session:
        actor = load_actor(session, account_id, today=NOW.date())
        assert actor is not None
        found = board(session, actor=actor, code=CODE, now=NOW)
        in_both(lambda locale: sentence(found, locale)), in_both(lambda locale: report(found, locale))
        return found


def check(found: Board, counted: list[tuple[int, ...]]) -> None:
    """Make sure that both sides counted the same: a race between unlike things says nothing."""
    ours = [found.totals[progress].total for progress in Progress]
    theirs = [sum(row[place] for row in counted) for place in range(1, len(Progress) + 1)]
    assert ours == theirs, (ours, theirs)


def _count(connection: psycopg.Connection, statement: str, round_id: int) -> list[tuple[int, ...]]:
    with connection.transaction():
        return connection.execute(
            _query(statement), {"round_id": round_id, "now": NOW}, prepare=True
        ).fetchall()


def _timed(work: Callable[[], object]) -> float:
    began = perf_counter()
    work()
    return perf_counter() - began


def _query(text: str) -> bytes:
    return text.encode()


def _statements() -> dict[str, str]:
    text = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    _, *parts = _NAME.split(text)
    return dict(zip(parts[::2], parts[1::2], strict=True))
