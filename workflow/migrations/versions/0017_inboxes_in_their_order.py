"""inboxes in their order.

An inbox is read in the order of its due dates, undated last, from an index in that very order: of each seat what
nobody took, and what somebody has in hand. Both take the place of one that knew no such range. Work that is open
is little, so they are small; making them reads all work once.
"""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_NOW = {
    "ix_work_item_inbox": "owner_key, assignee_id, coalesce(due_at, 'infinity'), id",
    "ix_work_item_assignee": "assignee_id, coalesce(due_at, 'infinity'), id",
}
_BEFORE = {
    "ix_work_item_inbox": "owner_key, due_at, id",
    "ix_work_item_assignee": "assignee_id, due_at, id",
}


def upgrade() -> None:
    _make(_NOW)


def downgrade() -> None:
    _make(_BEFORE)


def _make(columns_of: dict[str, str]) -> None:
    for name, columns in columns_of.items():
        op.execute(f"DROP INDEX {name}")
        op.execute(f"CREATE INDEX {name} ON work_item ({columns}) WHERE closed_at IS NULL")
