"""what keeps open work from going on.

The first look fills it. The table is new, so nothing is locked that anybody works with.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_REASONS = (
    "'assignee_gone', 'role_lost', 'away', 'conflicted', 'group_empty', 'unreachable', 'no_move',"
    " 'past_last_rung', 'no_session'"
)


def upgrade() -> None:
    op.create_table(
        "obstacle",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("work_item_id", sa.Uuid(), sa.ForeignKey("work_item.id"), nullable=True),
        sa.Column("round_id", sa.BigInteger(), sa.ForeignKey("round.id"), nullable=True),
        sa.Column("work_count", sa.BigInteger(), nullable=False, server_default="1"),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(f"reason IN ({_REASONS})", name=op.f("ck_obstacle_reason_known")),
        sa.CheckConstraint("num_nonnulls(work_item_id, round_id) = 1", name=op.f("ck_obstacle_one_root")),
    )
    for root in ("work_item_id", "round_id"):
        op.create_index(f"ix_obstacle_{root}", "obstacle", [root], postgresql_where=f"{root} IS NOT NULL")
    for name, root in (("uq_obstacle_of_work", "work_item_id"), ("uq_obstacle_of_round", "round_id")):
        op.create_index(name, "obstacle", [root, "reason"], unique=True, postgresql_where="closed_at IS NULL")


def downgrade() -> None:
    op.drop_table("obstacle")
