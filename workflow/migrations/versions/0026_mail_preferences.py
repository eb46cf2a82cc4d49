"""mail preferences.

A person may say how mails come to them. Nobody has yet: what counts then is the installation's own.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mail_preference",
        sa.Column("account_id", sa.BigInteger(), sa.ForeignKey("account.id"), primary_key=True),
        sa.Column("pace", sa.Text()),
        sa.Column("digest_at", sa.Time()),
        sa.Column("quiet_from", sa.Time()),
        sa.Column("quiet_until", sa.Time()),
        sa.Column("no_information_since", sa.DateTime(timezone=True)),
        sa.CheckConstraint("pace IN ('digest', 'at_once')", name=op.f("ck_mail_preference_pace_known")),
        sa.CheckConstraint(
            "num_nulls(quiet_from, quiet_until) IN (0, 2)", name=op.f("ck_mail_preference_both_ends")
        ),
    )


def downgrade() -> None:
    op.drop_table("mail_preference")
