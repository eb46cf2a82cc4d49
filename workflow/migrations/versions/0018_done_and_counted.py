"""done and counted.

How many rungs were fired and letters sent is counted by who does it. A scrape counted all there ever were: a second,
every few seconds, with three million rungs. What was done until now is counted once, here.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("heartbeat", sa.Column("done_count", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute(
        "UPDATE heartbeat SET done_count = CASE name WHEN 'sweep' THEN (SELECT count(fired_at) FROM rung)"
        " WHEN 'deliver' THEN (SELECT count(*) FROM outbox WHERE state = 'sent') ELSE 0 END"
    )


def downgrade() -> None:
    op.drop_column("heartbeat", "done_count")
