"""forms of offices.

An office writes its lists in a form of its own, kept with its bytes and all its versions.
"""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unit_form",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("unit_id", sa.BigInteger(), sa.ForeignKey("unit.id"), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("kept_by", sa.BigInteger(), sa.ForeignKey("account.id")),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("purpose IN ('list_annex')", name=op.f("ck_unit_form_purpose_known")),
        sa.CheckConstraint("kind IN ('docx', 'xlsx')", name=op.f("ck_unit_form_kind_known")),
        sa.CheckConstraint(
            "octet_length(content) BETWEEN 1 AND 2097152", name=op.f("ck_unit_form_content_size")
        ),
        sa.CheckConstraint("ended_at >= kept_at", name=op.f("ck_unit_form_days_in_order")),
        sa.CheckConstraint("version > 0", name=op.f("ck_unit_form_version_counted")),
        sa.UniqueConstraint(
            "unit_id", "purpose", "kind", "version", name=op.f("uq_unit_form_unit_id_purpose_kind_version")
        ),
    )
    op.create_index(
        "uq_unit_form_in_force",
        "unit_form",
        ["unit_id", "purpose", "kind"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def downgrade() -> None:
    op.drop_table("unit_form")
