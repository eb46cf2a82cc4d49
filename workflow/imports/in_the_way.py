"""What keeps an import from being undone: rows that changed since, and rows that refer to those it made.

Who refers is asked of the foreign keys of every table there is, so that a new table needs no line here.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    Select,
    Table,
    UniqueConstraint,
    any_,
    cast,
    func,
    literal,
    literal_column,
    select,
    true,
)
from sqlalchemy import column as sql_column
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.orm import Session
from sqlalchemy.types import Text

from workflow.imports.ledger import Values, Write, as_json, key_of, rows_now
from workflow.store.access import Grant
from workflow.store.base import Base
from workflow.store.nominations import Nomination

MOST_NAMED: Final = 20
"""How many rows in the way are named."""

MOST_FOUND: Final = MOST_NAMED + 1
"""So many are looked for: one more says that there are more."""

_LABELS: Final = ("code", "email", "key", "name", "day", "number", "stream", "id")
# A seat is written in grants and audiences as text: no foreign key knows of it.
_SEATS: Final = {"unit": ("unit", "council"), "cluster": ("cluster",)}


def what_moved(session: Session, kept: Sequence[Write]) -> list[str]:
    """Return a sentence for each of the first rows that are not as the import left them."""
    return list(islice(_moved(rows_now(session, kept), kept), MOST_FOUND))


def what_refers(session: Session, kept: Sequence[Write]) -> list[str]:
    """Return a sentence for each of the first rows that refer to what the import made."""
    made: dict[str, list[Write]] = defaultdict(list)
    restored: dict[str, list[Write]] = defaultdict(list)
    for one in kept:
        (made if one.before is None else restored)[one.table].append(one)
    found: list[str] = []
    grants = [one for one in kept if one.table == "grant"]
    for name, group in list(made.items()):
        named: dict[str, ColumnElement[Any]] = {}
        for table, key in _references_to(name):
            if key.column.name not in named:
                named[key.column.name] = _written(key.column, group)
            values = named[key.column.name]
            ours = [*made[table.name], *restored[table.name]]
            found += _refer(session, table, key, named=values, made=group, ours=ours)
        found += _seats_named(session, name, group, grants)
        if len(found) >= MOST_FOUND:
            break
    return found[:MOST_FOUND]


def _moved(present: Mapping[tuple[str, tuple[object, ...]], Values], kept: Sequence[Write]) -> Iterator[str]:
    """Go back through the rows, last first, as undoing would."""
    state: dict[tuple[str, tuple[object, ...]], Values] = dict(present)
    for one in reversed(kept):
        key, after = key_of(one), one.after
        now = state.get(key)
        if after is None:
            if now is not None:
                yield f"{one.table} {_label(now)} is there again"
            state[key] = one.before or {}
        elif now is None:
            yield f"{one.table} {_label(after | one.key)} is gone"  # type: ignore[operator]  # both are dicts of JSON
        else:
            for name, value in after.items():
                if now.get(name) != value:
                    yield f"{one.table} {_label(now)}: {name} was changed since"
            if one.before is None:
                state.pop(key)
            else:
                state[key] = {**now, **one.before}


def _references_to(name: str) -> Iterator[tuple[Table, ForeignKey]]:
    for table in Base.metadata.sorted_tables:
        for key in sorted(table.foreign_keys, key=lambda one: one.parent.name):
            if key.column.table.name == name:
                yield table, key


def _written(target: Column[Any], made: Sequence[Write]) -> ColumnElement[Any]:
    """Return the keys of what was made as one array, written once: some forty tables are asked.

    What a foreign key of ours refers to is a number or a UUID, so that no key needs a quote.
    """
    keys = ",".join(str((one.after or {})[target.name]) for one in made)
    return cast(literal(f"{{{keys}}}", Text()), ARRAY(target.type))


def _refer(
    session: Session,
    table: Table,
    key: ForeignKey,
    *,
    named: ColumnElement[Any],
    made: Sequence[Write],
    ours: Sequence[Write],
) -> list[str]:
    """Name rows of a table that refer to what was made, without those the same import wrote or sets back."""
    column, target = key.parent, key.column
    mine = {key_of(one)[1] for one in ours if one.before is None or column.name in (one.after or {})}
    rows = session.execute(_referring(table, column, named).limit(len(mine) + MOST_FOUND)).mappings()
    found = []
    for row in rows:
        plain = {str(name): as_json(value) for name, value in row.items()}
        if tuple(plain[one.name] for one in table.primary_key.columns) not in mine:
            # Named by what was made of it, which is looked for only here: mostly nothing is in the way.
            referred = next(
                after for one in made if (after := one.after or {})[target.name] == plain[column.name]
            )
            found.append(f"{table.name} {_label(plain)} refers to {target.table.name} {_label(referred)}")
    return sorted(found)[:MOST_FOUND]


def _referring(table: Table, column: Column[Any], named: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    """Return the statement of the rows of a table that refer to one of the keys named, in whatever order.

    Mostly there is none, which an index says of each key at once. Asked for all keys together, and in order,
    the server reads the whole table to be sure, however large: it expects to meet some soon. `OFFSET 0` keeps
    it from asking that way.
    """
    if not _is_indexed(table, column):
        return select(table).where(column == any_(named))
    keys = func.unnest(named).table_valued(sql_column("key", column.type)).render_derived(name="keys")
    theirs = select(table).where(column == keys.c.key).offset(literal_column("0")).lateral("theirs")
    return select(theirs).select_from(keys.join(theirs, true()))


def _is_indexed(table: Table, column: Column[Any]) -> bool:
    """Return whether an index begins with a column and holds every row that could be asked for by it.

    One of some rows does not serve: without it the whole table would be read for each key.
    """
    uniques = (one for one in table.constraints if isinstance(one, UniqueConstraint | PrimaryKeyConstraint))
    whole = [one for one in table.indexes if _condition(one) in {"", f"{column.name} IS NOT NULL"}]
    first: list[object] = [next(iter(one.columns), None) for one in uniques]
    first += [next(iter(one.expressions), None) for one in whole]
    return any(one is column for one in first)


def _condition(index: Index) -> str:
    where = index.dialect_options["postgresql"]["where"]
    return "" if where is None else str(where)


def _seats_named(session: Session, name: str, made: Sequence[Write], ours: Sequence[Write]) -> list[str]:
    """Name grants of seats, and nominations that reached seats, of what was made."""
    codes = [str((one.after or {}).get("code")) for one in made]
    seats = [f"{word}:{code}" for word in _SEATS.get(name, ()) for code in codes]
    if not seats:
        return []
    mine = {one.key["id"] for one in ours}
    wanted = literal(seats, ARRAY(Text()))
    grants = session.execute(
        select(Grant.id, Grant.key)
        .where(func.split_part(Grant.key, "@", 2) == any_(wanted))
        .order_by(Grant.id)
        .limit(len(mine) + MOST_FOUND)
    )
    found = [f"grant {row.key} names {name}" for row in grants if row.id not in mine]
    seat = func.unnest(wanted).table_valued(sql_column("key", Text())).render_derived(name="seats")
    reached = select(Nomination.id).where(Nomination.audience.contains(array([seat.c.key])))
    files = reached.offset(literal_column("0")).lateral("files")
    numbers = session.scalars(
        select(files.c.id).select_from(seat.join(files, true())).distinct().limit(MOST_FOUND)
    )
    return [*found, *(f"nomination {one} has reached {name} of this import" for one in sorted(numbers))]


def _label(row: Mapping[str, Any]) -> str:
    return str(next((row[name] for name in _LABELS if row.get(name)), "") or tuple(row.values())[:2])
