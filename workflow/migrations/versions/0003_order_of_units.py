"""The order in which people list units.

Revision ID: 0003
Revises: 0002
"""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

from workflow.domain.names import name_sort, title_sort

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the keys and compute them of what is there; Python knows the order, the database does not."""
    for table, key, text in (("unit", "code_sort", "code"), ("unit_edition", "name_sort", "name")):
        op.add_column(table, sa.Column(key, sa.Text(), nullable=True))
        _fill(table, key, text, title_sort)
        op.alter_column(table, key, nullable=False)
    # A number within a name counts as one now, and a unit is nominated under its name as it is listed.
    _fill("person", "name_sort", "name", name_sort)
    for kind, order in (("person", name_sort), ("collective", title_sort)):
        _fill("nomination", "name_sort", "subject_name", order, kind)


def downgrade() -> None:
    """Drop the keys."""
    op.drop_column("unit_edition", "name_sort")
    op.drop_column("unit", "code_sort")


def _fill(name: str, key: str, text: str, order: Callable[[str], str], kind: str | None = None) -> None:
    columns = [sa.column(one, sa.Text()) for one in (key, text, "subject_kind")]
    table = sa.table(name, sa.column("id", sa.BigInteger()), *columns)
    wanted = sa.select(table.c.id, table.c[text], table.c[key])
    if kind is not None:
        wanted = wanted.where(table.c.subject_kind == kind)
    rows = op.get_bind().execute(wanted).all()
    changed = [
        {"row_id": row_id, "order": order(words)} for row_id, words, kept in rows if order(words) != kept
    ]
    if changed:
        update = sa.update(table).where(table.c.id == sa.bindparam("row_id"))
        op.get_bind().execute(update.values({key: sa.bindparam("order")}), changed)
