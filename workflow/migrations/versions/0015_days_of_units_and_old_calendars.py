"""days of units and old calendars.

A unit may be closed, or at work, on a day that is another to the rest. What a calendar held under a version is kept
from here on, so that a due date can be explained after the calendar has changed; the versions in force are written
by whatever publishes after an upgrade. Nothing that is there is rewritten: three small tables of reference data.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unit_closure",
        sa.Column("unit_id", sa.BigInteger(), sa.ForeignKey("unit.id"), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("is_off", sa.Boolean(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("name <> ''", name=op.f("ck_unit_closure_named")),
    )
    op.create_table(
        "calendar_version",
        sa.Column("version", sa.Text(), primary_key=True),
        sa.Column("calendar", sa.Text(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=True),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("days", JSONB(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "calendar IN ('vn', 'weekdays', 'none')", name=op.f("ck_calendar_version_calendar_known")
        ),
        sa.CheckConstraint("last_day >= first_day", name=op.f("ck_calendar_version_years_in_order")),
        sa.CheckConstraint("jsonb_typeof(days) = 'array'", name=op.f("ck_calendar_version_days_listed")),
    )


def downgrade() -> None:
    op.drop_table("calendar_version")
    op.drop_table("unit_closure")
