"""counted heartbeats.

A heartbeat also counts itself, so that somebody who reads it now and then sees the pace and not only the last one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("heartbeat", sa.Column("beat_count", sa.BigInteger(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("heartbeat", "beat_count")
