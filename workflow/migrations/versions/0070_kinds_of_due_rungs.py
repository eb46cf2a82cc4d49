"""kinds of due rungs.

How many reminders and escalations each of the days ahead brings was counted from the table: among a million
nominations a page was read for each of a hundred thousand. The index in which rungs fall due has their kinds now.
"""

from alembic import op

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None

_OPEN = "fired_at IS NULL AND dead_at IS NULL AND fire_at IS NOT NULL"
_ROOTS = ["nomination_id", "expected_return_id"]


def upgrade() -> None:
    _make([*_ROOTS, "kind"])


def downgrade() -> None:
    _make(_ROOTS)


def _make(include: list[str]) -> None:
    op.drop_index("ix_rung_due", table_name="rung")
    op.create_index(
        "ix_rung_due", "rung", ["fire_at", "id"], postgresql_include=include, postgresql_where=_OPEN
    )
