"""warnings and holds.

A reminder may say that an escalation comes, and an escalation may be held back once. What is promised already warns of
nothing, and nothing is held.
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A constant: the rows that are there are not written.
    op.add_column("rung", sa.Column("warns", sa.Boolean(), nullable=False, server_default="false"))
    op.create_table(
        "escalation_hold",
        sa.Column("rung_id", sa.Uuid(), sa.ForeignKey("rung.id"), primary_key=True),
        sa.Column("event_id", sa.Uuid(), sa.ForeignKey("event.id"), nullable=False),
        sa.Column("was_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True)),
        sa.UniqueConstraint("event_id", name=op.f("uq_escalation_hold_event_id")),
    )


def downgrade() -> None:
    # Who is to be reminded of a call is no word that the release before knows: it would silence the work's others too.
    op.execute("UPDATE rung SET fire_at = NULL WHERE recipient LIKE 'account:%' AND fired_at IS NULL")
    op.drop_table("escalation_hold")
    op.drop_column("rung", "warns")
