"""forms with a page.

What answers a form by a page has an address of its own, so that going back, forward and reloading ask for no form. Who
sent it finds it there for some days; of what was sent before nothing is known.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sent_form",
        sa.Column(
            "account_id", sa.BigInteger(), sa.ForeignKey("account.id"), primary_key=True, autoincrement=False
        ),
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("path", sa.Text(), primary_key=True),
        sa.Column("fields", JSONB(), nullable=False),
        sa.Column("noted", JSONB(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("octet_length(fields::text) <= 524288", name=op.f("ck_sent_form_fields_size")),
        sa.CheckConstraint("jsonb_typeof(fields) = 'array'", name=op.f("ck_sent_form_fields_listed")),
        sa.CheckConstraint("jsonb_typeof(noted) = 'object'", name=op.f("ck_sent_form_noted_object")),
    )


def downgrade() -> None:
    op.drop_table("sent_form")
