"""the sending database.

A dump brought back on another server, for a test or after a loss, held every letter that waited, and a worker
with the same settings sent them again to the same people. The row says now from which database letters go.
"""

import sqlalchemy as sa
from alembic import op

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Null for those that send already: the next process that delivers writes where it does.
    op.add_column("installation", sa.Column("sending_database", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("installation", "sending_database")
