"""found by holder.

Every sweep asks for work that nobody can take, and for what units owe whose head changed. Both are looked up from
those who sit somewhere, so the nominations of one person and what is still owed have an index each.
"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX ix_nomination_person_id ON nomination (person_id)")
    op.execute(
        "CREATE INDEX ix_expected_return_owed ON expected_return (unit_id) WHERE sent_at IS NULL AND answered_at IS NULL"
    )


def downgrade() -> None:
    op.execute("DROP INDEX ix_expected_return_owed")
    op.execute("DROP INDEX ix_nomination_person_id")
