"""codes of one browser.

A mailed code waits for the browser that asked for it, so that nobody's tries and new codes end another's. Codes that wait
during the upgrade are over: they live for ten minutes, and no browser has a name for them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

_OPEN = "uq_action_code_open"
_WAITS = "closed_at IS NULL AND entered_at IS NULL"


def upgrade() -> None:
    op.add_column("action_code", sa.Column("asker", sa.Text(), server_default="", nullable=False))
    op.alter_column("action_code", "asker", server_default=None)
    op.drop_index(_OPEN, table_name="action_code")
    _one_each("account_id", "work_item_id", "action", "asker")


def downgrade() -> None:
    op.execute("UPDATE action_code SET closed_at = created_at WHERE closed_at IS NULL AND entered_at IS NULL")
    op.drop_index(_OPEN, table_name="action_code")
    op.drop_column("action_code", "asker")
    _one_each("account_id", "work_item_id", "action")


def _one_each(*columns: str) -> None:
    op.create_index(_OPEN, "action_code", list(columns), unique=True, postgresql_where=sa.text(_WAITS))
