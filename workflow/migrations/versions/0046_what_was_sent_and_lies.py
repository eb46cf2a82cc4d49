"""what was sent and lies.

What somebody sent on and others have now was looked for among everything that they ever sent.
"""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_visit_sent_open", "visit", ["sent_by"], postgresql_where=sa.text("left_at IS NULL"))


def downgrade() -> None:
    op.drop_index("ix_visit_sent_open", table_name="visit")
