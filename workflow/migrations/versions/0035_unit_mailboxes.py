"""mailboxes of units.

A unit may have its mails about work copied to a mailbox of its own. None did so far.
"""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("unit", sa.Column("mailbox", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("unit", "mailbox")
