"""due rungs in their index.

A sweep reads which rungs are due and what they hang on from the index alone, in its order: among a million open
ones it read a page of the table for each. Made anew in one reading of the table.
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

_OPEN = "fired_at IS NULL AND dead_at IS NULL AND fire_at IS NOT NULL"


def upgrade() -> None:
    op.drop_index("ix_rung_due", table_name="rung")
    op.create_index(
        "ix_rung_due",
        "rung",
        ["fire_at", "id"],
        postgresql_include=["nomination_id", "expected_return_id"],
        postgresql_where=_OPEN,
    )


def downgrade() -> None:
    op.drop_index("ix_rung_due", table_name="rung")
    op.create_index("ix_rung_due", "rung", ["fire_at"], postgresql_where=_OPEN)
