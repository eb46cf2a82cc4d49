"""what was given before.

Awards of earlier years come in from lists, beside those decided here. People are told apart by their day of birth
too, and found by any part of their name.
"""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("person", sa.Column("born_on", sa.Date()))
    op.execute("CREATE INDEX ix_person_trigrams ON person USING gin (trigrams(name_search))")
    op.create_table(
        "past_award",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("award_id", sa.BigInteger(), sa.ForeignKey("award.id"), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), sa.ForeignKey("person.id")),
        sa.Column("subject_name", sa.Text(), nullable=False),
        sa.Column("name_search", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), sa.ForeignKey("unit.id")),
        sa.Column("unit_name", sa.Text(), nullable=False),
        sa.Column("unit_search", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False, server_default=""),
        sa.Column("decided_on", sa.Date()),
        sa.CheckConstraint(
            "subject_kind IN ('person', 'collective')", name=op.f("ck_past_award_subject_kind_known")
        ),
        sa.CheckConstraint(
            "person_id IS NULL OR subject_kind = 'person'", name=op.f("ck_past_award_person_of_person")
        ),
    )
    op.create_index(
        "uq_past_award_person",
        "past_award",
        ["person_id", "award_id", "year"],
        unique=True,
        postgresql_where=sa.text("person_id IS NOT NULL"),
    )
    op.create_index(
        "uq_past_award_unknown",
        "past_award",
        ["award_id", "year", "name_search", "unit_search"],
        unique=True,
        postgresql_where=sa.text("person_id IS NULL"),
    )
    op.create_index("ix_past_award_list", "past_award", ["award_id", "year"])
    op.create_index(
        "ix_past_award_unit_id",
        "past_award",
        ["unit_id", "award_id", "year"],
        postgresql_where=sa.text("unit_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("past_award")
    op.execute("DROP INDEX ix_person_trigrams")
    op.drop_column("person", "born_on")
