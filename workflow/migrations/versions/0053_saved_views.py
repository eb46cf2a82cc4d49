"""saved views.

What somebody narrows their work to again and again has a name, their own or their unit's.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("account_id", sa.BigInteger(), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), sa.ForeignKey("unit.id")),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("words", postgresql.JSONB(), nullable=False),
        sa.CheckConstraint("jsonb_typeof(words) = 'object'", name=op.f("ck_saved_view_words_object")),
    )
    op.create_index("uq_saved_view_name", "saved_view", ["account_id", sa.text("lower(name)")], unique=True)
    op.create_index(
        "ix_saved_view_unit_id", "saved_view", ["unit_id"], postgresql_where=sa.text("unit_id IS NOT NULL")
    )


def downgrade() -> None:
    op.drop_table("saved_view")
