"""what others prepared.

Somebody without authority fills in what whoever decides then agrees to, changes or sends back.
"""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "preparation",
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("again_id", sa.Uuid(), nullable=True),
        sa.Column("prepared_by", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("fk_preparation_visit_id_visit")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_preparation_event_id_event")),
        sa.ForeignKeyConstraint(["again_id"], ["event.id"], name=op.f("fk_preparation_again_id_event")),
        sa.ForeignKeyConstraint(
            ["prepared_by"], ["account.id"], name=op.f("fk_preparation_prepared_by_account")
        ),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_preparation")),
    )
    op.create_index("uq_preparation_event_id", "preparation", ["event_id"], unique=True)
    op.create_index("ix_preparation_prepared_by", "preparation", ["prepared_by"])
    op.create_index(
        "uq_preparation_again_id",
        "preparation",
        ["again_id"],
        unique=True,
        postgresql_where=sa.text("again_id IS NOT NULL"),
    )


def downgrade() -> None:
    # What was prepared is in the history; whoever decides begins with an empty form again.
    op.drop_table("preparation")
