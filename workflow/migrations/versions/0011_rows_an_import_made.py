"""rows that an import made.

Taking an import back deletes the accounts, people and awards that it made, and for each of them the database
looks through every table that may refer to one: through all of history for each account. These are the ones that
grow. While they are made nothing writes; run it, as every upgrade, while the processes are stopped.
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_INDEXES = {
    "event": "actor_id",
    "visit": "sent_by",
    "work_item": "assignee_id",
    "submission": "created_by",
    "expected_return": "accountable_id",
    "nomination": "award_edition_id",
    "person": "managed_by_unit_id",
}


def upgrade() -> None:
    for table, column in _INDEXES.items():
        op.execute(f"CREATE INDEX {_name(table, column)} ON {table} ({column}){_where(table, column)}")
    op.execute(
        "CREATE INDEX ix_expected_return_answered_by ON expected_return (answered_by) WHERE answered_by IS NOT NULL"
    )


def downgrade() -> None:
    op.execute("DROP INDEX ix_expected_return_answered_by")
    for table, column in _INDEXES.items():
        op.execute(f"DROP INDEX {_name(table, column)}")


def _name(table: str, column: str) -> str:
    return f"ix_{table}_{column}"


def _where(table: str, column: str) -> str:
    """Leave out the rows that refer to nobody: a look-up by a value never asks for them."""
    return "" if table in {"visit", "submission", "nomination"} else f" WHERE {column} IS NOT NULL"
