"""units of a round, and reminders given up.

What a unit has in a round is found by both, where two indexes were walked and laid over each other for each unit;
and the few reminders that failed for good without reading all there ever were.
"""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DROP INDEX ix_nomination_round")
    op.execute("CREATE INDEX ix_nomination_round ON nomination (round_id, unit_id, stage)")
    op.execute("CREATE INDEX ix_rung_dead ON rung (dead_at, id) WHERE dead_at IS NOT NULL")


def downgrade() -> None:
    op.execute("DROP INDEX ix_rung_dead")
    op.execute("DROP INDEX ix_nomination_round")
    op.execute("CREATE INDEX ix_nomination_round ON nomination (round_id, stage)")
