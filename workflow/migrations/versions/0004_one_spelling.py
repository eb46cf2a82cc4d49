"""Bring names and codes that are stored already to the one spelling that new ones have.

Two people whose codes differed only in what cannot be seen stay two: the later one's code gets a visible "~2".
"""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

from workflow.domain.names import name_search, name_sort, title_sort
from workflow.domain.text import visible

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_PEOPLE = sa.table(
    "person",
    *(sa.column(name) for name in ("id", "code", "name", "name_search", "name_sort")),
)
_UNITS = sa.table("unit_edition", *(sa.column(name) for name in ("id", "name", "name_search", "name_sort")))
_NOMINATIONS = sa.table(
    "nomination",
    *(sa.column(name) for name in ("id", "subject_name", "subject_kind", "name_search", "name_sort")),
)
_AT_ONCE = 5_000


def upgrade() -> None:
    """Write the rows again whose spelling differs."""
    _write(_PEOPLE, _person)
    _codes()
    _write(_UNITS, _unit)
    _write(_NOMINATIONS, _nomination)


def downgrade() -> None:
    """Leave the spelling: the older release reads it as well."""


def _person(row: sa.Row[Any]) -> dict[str, str]:
    name = visible(row.name)
    return {"name": name, "name_search": name_search(name), "name_sort": name_sort(name)}


def _unit(row: sa.Row[Any]) -> dict[str, str]:
    name = visible(row.name)
    return {"name": name, "name_search": name_search(name), "name_sort": title_sort(name)}


def _nomination(row: sa.Row[Any]) -> dict[str, str]:
    # The name stays as it was submitted; how it is found does not.
    found_by = name_search(row.subject_name)
    order = name_sort if row.subject_kind == "person" else title_sort
    return {"name_search": found_by, "name_sort": order(visible(row.subject_name))}


def _write(table: sa.TableClause, spelled: Callable[[sa.Row[Any]], dict[str, str]]) -> None:
    """Go through a table in order of id, so that it is never held in memory whole."""
    last = 0
    while (
        rows := op.get_bind()
        .execute(sa.select(table).where(table.c.id > last).order_by(table.c.id).limit(_AT_ONCE))
        .all()
    ):
        for row in rows:
            values = spelled(row)
            if any(getattr(row, name) != value for name, value in values.items()):
                op.get_bind().execute(sa.update(table).where(table.c.id == row.id).values(**values))
        last = rows[-1].id


def _codes() -> None:
    rows = op.get_bind().execute(sa.select(_PEOPLE.c.id, _PEOPLE.c.code).order_by(_PEOPLE.c.id)).all()
    taken = {row.code for row in rows}
    for row in rows:
        plain = visible(row.code)
        if plain == row.code:
            continue
        code, number = plain, 1
        while not code or code in taken:
            number += 1
            code = f"{plain}~{number}"
        taken.add(code)
        op.get_bind().execute(sa.update(_PEOPLE).where(_PEOPLE.c.id == row.id).values(code=code))
