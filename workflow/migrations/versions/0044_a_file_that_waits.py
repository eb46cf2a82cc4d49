"""a file that waits to be imported.

What somebody looked at in the browser is kept until they import it, one file for each account. Nobody looked so far.
"""

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_upload",
        sa.Column(
            "account_id", sa.BigInteger(), sa.ForeignKey("account.id"), primary_key=True, autoincrement=False
        ),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("sheet", sa.Text()),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(content) <= 8388608", name=op.f("ck_import_upload_content_size")),
    )


def downgrade() -> None:
    op.drop_table("import_upload")
