"""given more time.

Late work may be given more time than its route does. Nobody kept so far that it was.
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A constant: the rows that are there are not written.
    op.add_column("visit", sa.Column("has_more_time", sa.Boolean(), nullable=False, server_default="false"))


def downgrade() -> None:
    op.drop_column("visit", "has_more_time")
