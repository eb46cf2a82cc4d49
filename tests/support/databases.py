"""The databases of the tests: a few are made, and each is put back as it was and used again.

A copy of the template costs the server hundreds of files, and to drop it a checkpoint and the files again;
putting its rows back is one statement. One whose schema or statistics a test changed is made anew.
"""

import itertools
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, TypeVar, cast

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from workflow.embedded import Services
from workflow.servers.postgres import SUPERUSER

# How many bytes of dead rows make the next copy the cheaper way.
_GROWTH: Final = 8 << 20
_TABLES: Final = (
    "SELECT oid::regclass::text FROM pg_class"
    " WHERE relnamespace = 'public'::regnamespace AND relkind = %s ORDER BY oid"
)
_OTHERS: Final = (
    "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)
_WEIGHT: Final = "SELECT pg_database_size(current_database())"
_THIS: Final = "(SELECT oid FROM pg_database WHERE datname = current_database())"
# Whoever changes a row of a catalogue leaves the number of another transaction there.
_CATALOGUES: Final = {
    "pg_class": "true",
    "pg_attribute": "true",
    "pg_attrdef": "true",
    "pg_constraint": "true",
    "pg_index": "true",
    "pg_trigger": "true",
    "pg_proc": "true",
    "pg_type": "true",
    "pg_rewrite": "true",
    "pg_policy": "true",
    "pg_namespace": "true",
    "pg_extension": "true",
    "pg_default_acl": "true",
    "pg_statistic": "true",
    "pg_statistic_ext": "true",
    # Of what all databases share, what is of this one.
    "pg_database": f"oid = {_THIS}",
    "pg_db_role_setting": f"setdatabase = {_THIS}",
}
# VACUUM and ANALYZE write over what they count.
_SHAPE: Final = "SELECT (SELECT (sum(relpages), sum(reltuples))::text FROM pg_class)" + "".join(
    f" || (SELECT (count(*), sum(xmin::text::bigint))::text FROM {name} WHERE {which})"
    for name, which in _CATALOGUES.items()
)
_Answer = TypeVar("_Answer", bound=Hashable)
_kept: dict[str, "_Kept"] = {}
_free: list[str] = []
_numbers = itertools.count(1)


@contextmanager
def lent(postgres: Services, template: str, *, prefix: str) -> Iterator[str]:
    """Give the name of a database that is as the template for as long as the block lasts."""
    # The same few names again and again: each has an engine that remembers the statements of those before.
    name = _free.pop() if _free else f"{prefix}_{next(_numbers)}"
    if name not in _kept:
        administer(postgres, f"CREATE DATABASE {name} TEMPLATE {template}")
        _kept[name] = _Kept(name, postgres.migration_url)
    yield name
    if not _kept[name].put_back():
        _kept.pop(name).link.close()
        drop(postgres, name)
    _free.append(name)


def count_nothing_unasked(postgres: Services) -> None:
    """Have the server take no statistics of its own accord: in the middle of a test they change its plans."""
    with _superuser(postgres.migration_url, "template1") as link:
        link.execute("ALTER SYSTEM SET autovacuum = off")
        link.execute("SELECT pg_reload_conf()")


def written_once(session: Session, key: Hashable, write: Callable[[], _Answer]) -> _Answer:
    """Return what `write` answers; where it wrote the same before, put the rows there that it left behind.

    It may only add rows, and to a database to which nobody added any.
    """
    kept = _kept.get(str(session.get_bind().engine.url.database))
    if kept is None or not kept.is_as_lent():
        return write()
    if key in _written:
        contents, answer = _written[key]
        kept.add(contents)
        return cast("_Answer", answer)
    written = write()
    _written[key] = kept.contents(), written
    return written


def administer(postgres: Services, statement: str) -> None:
    """Have the owner of the databases do something outside of them."""
    url = make_url(postgres.migration_url).set(drivername="postgresql")
    _administrator(url.render_as_string(hide_password=False)).execute(statement)


@dataclass(frozen=True, slots=True)
class _Contents:
    """What a database holds: each table's rows, as the server writes them, and where each sequence stands."""

    rows: dict[str, tuple[str, ...]]
    numbers: dict[str, tuple[int, bool]]


class _Kept:
    """One database and the superuser's link to it, for which no trigger fires and no foreign key is asked."""

    def __init__(self, name: str, url: str) -> None:
        self.link = _superuser(url, name)
        self.link.execute("SET session_replication_role = replica")
        self._tables = [table for (table,) in self.link.execute(_TABLES, ["r"])]
        self._sequences = [sequence for (sequence,) in self.link.execute(_TABLES, ["S"])]
        self._shape, self._weight = self._ask(_SHAPE), self._ask(_WEIGHT)
        self._versions = self._ask_versions()
        self.first = _Contents({table: self._rows(table) for table in self._tables}, self._ask_numbers())

    def contents(self) -> _Contents:
        """Read everything."""
        changed = {table: self._rows(table) for table in self._touched(self._ask_versions())}
        return _Contents(self.first.rows | changed, self._ask_numbers())

    def is_as_lent(self) -> bool:
        """Whether nobody added a row since."""
        return self._ask_numbers() == self.first.numbers

    def add(self, contents: _Contents) -> None:
        """Put in what this does not hold yet."""
        added = {}
        for table, rows in contents.rows.items():
            had = set(self.first.rows[table])
            assert had <= set(rows), f"rows of {table} were changed, not added"
            added[table] = [row for row in rows if row not in had]
        self._write([*self._inserts(added), *self._settings(contents.numbers)])

    def put_back(self) -> bool:
        """End whoever is still connected and put everything back; false where that would not be enough."""
        try:
            self.link.execute(_OTHERS)
        except psycopg.OperationalError:
            return False  # A test ended every session, ours too.
        if self._ask(_SHAPE) != self._shape or self._ask(_WEIGHT) > self._weight + _GROWTH:
            return False
        now = self._ask_versions()
        touched = self._touched(now)
        moved = dict(self.first.numbers.items() - self._ask_numbers().items())
        self._write(
            [
                *(sql.SQL(f"DELETE FROM {table}") for table in touched),
                *self._inserts({table: self.first.rows[table] for table in touched}),
                *self._settings(moved),
            ]
        )
        self._versions = self._ask_versions() if touched else now
        return True

    def _inserts(self, rows: Mapping[str, Sequence[str]]) -> Iterator[sql.Composable]:
        for table, each in rows.items():
            if each:
                typed = [sql.SQL("({}::{})").format(row, sql.SQL(table)) for row in each]
                insert = (
                    f"INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT (row).* FROM (VALUES {{}}) v(row)"
                )
                yield sql.SQL(insert).format(sql.SQL(", ").join(typed))

    def _settings(self, numbers: Mapping[str, tuple[int, bool]]) -> Iterator[sql.Composable]:
        for name, (last, is_called) in numbers.items():
            yield sql.SQL("SELECT setval({}, {}, {})").format(name, last, is_called)

    def _write(self, statements: list[sql.Composable]) -> None:
        if statements:
            self.link.execute(sql.SQL(";").join(statements))

    def _rows(self, table: str) -> tuple[str, ...]:
        return tuple(self._ask(f"SELECT array_agg(t::text) FROM {table} t") or ())

    def _touched(self, now: Mapping[str, tuple[int, int]]) -> list[str]:
        return [table for table in self._tables if now[table] != self._versions[table]]

    def _ask_versions(self) -> dict[str, tuple[int, int]]:
        """Return what no table has twice: whatever is written bears a higher number than all before."""
        each = [
            f"SELECT '{table}', count(*), sum(xmin::text::bigint)::bigint FROM {table}"
            for table in self._tables
        ]
        found = self.link.execute(sql.SQL(" UNION ALL ".join(each)), prepare=True)
        return {table: (count, total) for table, count, total in found}

    def _ask_numbers(self) -> dict[str, tuple[int, bool]]:
        each = [f"SELECT '{name}', last_value, is_called FROM {name}" for name in self._sequences]
        found = self.link.execute(sql.SQL(" UNION ALL ".join(each)), prepare=True)
        return {name: (last, is_called) for name, last, is_called in found}

    def _ask(self, question: str) -> Any:
        found = self.link.execute(sql.SQL(question), prepare=True).fetchone()
        assert found is not None
        return found[0]


_written: dict[Hashable, tuple[_Contents, Hashable]] = {}


def _superuser(url: str, database: str) -> psycopg.Connection:
    own = make_url(url).set(drivername="postgresql", username=SUPERUSER, database=database)
    return psycopg.connect(own.render_as_string(hide_password=False), autocommit=True)


def drop(postgres: Services, name: str) -> None:
    """Drop a database, where there is one, with whoever is still connected to it.

    FORCE may not end an autovacuum worker, which is the superuser's; without it the server does so itself.
    """
    try:
        administer(postgres, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    except psycopg.errors.InsufficientPrivilege:
        administer(postgres, f"DROP DATABASE IF EXISTS {name}")


@cache
def _administrator(url: str) -> psycopg.Connection:
    return psycopg.connect(url, autocommit=True)
