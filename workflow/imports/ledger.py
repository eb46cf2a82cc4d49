"""Rows written and taken back: each with its values before and after, so that one import can be undone.

A write names a table, a key and the columns it changes. Nothing before means a new row, nothing after a row
that goes. What is kept in `import_batch.changes` is the same in JSON.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from itertools import groupby
from typing import Any, Final, TypeAlias, TypeVar
from uuid import UUID

from sqlalchemy import (
    Column,
    ColumnElement,
    Table,
    and_,
    any_,
    bindparam,
    delete,
    insert,
    literal,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict
from workflow.store.base import Base
from workflow.store.statements import Statement

Values: TypeAlias = Mapping[str, object]
Row = TypeVar("Row")
_AT_ONCE: Final = 1000


@dataclass(frozen=True, slots=True)
class Write:
    """One row that is written: what its columns held and what they hold afterwards.

    As `import_batch.changes` keeps it, its values are those of JSON.
    """

    table: str
    key: Values
    before: Values | None
    after: Values | None

    def as_json(self) -> dict[str, object]:
        """Give the row for the column `changes`."""
        return {"table": self.table, "key": self.key, "before": self.before, "after": self.after}


def added(table: str, row: Values) -> Write:
    """Return the write of a new row, whose key it holds already."""
    return Write(table, {name: row[name] for name in _key_names(table)}, None, row)


def changed(table: str, key: Values, before: Values, after: Values) -> Write | None:
    """Return the write of what differs, None where nothing does."""
    names = [name for name in after if before[name] != after[name]]
    if not names:
        return None
    return Write(table, key, {name: before[name] for name in names}, {name: after[name] for name in names})


def removed(table: str, row: Values) -> Write:
    """Return the write that takes a row away."""
    return Write(table, {name: row[name] for name in _key_names(table)}, row, None)


def new_ids(session: Session, table: str, count: int) -> list[int]:
    """Take so many ids for new rows of a table; ids that are not used are lost, which harms nobody."""
    if not count:
        return []
    statement = text("SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :count)")
    return list(session.scalars(statement, {"name": f'"{table}"', "count": count}))


def write_all(session: Session, writes: Sequence[Write]) -> list[Write]:
    """Write the rows in order and return them as they are kept.

    Raises `Conflict` when somebody changed one of them meanwhile.
    """
    kept: list[Write] = []
    try:
        for (table, is_new), group in groupby(writes, key=lambda one: (one.table, one.before is None)):
            rows = list(group)
            kept += _insert(session, table, rows) if is_new else [_change(session, row) for row in rows]
    except IntegrityError as problem:
        raise _meanwhile() from problem
    return kept


def take_back(session: Session, kept: Sequence[Write]) -> None:
    """Set every row back to what it was, the last first. Raises `Conflict` when one moved meanwhile."""
    try:
        for (name, columns), group in groupby(reversed(kept), key=_way_back):
            for rows in batched(list(group)):
                _take_back(session, table_named(name), columns, rows)
    except IntegrityError as problem:
        raise _meanwhile() from problem


def rows_now(session: Session, kept: Iterable[Write]) -> dict[tuple[str, tuple[object, ...]], Values]:
    """Return the present values, as JSON has them, of those rows that are there."""
    found: dict[tuple[str, tuple[object, ...]], Values] = {}
    for name, group in groupby(sorted(kept, key=lambda one: one.table), key=lambda one: one.table):
        table, names = table_named(name), _key_names(name)
        columns = [table.c[key] for key in names]
        wanted = [tuple(_value(table, key, one.key[key]) for key in names) for one in group]
        for part in batched(wanted):
            statement = select(table).where(_is_one_of(columns, part))
            for row in session.execute(statement).mappings():
                values = {column.name: as_json(row[column.name]) for column in table.columns}
                found[name, tuple(values[key] for key in names)] = values
    return found


def batched(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """Yield the rows a thousand at a time: a statement of more is slower, and has a time limit."""
    for start in range(0, len(rows), _AT_ONCE):
        yield rows[start : start + _AT_ONCE]


def key_of(one: Write) -> tuple[str, tuple[object, ...]]:
    """Return what names a row among all tables."""
    return one.table, tuple(one.key[name] for name in _key_names(one.table))


def as_json(value: object) -> object:
    """Return a value of a column as JSON carries it."""
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    return value.hex() if isinstance(value, bytes) else value


def table_named(name: str) -> Table:
    """Return a table by its name."""
    return Base.metadata.tables[name]


def where_key(table: Table, key: Values) -> ColumnElement[bool]:
    """Return the condition that a row has this key; the key may be that of JSON."""
    return and_(*(table.c[name] == _value(table, name, value) for name, value in key.items()))


def _insert(session: Session, name: str, writes: Sequence[Write]) -> Iterator[Write]:
    table = table_named(name)
    rows = [dict(one.after or {}) for one in writes]
    inserted = session.execute(insert(table).returning(*table.columns), rows).mappings()
    whole = {tuple(row[key] for key in _key_names(name)): row for row in inserted}
    for one in writes:
        row = whole[tuple(one.key[key] for key in _key_names(name))]
        yield Write(name, _plain(one.key), None, _plain(row))


def _change(session: Session, one: Write) -> Write:
    table = table_named(one.table)
    as_seen = [table.c[name].is_not_distinct_from(value) for name, value in (one.before or {}).items()]
    where = and_(where_key(table, one.key), *as_seen)
    statement = (
        update(table).where(where).values(dict(one.after)) if one.after else delete(table).where(where)
    )
    if session.execute(statement).rowcount != 1:  # type: ignore[attr-defined]  # a write's result counts rows
        raise _meanwhile()
    return Write(
        one.table, _plain(one.key), one.before and _plain(one.before), one.after and _plain(one.after)
    )


def _way_back(one: Write) -> tuple[str, tuple[str, ...] | None]:
    """Return what is undone together: of one table what goes, is put in, or set back in the same columns."""
    return one.table, None if one.before is None else (*one.before, "" if one.after is None else "*")


def _take_back(
    session: Session, table: Table, columns: tuple[str, ...] | None, rows: Sequence[Write]
) -> None:
    if columns is None:
        keys = [tuple(_value(table, name, one.key[name]) for name in _key_names(table.name)) for one in rows]
        where = _is_one_of([table.c[name] for name in _key_names(table.name)], keys)
        done = session.connection().execute(delete(table).where(where))
        _demand_all(done.rowcount, rows)
    elif rows[0].after is None:
        session.execute(insert(table), [_typed(table, one.before or {}) for one in rows])
    else:
        key = and_(*(table.c[name] == bindparam(f"key_{name}") for name in _key_names(table.name)))
        values = {name: bindparam(f"to_{name}", type_=table.c[name].type) for name in rows[0].before or {}}
        statement = Statement(update(table).where(key).values(values))
        for one in rows:
            found = {f"key_{name}": _value(table, name, value) for name, value in one.key.items()}
            then = {f"to_{name}": value for name, value in _typed(table, one.before or {}).items()}
            _demand_all(statement.run(session, found | then), [one])


def _is_one_of(columns: Sequence[Column[Any]], keys: Sequence[tuple[object, ...]]) -> ColumnElement[bool]:
    """Return the condition that a row has one of these keys; those of one column are one array."""
    if len(columns) > 1:
        return tuple_(*columns).in_(keys)
    return columns[0] == any_(literal([key for (key,) in keys], ARRAY(columns[0].type)))


def _demand_all(count: int, rows: Sequence[Write]) -> None:
    if count != len(rows):
        raise _meanwhile()


def _meanwhile() -> Conflict:
    return Conflict("Somebody changed the same rows meanwhile; nothing was written. Try again.")


@cache
def _key_names(table: str) -> tuple[str, ...]:
    return tuple(column.name for column in table_named(table).primary_key.columns)


def _plain(row: Mapping[Any, object]) -> dict[str, object]:
    return {str(name): as_json(value) for name, value in row.items()}


def _typed(table: Table, values: Values) -> dict[str, object]:
    return {name: _value(table, name, value) for name, value in values.items()}


def _value(table: Table, name: str, value: object) -> object:
    """Return a value of JSON as the column holds it."""
    if not isinstance(value, str):
        return value
    kind = table.c[name].type.python_type
    if kind in {date, datetime, time, UUID}:
        return kind(value) if kind is UUID else kind.fromisoformat(value)
    return bytes.fromhex(value) if kind is bytes else value
