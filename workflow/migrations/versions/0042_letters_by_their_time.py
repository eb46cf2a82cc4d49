"""letters by their time.

An administrator's list of kept letters read and sorted all of them for its first page.
"""

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_letter_written_at", "letter", ["written_at", "message_id"])


def downgrade() -> None:
    op.drop_index("ix_letter_written_at", table_name="letter")
