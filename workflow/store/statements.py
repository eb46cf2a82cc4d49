"""The statements of the decision path: written from the tables, compiled once, then handed to the driver.

SQLAlchemy works on a statement anew each time it executes it, which costs the client more than the statement
itself. Here it writes the text once a process, and psycopg prepares that text once a connection.
See docs/adr/0009-core-statements-for-decisions.md.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeAlias, cast

import psycopg
from psycopg.rows import namedtuple_row
from sqlalchemy import Connection, Insert, func, select, true
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ClauseElement

from workflow.store.base import given

Values: TypeAlias = Mapping[str, object]
# The text, the names of its values by their numbers, and those of them that never change.
_Compiled: TypeAlias = tuple[bytes, Sequence[str], Values]

# From so many rows on one statement is cheaper than one each, however well they are prepared: the six rungs
# of a step cost a decision a twentieth of its client's processor time less.
_MANY: Final = 4
# How SQLAlchemy leaves room in a text for a value that is written into it: that of a `switch`.
_SWITCH: Final = re.compile(r"__\[POSTCOMPILE_(\w+)\]")
# What is quoted, and between it the places of values.
_PLACE: Final = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\$(\d+)")
_PLANNED: Final = "planned_once"
# The server's own placeholders ($1), whatever engine a session came from: a text is written once a process.
_WRITTEN_AS: Final = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]  # SQLAlchemy gives its constructor no types


class Statement:
    """A Core statement that runs many times, always with the same parameters by name.

    An INSERT names its columns by the first row that it gets. Errors are those that SQLAlchemy raises. Of
    parameters that are a `switch` each position has a text of its own, and so a plan.
    """

    __slots__ = ("_compiled", "_core", "_switches", "_texts", "_whole")

    def __init__(self, core: ClauseElement) -> None:
        self._core = core
        self._compiled: _Compiled | None = None
        self._switches: Sequence[str] = ()
        self._texts: dict[Sequence[object], bytes] = {}
        self._whole: Statement | None = None

    def run(self, session: Session, values: Values) -> int:
        """Execute the statement in the session's transaction and return how many rows it changed.

        Inside `at_once` nobody knows yet: the number is -1 and an error may come as late as the block's end.
        """
        return self._execute(session, values).rowcount

    def fetch(self, session: Session, values: Values) -> list[Any]:
        """Execute the statement in the session's transaction and return its rows, columns by name."""
        return self._execute(session, values).fetchall()

    def run_each(self, session: Session, rows: Sequence[Values]) -> None:
        """Execute the statement once for each row, of which there may be none, and wait only at the end.

        Many rows to insert go as one statement over arrays, a column each.
        """
        if not rows:
            return
        if len(rows) == 1:
            self._execute(session, rows[0])
            return
        if len(rows) >= _MANY and isinstance(self._core, Insert):
            self._whole = self._whole or _of_arrays(self._core, rows[0])
            self._whole.run(session, {name: [_plain(row[name]) for row in rows] for name in rows[0]})
            return
        connection = session.connection()
        text, names, constants = self._written(rows[0])
        try:
            self._cursor(connection).executemany(text, [_in_order(names, constants, row) for row in rows])
        except psycopg.Error as error:
            raise _as_sqlalchemy(connection, error) from error

    def _execute(self, session: Session, values: Values) -> psycopg.Cursor[Any]:
        connection = session.connection()
        text, names, constants = self._written(values)
        try:
            return self._cursor(connection).execute(text, _in_order(names, constants, values), prepare=True)
        except psycopg.Error as error:
            raise _as_sqlalchemy(connection, error) from error

    def _cursor(self, connection: Connection) -> psycopg.Cursor[Any]:
        """Return the cursor that this statement keeps on a connection: it knows how to write each value."""
        cursor: psycopg.Cursor[Any] | None = connection.info.get(self)
        if cursor is None:
            cursor = psycopg.RawCursor(_driver(connection), row_factory=namedtuple_row)
            connection.info[self] = cursor
        return cursor

    def _written(self, values: Values) -> _Compiled:
        """Return the text as the switches among the values stand."""
        text, names, constants = self._compiled or self._compile(values)
        if not self._switches:
            return text, names, constants
        stand = tuple(values[name] for name in self._switches)
        if stand not in self._texts:
            words = {name: str(bool(values[name])).lower() for name in self._switches}
            self._texts[stand] = _SWITCH.sub(lambda found: words[found[1]], text.decode()).encode()
        return self._texts[stand], names, constants

    def _compile(self, values: Values) -> _Compiled:
        """Write the text, with the constants that can be spelled in it; the others are sent like values."""
        compiled = cast("SQLCompiler", self._core.compile(dialect=_WRITTEN_AS, column_keys=list(values)))
        constants = {name: value for name, value in compiled.params.items() if name not in values}
        self._switches = sorted(set(_SWITCH.findall(str(compiled))))
        # A switch has a place among the names, and no number in the text.
        names = [name for name in compiled.positiontup or () if name not in self._switches]
        text, sent = _spelled_out(str(compiled), names, constants)
        # The same octets each time: the driver knows a prepared statement by them.
        self._compiled = text.encode(), sent, constants
        return self._compiled


