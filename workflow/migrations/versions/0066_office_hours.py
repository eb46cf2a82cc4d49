"""office hours.

An office has hours from a day on, everywhere or in one unit; what a calendar held keeps them.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None

_NOON = (
    "num_nulls(noon_from, noon_to) = 2 OR num_nulls(noon_from, noon_to) = 0"
    " AND opens < noon_from AND noon_from < noon_to AND noon_to < closes"
)
_MINUTES = (
    "extract(second FROM opens) + extract(second FROM closes) = 0 AND"
    " extract(second FROM coalesce(noon_from, opens)) + extract(second FROM coalesce(noon_to, opens)) = 0"
)


def upgrade() -> None:
    _hours("office_hours")
    _hours(
        "unit_hours",
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_hours_unit_id_unit")),
    )
    listed = sa.Column("hours", postgresql.JSONB(), server_default="[]", nullable=False)
    op.add_column("calendar_version", listed)
    op.create_check_constraint(
        op.f("ck_calendar_version_hours_listed"), "calendar_version", "jsonb_typeof(hours) = 'array'"
    )


def _hours(table: str, *of_unit: sa.schema.SchemaItem) -> None:
    key = ("unit_id", "from_day") if of_unit else ("from_day",)
    op.create_table(
        table,
        *of_unit[:1],
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("opens", sa.Time(), nullable=False),
        sa.Column("closes", sa.Time(), nullable=False),
        sa.Column("noon_from", sa.Time(), nullable=True),
        sa.Column("noon_to", sa.Time(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        *of_unit[1:],
        sa.PrimaryKeyConstraint(*key, name=op.f(f"pk_{table}")),
        sa.CheckConstraint("closes > opens", name=op.f(f"ck_{table}_closes_later")),
        sa.CheckConstraint(_NOON, name=op.f(f"ck_{table}_noon_inside")),
        sa.CheckConstraint(_MINUTES, name=op.f(f"ck_{table}_whole_minutes")),
        sa.CheckConstraint("name <> ''", name=op.f(f"ck_{table}_named")),
    )


def downgrade() -> None:
    op.drop_column("calendar_version", "hours")
    op.drop_table("unit_hours")
    op.drop_table("office_hours")
