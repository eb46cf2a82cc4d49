"""papers of an account.

What an account brought within a day is summed with each paper it brings.
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_attachment_uploaded_by", "attachment", ["uploaded_by", "uploaded_at"])


def downgrade() -> None:
    op.drop_index("ix_attachment_uploaded_by", "attachment")
