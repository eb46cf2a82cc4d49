"""facts asked by letter.

A unit that is asked for a fact is written to, reminded, and whoever asked is told what became of it. What was
asked before waits on its page as it did: nobody promised a letter for it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None

_BEFORE = (
    "work_opened", "returned", "approved", "rejected", "reminder", "escalation", "seat_empty", "return_expected",
    "return_reminder", "return_escalation", "dates_moved", "work_gone", "obstacles", "action_code",
    "date_proposed", "date_refused", "date_lapsed", "password_link", "substitution", "info_asked", "info_answered",
    "prepare_again",
)  # fmt: skip
_NEW = ("fact_asked", "fact_reminder", "fact_answered", "fact_lapsed")


def upgrade() -> None:
    op.add_column("fact_question", sa.Column("event_id", sa.Uuid(), sa.ForeignKey("event.id")))
    op.create_index("uq_fact_question_event_id", "fact_question", ["event_id"], unique=True)
    op.add_column("outbox", sa.Column("fact_question_id", sa.BigInteger(), sa.ForeignKey("fact_question.id")))
    op.create_index(
        "ix_outbox_fact_question",
        "outbox",
        ["fact_question_id"],
        postgresql_where=sa.text("fact_question_id IS NOT NULL"),
    )
    _know((*_BEFORE, *_NEW))


def downgrade() -> None:
    # A letter of a kind that is known no more would stop every list it stands in.
    op.execute(
        "DELETE FROM outbox WHERE notice IN ('fact_asked', 'fact_reminder', 'fact_answered', 'fact_lapsed')"
    )
    op.drop_column("outbox", "fact_question_id")
    op.drop_column("fact_question", "event_id")
    _know(_BEFORE)


def _know(words: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{word}'" for word in words)
    op.execute("ALTER TABLE outbox DROP CONSTRAINT ck_outbox_notice_known")
    op.execute(
        f"ALTER TABLE outbox ADD CONSTRAINT ck_outbox_notice_known CHECK (notice IN ({listed})) NOT VALID"
    )
