"""nobody answered.

Whoever asked for another date is written to on the morning of that day if nobody answered: promised when it is
asked for, and here for each that waits for an answer. What was asked in the place of somebody else is told to them.
"""

import sqlalchemy as sa
from alembic import op

from workflow.clock import DatabaseClock

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

_BEFORE = (
    "work_opened", "returned", "approved", "rejected", "reminder", "escalation", "seat_empty", "return_expected",
    "return_reminder", "return_escalation", "dates_moved", "work_gone", "obstacles", "action_code",
    "date_proposed", "date_refused", "password_link", "substitution", "info_asked", "info_answered",
)  # fmt: skip


def upgrade() -> None:
    _know((*_BEFORE, "date_lapsed"))
    # Its day ends at 17:00; the letters of that morning may leave from 07:00 on.
    now = sa.bindparam("now", DatabaseClock().now(op.get_bind()), type_=sa.DateTime(timezone=True))
    op.execute(
        sa.text(
            """
            INSERT INTO outbox (
                id, dedupe_key, notice, mail_class, account_id, nomination_id, expected_return_id, work_item_id,
                event_id, fold_key, state, not_before, put_off_until, created_at
            )
            SELECT
                gen_random_uuid(), 'date_lapsed:' || asked.event_id || ':' || asker.id, 'date_lapsed', 'task',
                asker.id, work.nomination_id, work.expected_return_id, work.id, asked.event_id,
                'date_lapsed:' || asker.id || ':' || asked.day, 'new', asked.until_at - interval '10 hours',
                asked.until_at - interval '10 hours', event.recorded_at
            FROM date_proposal asked
            JOIN account asker ON asker.id = coalesce(asked.hand_id, asked.proposed_by)
            JOIN work_item work ON work.id = asked.work_item_id AND work.closed_at IS NULL
            JOIN event ON event.id = asked.event_id
            WHERE asked.closed_at IS NULL AND asked.until_at - interval '10 hours' > :now
                AND NOT EXISTS (SELECT FROM installation WHERE kind IN ('replay', 'simulation'))
            """
        ).bindparams(now)
    )


def downgrade() -> None:
    # A letter of a kind that is known no more would stop every list it stands in.
    op.execute("DELETE FROM outbox WHERE notice = 'date_lapsed'")
    _know(_BEFORE)


def _know(words: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{word}'" for word in words)
    op.execute("ALTER TABLE outbox DROP CONSTRAINT ck_outbox_notice_known")
    op.execute(
        f"ALTER TABLE outbox ADD CONSTRAINT ck_outbox_notice_known CHECK (notice IN ({listed})) NOT VALID"
    )
