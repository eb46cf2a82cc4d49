"""newest of a stage.

The index of stages, made anew: in it lie the newest of each, and of which route and unit they are.
"""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DROP INDEX ix_nomination_stage")
    op.execute("CREATE INDEX ix_nomination_stage ON nomination (stage, id) INCLUDE (definition_id, unit_id)")


def downgrade() -> None:
    op.execute("DROP INDEX ix_nomination_stage")
    op.execute("CREATE INDEX ix_nomination_stage ON nomination (stage)")
