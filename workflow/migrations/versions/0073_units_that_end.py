"""units that end.

A unit that is dissolved has no edition any more from the next day on, but its files go on for months. They were read
by the unit's code, since no edition named it. Each edition says now until when it does.
"""

import sqlalchemy as sa
from alembic import op

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None

_LAST = "named_until IS NULL"


def upgrade() -> None:
    op.add_column("unit_edition", sa.Column("named_until", sa.Date(), nullable=True))
    op.execute(
        """
        UPDATE unit_edition SET named_until = later.valid_from
        FROM (SELECT id, lead(valid_from) OVER (PARTITION BY unit_id ORDER BY valid_from) AS valid_from FROM unit_edition)
            AS later
        WHERE later.id = unit_edition.id AND later.valid_from IS NOT NULL
        """
    )
    # Every page asks it: without figures of the new column the server expects that it is hardly ever null.
    op.execute("ANALYZE unit_edition")
    op.create_check_constraint(
        "named_while_valid", "unit_edition", "named_until IS NULL OR named_until >= valid_to"
    )
    op.create_index(
        "uq_unit_edition_last", "unit_edition", ["unit_id"], unique=True, postgresql_where=sa.text(_LAST)
    )


def downgrade() -> None:
    op.drop_index("uq_unit_edition_last", table_name="unit_edition")
    op.drop_constraint("named_while_valid", "unit_edition", type_="check")
    op.drop_column("unit_edition", "named_until")
