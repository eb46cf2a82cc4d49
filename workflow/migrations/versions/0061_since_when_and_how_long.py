"""since when and how long.

Since when somebody has work in hand, and through which day who took it themselves keeps it. Of what is in hand at
the upgrade the former is when it was first taken; it ends by no day of its own.
"""

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("work_item", sa.Column("taken_at", sa.DateTime(timezone=True)))
    op.add_column("work_item", sa.Column("claimed_until", sa.Date()))
    op.execute(
        "UPDATE work_item SET taken_at = coalesce(first_claimed_at, opened_at)"
        " WHERE closed_at IS NULL AND assignee_id IS NOT NULL"
    )
    op.create_index(
        "ix_work_item_claimed_until",
        "work_item",
        ["claimed_until"],
        postgresql_where=sa.text("closed_at IS NULL AND claimed_until IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_work_item_claimed_until", table_name="work_item")
    op.drop_column("work_item", "claimed_until")
    op.drop_column("work_item", "taken_at")
