"""errands.

What takes longer than a page may is asked for in the browser and done by the worker.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "errand",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("args", JSONB(), nullable=False),
        sa.Column("done", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("attempt", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("result", JSONB()),
        sa.CheckConstraint("kind IN ('verify', 'replan_shown', 'replan')", name=op.f("ck_errand_kind_known")),
        sa.CheckConstraint("state IN ('waiting', 'done', 'failed')", name=op.f("ck_errand_state_known")),
        sa.CheckConstraint("jsonb_typeof(args) = 'object'", name=op.f("ck_errand_args_object")),
        sa.CheckConstraint("jsonb_typeof(result) = 'object'", name=op.f("ck_errand_result_object")),
        sa.CheckConstraint(
            "(state = 'waiting') = (ended_at IS NULL)", name=op.f("ck_errand_ended_when_over")
        ),
    )
    op.create_index(
        "uq_errand_open", "errand", ["kind"], unique=True, postgresql_where=sa.text("state = 'waiting'")
    )
    op.create_index("ix_errand_newest", "errand", ["kind", "id"])
    op.create_index(op.f("ix_errand_asked_by"), "errand", ["asked_by"])


def downgrade() -> None:
    op.drop_table("errand")
