"""until when letters wait.

A letter that waits for the hour of its reader is late from that hour on, and not from when it was promised.
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("outbox", sa.Column("put_off_until", sa.DateTime(timezone=True), nullable=True))
    # What waits for a morning already was put off until then.
    op.execute(
        "UPDATE outbox SET put_off_until = not_before "
        "WHERE state IN ('new', 'sending') AND state_reason IS NULL AND fold_key LIKE 'task:%'"
    )


def downgrade() -> None:
    op.drop_column("outbox", "put_off_until")
