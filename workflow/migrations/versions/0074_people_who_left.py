"""people who left.

Whoever retired, moved away or died stayed among the members of their unit for ever: counted where a collective's
share of awarded members is counted, and offered in each form.
"""

import sqlalchemy as sa
from alembic import op

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("left_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("person", "left_on")
