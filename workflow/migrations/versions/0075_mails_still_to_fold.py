"""mails still to fold.

After a standstill the letter of a day left with some of what belonged into it. A claim looks now whether anything of
its reader is still to be put there, in an index of just that.
"""

from alembic import op

revision = "0075"
down_revision = "0074"
branch_labels = None
depends_on = None

_LOOSE = "state IN ('new', 'sending') AND mail_class = 'task' AND fold_key NOT LIKE 'task:%'"


def upgrade() -> None:
    op.create_index("ix_outbox_loose", "outbox", ["account_id"], postgresql_where=_LOOSE)


def downgrade() -> None:
    op.drop_index("ix_outbox_loose", table_name="outbox")
