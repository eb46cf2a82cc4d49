"""by whose ladder units are reminded.

A round keeps which definition says how its units are reminded of what they owe. Rounds of before keep the usual one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("round", sa.Column("reminders_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        "fk_round_reminders_id_workflow_definition", "round", "workflow_definition", ["reminders_id"], ["id"]
    )


def downgrade() -> None:
    op.drop_constraint("fk_round_reminders_id_workflow_definition", "round", type_="foreignkey")
    op.drop_column("round", "reminders_id")
