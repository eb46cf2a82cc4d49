"""one scan on many lists.

The scan of a decision lies on each list that it covers, and is kept once: several rows may name one file.
"""

from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint("uq_attachment_storage_name", "attachment", type_="unique")
    op.create_index("ix_attachment_storage_name", "attachment", ["storage_name"])


def downgrade() -> None:
    # Of a file on many lists one row keeps it, the first that was not taken away: without any its file would lie
    # there and nobody would find it. The others would be rows without their file's name.
    op.execute(
        "DELETE FROM attachment AS one USING attachment AS other"
        " WHERE one.storage_name = other.storage_name"
        " AND (one.removed_at IS NOT NULL, one.id) > (other.removed_at IS NOT NULL, other.id)"
    )
    op.drop_index("ix_attachment_storage_name", table_name="attachment")
    op.create_unique_constraint("uq_attachment_storage_name", "attachment", ["storage_name"])
