"""stand ins apart.

Who stands in for somebody was written into every statement that asks for it, four times into that of a page of work:
a fifth of its plan, set up for each page although hardly any row is in the hands of somebody away. A strict function is
called where it is asked, and only then; without an absence it gives nothing, as before.
"""

from alembic import op

revision = "0077"
down_revision = "0076"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER FUNCTION stand_ins(bigint, date) STRICT")


def downgrade() -> None:
    op.execute("ALTER FUNCTION stand_ins(bigint, date) CALLED ON NULL INPUT")
