"""going over.

The worker also has open nominations go over to another version of their route.
"""

from alembic import op

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint(op.f("ck_errand_kind_known"), "errand", type_="check")
    op.create_check_constraint(
        op.f("ck_errand_kind_known"),
        "errand",
        "kind IN ('verify', 'replan_shown', 'replan', 'migrate_shown', 'migrate')",
    )


def downgrade() -> None:
    op.execute("DELETE FROM errand WHERE kind IN ('migrate_shown', 'migrate')")
    op.drop_constraint(op.f("ck_errand_kind_known"), "errand", type_="check")
    op.create_check_constraint(
        op.f("ck_errand_kind_known"), "errand", "kind IN ('verify', 'replan_shown', 'replan')"
    )
