"""what a unit is asked of its people.

A fact that is missing for an award is asked of the unit by the name of the person, with a day of its own.
"""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fact_question",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("person_id", sa.BigInteger(), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("year", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("asked_by", sa.BigInteger(), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(
            "kind IN ('grade', 'recruited', 'absence', 'discipline', 'initiative')",
            name=op.f("ck_fact_question_kind_known"),
        ),
    )
    op.create_index(
        "uq_fact_question_open",
        "fact_question",
        ["person_id", "kind", "year"],
        unique=True,
        postgresql_where=sa.text("answered_at IS NULL"),
    )
    op.create_index("ix_fact_question_person_id", "fact_question", ["person_id"])
    op.create_index("ix_fact_question_asked_by", "fact_question", ["asked_by"])


def downgrade() -> None:
    op.drop_table("fact_question")
