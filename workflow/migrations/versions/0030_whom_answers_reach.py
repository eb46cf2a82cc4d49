"""whom answers reach.

A unit may name the address of its officer in charge. None has yet.
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("unit_edition", sa.Column("officer_email", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("unit_edition", "officer_email")
