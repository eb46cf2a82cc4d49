"""codes for one action.

A table for the codes that a definition may allow in the place of signing in, and the kind of letter that carries one.
Letters that are there are not looked at (NOT VALID): what was written under the old words is among the new ones.
"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

_BEFORE = (
    "work_opened", "returned", "approved", "rejected", "reminder", "escalation", "seat_empty", "return_expected",
    "return_reminder", "return_escalation", "dates_moved", "work_gone", "obstacles", "password_link",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "action_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("work_item_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("try_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("session_hash", sa.LargeBinary(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_action_code_account_id_account")
        ),
        sa.ForeignKeyConstraint(
            ["work_item_id"], ["work_item.id"], name=op.f("fk_action_code_work_item_id_work_item")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_code")),
        sa.UniqueConstraint("session_hash", name=op.f("uq_action_code_session_hash")),
    )
    op.create_index("ix_action_code_account", "action_code", ["account_id", "created_at"])
    op.create_index("ix_action_code_address", "action_code", ["address", "created_at"])
    op.create_index("ix_action_code_work_item", "action_code", ["work_item_id"])
    op.create_index(
        "uq_action_code_open",
        "action_code",
        ["account_id", "work_item_id", "action"],
        unique=True,
        postgresql_where=sa.text("closed_at IS NULL AND entered_at IS NULL"),
    )
    _know((*_BEFORE, "action_code"))


def downgrade() -> None:
    # A letter of a kind that is known no more would stop every list it stands in.
    op.execute("DELETE FROM outbox WHERE notice = 'action_code'")
    _know(_BEFORE)
    op.drop_table("action_code")


def _know(words: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{word}'" for word in words)
    op.execute("ALTER TABLE outbox DROP CONSTRAINT ck_outbox_notice_known")
    op.execute(
        f"ALTER TABLE outbox ADD CONSTRAINT ck_outbox_notice_known CHECK (notice IN ({listed})) NOT VALID"
    )
