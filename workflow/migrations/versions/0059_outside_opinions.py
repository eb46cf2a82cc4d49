"""outside opinions.

A stay keeps which outside office was asked for its opinion, when, and when its answer came: that time is the
office's, and where the route says so the period of the stay is doubled by it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("visit", sa.Column("opinion_office", sa.Text()))
    op.add_column("visit", sa.Column("opinion_asked_at", sa.DateTime(timezone=True)))
    op.add_column("visit", sa.Column("opinion_came_at", sa.DateTime(timezone=True)))
    # Checked for what is written from now on; what there is has none, and millions need not be read for it.
    op.execute(
        "ALTER TABLE visit ADD CONSTRAINT ck_visit_opinion_whole CHECK ("
        "(opinion_office IS NULL) = (opinion_asked_at IS NULL)"
        " AND (opinion_came_at IS NULL OR opinion_came_at >= opinion_asked_at)) NOT VALID"
    )


def downgrade() -> None:
    op.drop_constraint(op.f("ck_visit_opinion_whole"), "visit")
    for column in ("opinion_came_at", "opinion_asked_at", "opinion_office"):
        op.drop_column("visit", column)
