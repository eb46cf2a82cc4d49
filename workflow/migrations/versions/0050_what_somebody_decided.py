"""what somebody decided.

The moves of one person, the newest first, among all that they ever did.
"""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_event_moved_by",
        "event",
        ["actor_id", "id"],
        postgresql_where=sa.text("actor_id IS NOT NULL AND source <> dest"),
    )


def downgrade() -> None:
    op.drop_index("ix_event_moved_by", table_name="event")
