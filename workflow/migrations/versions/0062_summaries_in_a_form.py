"""summaries in a form.

A form of an office may also be for the awards of a round, counted by unit.
"""

from alembic import op

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint(op.f("ck_unit_form_purpose_known"), "unit_form", type_="check")
    op.create_check_constraint(
        op.f("ck_unit_form_purpose_known"), "unit_form", "purpose IN ('list_annex', 'award_summary')"
    )


def downgrade() -> None:
    op.execute("DELETE FROM unit_form WHERE purpose = 'award_summary'")
    op.drop_constraint(op.f("ck_unit_form_purpose_known"), "unit_form", type_="check")
    op.create_check_constraint(op.f("ck_unit_form_purpose_known"), "unit_form", "purpose IN ('list_annex')")
