"""dates asked for, work that is set aside, what is admitted late.

Whoever holds work may ask for another date, and of work that was given more time the first date is kept. Nobody asked so
far, and what was given before keeps no first date. The words of letters are not looked at (NOT VALID): what was written
under the old ones is among the new.
"""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

_BEFORE = (
    "work_opened", "returned", "approved", "rejected", "reminder", "escalation", "seat_empty", "return_expected",
    "return_reminder", "return_escalation", "dates_moved", "work_gone", "obstacles", "action_code", "password_link",
)  # fmt: skip
_ASKED = ("date_proposed", "date_refused")


def upgrade() -> None:
    # Null without a default: the rows that are there are not written.
    op.add_column("visit", sa.Column("first_due_at", sa.DateTime(timezone=True)))
    op.add_column("nomination", sa.Column("admitted_until", sa.Date()))
    op.add_column("expected_return", sa.Column("admitted_until", sa.Date()))
    op.create_table(
        "date_proposal",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("work_item_id", sa.Uuid(), sa.ForeignKey("work_item.id"), nullable=False),
        sa.Column("proposed_by", sa.BigInteger(), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("hand_id", sa.BigInteger(), sa.ForeignKey("account.id")),
        sa.Column("asked_key", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clock_started_at", sa.DateTime(timezone=True)),
        sa.Column("event_id", sa.Uuid(), sa.ForeignKey("event.id"), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.Column("outcome", sa.Text()),
        sa.CheckConstraint(
            "outcome IN ('granted', 'other_date', 'refused', 'replaced')",
            name=op.f("ck_date_proposal_outcome_known"),
        ),
    )
    unanswered = "closed_at IS NULL"
    op.create_index(
        "uq_date_proposal_unanswered",
        "date_proposal",
        ["work_item_id"],
        unique=True,
        postgresql_where=unanswered,
    )
    op.create_index("ix_date_proposal_work_item_id", "date_proposal", ["work_item_id"])
    op.create_index("ix_date_proposal_asked", "date_proposal", ["asked_key"], postgresql_where=unanswered)
    op.create_index("ix_date_proposal_proposed_by", "date_proposal", ["proposed_by"])
    op.create_index(
        "ix_date_proposal_hand_id", "date_proposal", ["hand_id"], postgresql_where="hand_id IS NOT NULL"
    )
    op.create_index("uq_date_proposal_event_id", "date_proposal", ["event_id"], unique=True)
    op.create_table(
        "set_aside",
        sa.Column("account_id", sa.BigInteger(), sa.ForeignKey("account.id"), primary_key=True),
        sa.Column("work_item_id", sa.Uuid(), sa.ForeignKey("work_item.id"), primary_key=True),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_set_aside_work_item_id", "set_aside", ["work_item_id"])
    _know((*_BEFORE, *_ASKED))


def downgrade() -> None:
    # A letter of a kind that is known no more would stop every list it stands in.
    op.execute("DELETE FROM outbox WHERE notice IN ('date_proposed', 'date_refused')")
    _know(_BEFORE)
    op.drop_table("set_aside")
    op.drop_table("date_proposal")
    op.drop_column("expected_return", "admitted_until")
    op.drop_column("nomination", "admitted_until")
    op.drop_column("visit", "first_due_at")


def _know(words: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{word}'" for word in words)
    op.execute("ALTER TABLE outbox DROP CONSTRAINT ck_outbox_notice_known")
    op.execute(
        f"ALTER TABLE outbox ADD CONSTRAINT ck_outbox_notice_known CHECK (notice IN ({listed})) NOT VALID"
    )
