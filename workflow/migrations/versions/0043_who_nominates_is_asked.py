"""who nominates is asked.

Letters may tell of a question to who nominates and of its answer. The question itself is a work item, and needs no column.
Going back, what is asked goes back to its step at once, due when the answer was, and reminds nobody of it.
"""

import sqlalchemy as sa
from alembic import op

from workflow.clock import DatabaseClock

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

_BEFORE = (
    "work_opened", "returned", "approved", "rejected", "reminder", "escalation", "seat_empty", "return_expected",
    "return_reminder", "return_escalation", "dates_moved", "work_gone", "obstacles", "action_code",
    "date_proposed", "date_refused", "password_link", "substitution",
)  # fmt: skip


def upgrade() -> None:
    _know((*_BEFORE, "info_asked", "info_answered"))


def downgrade() -> None:
    # A letter of a kind that is known no more would stop every list it stands in.
    op.execute("DELETE FROM outbox WHERE notice IN ('info_asked', 'info_answered')")
    now = sa.bindparam("now", DatabaseClock().now(op.get_bind()), type_=sa.DateTime(timezone=True))
    op.execute(
        sa.text(
            """
            UPDATE visit SET due_at = asked.due_at, clock_started_at = :now, holds = array_append(holds, :now)
            FROM work_item asked
            WHERE asked.visit_id = visit.id AND asked.kind = 'answer' AND asked.closed_at IS NULL
            """
        ).bindparams(now)
    )
    op.execute(
        """
        UPDATE work_item aside SET closed_at = NULL, outcome = NULL, due_at = asked.due_at
        FROM work_item asked
        WHERE asked.visit_id = aside.visit_id AND asked.kind = 'answer' AND asked.closed_at IS NULL
            AND aside.kind = 'stage'
        """
    )
    # Rungs of work that is closed no sweep fires. Its kind is asked of open work alone, so that of a question stays.
    op.execute(
        """
        UPDATE rung SET fire_at = NULL FROM work_item asked
        WHERE asked.id = rung.work_item_id AND asked.kind = 'answer' AND rung.fired_at IS NULL
        """
    )
    op.execute(
        sa.text(
            "UPDATE work_item SET closed_at = :now, outcome = 'answer_info'"
            " WHERE kind = 'answer' AND closed_at IS NULL"
        ).bindparams(now)
    )
    _know(_BEFORE)


def _know(words: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{word}'" for word in words)
    op.execute("ALTER TABLE outbox DROP CONSTRAINT ck_outbox_notice_known")
    op.execute(
        f"ALTER TABLE outbox ADD CONSTRAINT ck_outbox_notice_known CHECK (notice IN ({listed})) NOT VALID"
    )
