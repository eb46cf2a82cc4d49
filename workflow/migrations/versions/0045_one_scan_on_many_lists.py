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
    # Of a file on many lists the first row keeps it; the others are rows without their file's name otherwise.
    op.execute(
        "DELETE FROM attachment AS one USING attachment AS other"
        " WHERE one.storage_name = other.storage_name AND one.id > other.id"
    )
    op.drop_index("ix_attachment_storage_name", table_name="attachment")
    op.create_unique_constraint("uq_attachment_storage_name", "attachment", ["storage_name"])
