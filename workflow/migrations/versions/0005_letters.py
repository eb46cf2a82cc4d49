"""letters: the most urgent first, and where they go."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_UNDECIDED = sa.text("state IN ('new', 'sending')")


def upgrade() -> None:
    op.drop_index("ix_outbox_due", table_name="outbox", postgresql_where=_UNDECIDED)
    op.create_index(
        "ix_outbox_due", "outbox", ["mail_class", "not_before", "id"], postgresql_where=_UNDECIDED
    )
    op.create_index("ix_outbox_fold", "outbox", ["fold_key"], postgresql_where=_UNDECIDED)
    op.add_column("installation", sa.Column("mail_way", sa.Text(), nullable=True))
    op.create_check_constraint("mail_way_known", "installation", "mail_way IN ('smtp', 'mailbox')")
    # What has gone out so far says which way it went; of other data nothing is remembered.
    op.execute(
        """
        UPDATE installation SET mail_way = CASE
            WHEN EXISTS (SELECT FROM letter) THEN 'mailbox'
            WHEN EXISTS (SELECT FROM outbox WHERE state = 'sent') THEN 'smtp'
        END
        WHERE kind = 'live'
        """
    )


def downgrade() -> None:
    op.drop_constraint("mail_way_known", "installation", type_="check")
    op.drop_column("installation", "mail_way")
    op.drop_index("ix_outbox_fold", table_name="outbox", postgresql_where=_UNDECIDED)
    op.drop_index("ix_outbox_due", table_name="outbox", postgresql_where=_UNDECIDED)
    op.create_index("ix_outbox_due", "outbox", ["not_before"], postgresql_where=_UNDECIDED)
