"""what reports look for.

The letters that a reader got since a bounce, and the letter whose name begins as a receipt says: in two indexes that
were there, made anew so that they serve these questions too.
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DROP INDEX ix_outbox_account_id")
    op.execute("CREATE INDEX ix_outbox_account_id ON outbox (account_id, sent_at)")
    op.execute("DROP INDEX ix_outbox_message_id")
    op.execute("CREATE INDEX ix_outbox_message_id ON outbox (message_id text_pattern_ops)")


def downgrade() -> None:
    op.execute("DROP INDEX ix_outbox_message_id")
    op.execute("CREATE INDEX ix_outbox_message_id ON outbox (message_id)")
    op.execute("DROP INDEX ix_outbox_account_id")
    op.execute("CREATE INDEX ix_outbox_account_id ON outbox (account_id)")