def _spelled_out(text: str, names: Sequence[str], constants: Values) -> tuple[str, Sequence[str]]:
    """Return the text with its constants written into it, and the names of what is still sent, renumbered.

    Most values of a large statement are constants: words, roles, separators. Sent each time they cost both
    ends, and a plan that is kept for any values knows none of them.
    """
    written = {name: word for name, value in constants.items() if (word := _literal(value)) is not None}
    sent = [name for name in names if name not in written]
    places = {number: written.get(name) for number, name in enumerate(names, 1)}
    anew = {number: sent.index(name) + 1 for number, name in enumerate(names, 1) if name not in written}

    def place(found: re.Match[str]) -> str:
        if found[1] is None:
            return found[0]
        number = int(found[1])
        return places[number] or f"${anew[number]}"

    return _PLACE.sub(place, text), sent


def _literal(value: object) -> str | None:
    """Return a constant as SQL spells it, None for one that is sent: arrays, times, what needs escapes."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return f"({value})" if value < 0 else str(value)
    if isinstance(value, str) and not set(value) & {"\\", "\0"}:
        quoted = str(value).replace("'", "''")
        return f"'{quoted}'"
    return None


def _in_order(names: Sequence[str], constants: Values, values: Values) -> list[object]:
    """Return the values as the text numbers them."""
    return [values[name] if name in values else constants[name] for name in names]


def _of_arrays(core: Insert, row: Values) -> Statement:
    """Return the same INSERT of whatever rows its arrays hold, one array for each column of the row."""
    columns = [core.table.c[name] for name in row]
    rows = given("given", {each.name: (each.name, each.type) for each in columns})
    return Statement(core.from_select(list(row), select(*rows.c)))


def _plain(value: object) -> object:
    """Return the value as its column spells it: the driver takes no list of words and enum members mixed."""
    return str(value) if isinstance(value, str) else value


_PLAN_ONCE: Final = Statement(select(func.set_config("plan_cache_mode", "force_generic_plan", true())))


@contextmanager
def at_once(session: Session) -> Iterator[None]:
    """Send the block's statements one behind the other and wait for all of them at its end.

    For statements that return nothing and whose count nobody asks for. The first that fails raises, at the
    end of the block at the latest, and those behind it are not carried out.
    """
    connection = session.connection()
    try:
        with _driver(connection).pipeline():
            yield
    except psycopg.Error as error:
        raise _as_sqlalchemy(connection, error) from error


def plan_once(session: Session) -> None:
    """Have the server run what follows in this transaction by plans it keeps, not plan anew for each values.

    For statements whose best plan does not hang on the values, and that take longer to plan than to run: the
    server itself compares costs, in which planning counts for little, and so goes on planning such anew.
    """
    transaction = session.get_transaction() or session.begin()
    if session.info.get(_PLANNED) is not transaction:
        _PLAN_ONCE.fetch(session, {})
        session.info[_PLANNED] = transaction


def _driver(connection: Connection) -> psycopg.Connection[Any]:
    driver: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment]  # every engine of ours speaks through psycopg
    return driver


def _as_sqlalchemy(connection: Connection, error: psycopg.Error) -> BaseException:
    """Return the error as SQLAlchemy would raise it; a connection that is lost goes back to no pool."""
    if not connection.invalidated and _driver(connection).closed:
        connection.invalidate(error)
    return DBAPIError.instance(
        None,
        None,
        error,
        psycopg.Error,
        connection_invalidated=connection.invalidated,
        dialect=connection.dialect,
    )
