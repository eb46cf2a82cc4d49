"""A sector of twenty years: a million nominations with five million stays, one in ten still open, in minutes.

`python -m tests.benchmarks.sector FOLDER --nominations 1000000` makes it in a PostgreSQL of its own, says
where it is and keeps it up. The statements are `sector.sql`; people and units are added by the product.
"""

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from math import inf
from pathlib import Path
from time import perf_counter
from typing import Final

import psycopg
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from tests.benchmarks.report import say
from tests.benchmarks.scene import TIMEZONE, Scene, plain, scene
from tests.support.office import TOP
from workflow import embedded
from workflow.operations.setup.organise import NewPerson, NewUnit, add_people, add_units
from workflow.operations.sweep.sum_stays import sum_stays
from workflow.store.database import Sessions, make_sessions

UNITS: Final = 400
PEOPLE: Final = 16_000
_PROVINCES: Final = 40
_PER_ROUND: Final = 5_000
_SUMMED_AT_ONCE: Final = 100_000
_FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ")
_MIDDLE = ("Văn", "Thị", "Huy", "Minh", "Quốc", "Thanh", "Ngọc", "Đức", "Hữu", "Xuân", "Kim")
_GIVEN = (
    *("An", "Bình", "Cường", "Dũng", "Giang", "Hà", "Hạnh", "Hùng", "Khánh", "Lan", "Linh", "Long", "Mai"),
    *("Nam", "Nga", "Phúc", "Quân", "Sơn", "Tâm", "Thảo", "Tiến", "Trang", "Tú", "Uyên", "Vinh", "Yến", "Ý"),
)
_NAME: Final = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)
# Filled in order of their keys, with the indexes that are no constraint made once at the end.
_SETTINGS: Final = (
    "work_mem = '256MB'",
    "maintenance_work_mem = '1GB'",
    "synchronous_commit = off",
    # Neither triggers nor foreign keys: what is written holds by the way it is made.
    "session_replication_role = replica",
)
# But what lists offer is kept by triggers alone.
_KEPT: Final = ("nomination_is_added", "nomination_is_moved")
_LARGE: Final = ("nomination", "visit", "work_item", "rung", "event", "outbox", "letter", "submission")


@dataclass(frozen=True, slots=True)
class Size:
    """How much: nominations in all, how many to a round, and how many of the rounds are still open."""

    nominations: int
    per_round: int
    open_rounds: int

    @property
    def rounds(self) -> int:
        """Give the number of rounds that hold them."""
        return -(-self.nominations // self.per_round)

    @classmethod
    def of(cls, nominations: int) -> "Size":
        """Return rounds of five thousand, one in nine of them open: a first half year, or twenty years."""
        return cls(nominations, _PER_ROUND, open_rounds=max(1, nominations // _PER_ROUND // 9))


@contextmanager
def sector(services: embedded.Services, *, database: str, nominations: int, now: datetime) -> Iterator[Scene]:
    """Make a sector in a database of that name. Open work lies around `now`; what is over goes back years."""
    with scene(services, database=database) as furnished:
        _add_people(furnished.sessions)
        began = perf_counter()
        fill(furnished.owner_url, Size.of(nominations), now=now)
        say(f"{nominations:,} nominations in {perf_counter() - began:.0f} s")
        sum_at_once(furnished.owner_url)
        yield furnished


def fill(owner_url: str, size: Size, *, now: datetime) -> None:
    """Write the sector table by table, and have the planner look at it."""
    superuser = make_url(owner_url).set(username="postgres")
    values = {
        "top": TOP,
        "now": now,
        "first_day": datetime(2000, 1, 1, tzinfo=UTC),
        "last_year": now.year,
        "rounds": size.rounds,
        "open_rounds": size.open_rounds,
        "per_round": size.per_round,
        "nominations": size.nominations,
    }
    with psycopg.connect(plain(str(superuser)), autocommit=True) as connection:
        for setting in _SETTINGS:
            connection.execute(f"SET {setting}".encode())
        for trigger in _KEPT:
            connection.execute(f"ALTER TABLE nomination ENABLE ALWAYS TRIGGER {trigger}".encode())
        with _without_indexes(connection):
            for name, statements in _parts():
                began = perf_counter()
                for statement in statements:
                    connection.execute(statement.encode(), values)
                say(f"  {name}: {perf_counter() - began:.0f} s")
        for trigger in _KEPT:
            connection.execute(f"ALTER TABLE nomination ENABLE TRIGGER {trigger}".encode())
        # As autovacuum would have done by the time real tables have this many rows.
        connection.execute("VACUUM ANALYZE")


def sum_at_once(owner_url: str) -> None:
    """Sum all that is over: what the sweep does over the years, in larger batches."""
    began = perf_counter()
    engine = create_engine(owner_url)
    summed = sum_stays(make_sessions(engine, timezone=TIMEZONE), batch=_SUMMED_AT_ONCE, seconds=inf)
    engine.dispose()
    say(f"  {summed:,} stays summed: {perf_counter() - began:.0f} s")


def _add_people(sessions: Sessions) -> None:
    codes = [f"SZ-{n:03}" for n in range(UNITS)]
    units = [
        NewUnit(
            code,
            f"VKSND khu vực {n}" if n >= _PROVINCES else f"VKSND tỉnh số {n}",
            TOP if n < _PROVINCES else codes[n % _PROVINCES],
            f"Cán bộ {code}",
            "024 3825 5058",
        )
        for n, code in enumerate(codes)
    ]
    people = [
        NewPerson(
            f"SZ{n:06}",
            f"{_FAMILY[n % 13]} {_MIDDLE[n // 13 % 11]} {_GIVEN[n // 143 % 27]}",
            codes[n % UNITS],
            "Kiểm sát viên",
        )
        for n in range(PEOPLE)
    ]
    with sessions() as session:
        add_units(session, units, valid_from=date(2000, 1, 1))
        for start in range(0, len(people), 2000):
            add_people(session, people[start : start + 2000])
        session.commit()


@contextmanager
def _without_indexes(connection: psycopg.Connection) -> Iterator[None]:
    """Make the indexes that are no constraint once, over full tables."""
    found = connection.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid = ANY (%s::regclass[]) AND NOT indisunique",
        ([f"public.{table}" for table in _LARGE],),
    ).fetchall()
    for name, _ in found:
        connection.execute(f"DROP INDEX {name}".encode())
    yield
    began = perf_counter()
    for _, statement in found:
        connection.execute(statement.encode())
    say(f"  {len(found)} indexes: {perf_counter() - began:.0f} s")


def _parts() -> list[tuple[str, list[str]]]:
    _, *parts = _NAME.split(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    return [
        (name, [one.strip() for one in body.split(";\n") if one.strip()])
        for name, body in zip(parts[::2], parts[1::2], strict=True)
    ]


def main(words: Sequence[str]) -> int:
    """Make a sector in a folder's own PostgreSQL, print its two URLs, and keep it up until the input ends."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.sector", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--nominations", type=int, default=1_000_000)
    wanted = parser.parse_args(words)
    now = datetime.now(UTC)
    with (
        embedded.start(wanted.folder) as services,
        sector(services, database="sector", nominations=wanted.nominations, now=now) as made,
    ):
        print(made.url, made.owner_url, sep="\n", flush=True)  # noqa: T201 - the URLs are what is asked for
        sys.stdin.read()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
