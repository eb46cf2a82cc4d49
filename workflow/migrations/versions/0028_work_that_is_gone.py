"""work that is gone.

Letters may tell that work no longer waits for who had taken it. Rows that are there are not looked at (NOT VALID): what
was written under the old words is among the new ones.
"""

from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_BEFORE = (
    "work_opened", "returned", "approved", "rejected", "reminder", "escalation", "seat_empty", "return_expected",
    "return_reminder", "return_escalation", "dates_moved", "password_link",
)  # fmt: skip


def upgrade() -> None:
    _know((*_BEFORE, "work_gone"))


def downgrade() -> None:
    # A letter of a kind that is known no more would stop every list it stands in.
    op.execute("DELETE FROM outbox WHERE notice = 'work_gone'")
    _know(_BEFORE)


def _know(words: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{word}'" for word in words)
    op.execute("ALTER TABLE outbox DROP CONSTRAINT ck_outbox_notice_known")
    op.execute(
        f"ALTER TABLE outbox ADD CONSTRAINT ck_outbox_notice_known CHECK (notice IN ({listed})) NOT VALID"
    )
