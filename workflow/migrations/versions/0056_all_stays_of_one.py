"""all stays of one.

The stays of a nomination are found by an index whether or not they were voided: an index of some of them served no
question that did not say so, and each read all stays there are.
"""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "uq_visit_ordinal_all",
        "visit",
        ["nomination_id", "ordinal", "voided_at"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    op.drop_index("uq_visit_ordinal", table_name="visit")
    op.execute("ALTER INDEX uq_visit_ordinal_all RENAME TO uq_visit_ordinal")


def downgrade() -> None:
    op.create_index(
        "uq_visit_ordinal_some",
        "visit",
        ["nomination_id", "ordinal"],
        unique=True,
        postgresql_where=sa.text("voided_at IS NULL"),
    )
    op.drop_index("uq_visit_ordinal", table_name="visit")
    op.execute("ALTER INDEX uq_visit_ordinal_some RENAME TO uq_visit_ordinal")
