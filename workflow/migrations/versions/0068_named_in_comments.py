"""named in comments.

Whoever is called by name in a comment is told of it: a letter of its own kind, and a row that waits until they have
read it. Nobody is told anew of what was written before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None

_BEFORE = (
    "work_opened", "returned", "approved", "rejected", "reminder", "escalation", "seat_empty", "return_expected",
    "return_reminder", "return_escalation", "dates_moved", "work_gone", "obstacles", "action_code",
    "date_proposed", "date_refused", "password_link", "substitution", "info_asked", "info_answered",
    "date_lapsed", "prepare_again", "fact_asked", "fact_reminder", "fact_answered", "fact_lapsed",
)  # fmt: skip


def upgrade() -> None:
    _know((*_BEFORE, "mentioned"))
    op.create_table(
        "mention",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("named_id", sa.BigInteger(), nullable=False),
        sa.Column("nomination_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_mention_event_id_event")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_mention_account_id_account")),
        sa.ForeignKeyConstraint(["named_id"], ["account.id"], name=op.f("fk_mention_named_id_account")),
        sa.ForeignKeyConstraint(
            ["nomination_id"], ["nomination.id"], name=op.f("fk_mention_nomination_id_nomination")
        ),
        sa.PrimaryKeyConstraint("event_id", "account_id", name=op.f("pk_mention")),
    )
    op.create_index("ix_mention_account_id", "mention", ["account_id", "closed_at"])
    op.create_index("ix_mention_named_id", "mention", ["named_id"])
    op.create_index("ix_mention_nomination_id", "mention", ["nomination_id"])


def downgrade() -> None:
    op.drop_table("mention")
    # A letter of a kind that is known no more would stop every list it stands in.
    op.execute("DELETE FROM outbox WHERE notice = 'mentioned'")
    _know(_BEFORE)


def _know(words: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{word}'" for word in words)
    op.execute("ALTER TABLE outbox DROP CONSTRAINT ck_outbox_notice_known")
    op.execute(
        f"ALTER TABLE outbox ADD CONSTRAINT ck_outbox_notice_known CHECK (notice IN ({listed})) NOT VALID"
    )
