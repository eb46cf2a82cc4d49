"""what is said of people.

Grades, months away, discipline and recognised initiatives, each with who said it and what it took the place of.
"""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "person_fact",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("person_id", sa.BigInteger(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("slot", sa.Text(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False, server_default=""),
        sa.Column("months", sa.BigInteger()),
        sa.Column("number", sa.Text(), nullable=False, server_default=""),
        sa.Column("from_on", sa.Date()),
        sa.Column("until_on", sa.Date()),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("said_by", sa.BigInteger(), sa.ForeignKey("account.id")),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "kind IN ('grade', 'recruited', 'absence', 'discipline', 'initiative')",
            name=op.f("ck_person_fact_kind_known"),
        ),
        sa.CheckConstraint("source IN ('import', 'said')", name=op.f("ck_person_fact_source_known")),
        sa.CheckConstraint("months BETWEEN 0 AND 12", name=op.f("ck_person_fact_months_of_a_year")),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_person_fact_days_in_order")),
    )
    op.create_index(
        "uq_person_fact_slot",
        "person_fact",
        ["person_id", "kind", "slot"],
        unique=True,
        postgresql_where=sa.text("replaced_at IS NULL"),
    )
    op.create_index(
        "ix_person_fact_said_by",
        "person_fact",
        ["said_by"],
        postgresql_where=sa.text("said_by IS NOT NULL"),
    )
    op.create_index("ix_person_fact_person_id", "person_fact", ["person_id", "id"])


def downgrade() -> None:
    op.drop_table("person_fact")
