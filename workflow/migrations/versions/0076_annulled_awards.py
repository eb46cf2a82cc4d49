"""annulled awards.

An award that was decided stood for ever. The decision that annuls it is noted beside it, and it is no more among what
was approved: what counts awards that were given counts it no more, and its subject may be proposed for the same again.
"""

import sqlalchemy as sa
from alembic import op

revision = "0076"
down_revision = "0075"
branch_labels = None
depends_on = None

_NOTICES = (
    "work_opened", "returned", "approved", "rejected", "reminder", "escalation", "seat_empty", "return_expected",
    "return_reminder", "return_escalation", "dates_moved", "work_gone", "obstacles", "action_code",
    "date_proposed", "date_refused", "date_lapsed", "password_link", "substitution", "info_asked", "info_answered",
    "prepare_again", "fact_asked", "fact_reminder", "fact_answered", "fact_lapsed", "mentioned",
)  # fmt: skip


def upgrade() -> None:
    op.add_column("nomination", sa.Column("annulment_id", sa.BigInteger(), sa.ForeignKey("decision.id")))
    op.create_index(
        "ix_nomination_annulment_id",
        "nomination",
        ["annulment_id"],
        postgresql_where=sa.text("annulment_id IS NOT NULL"),
    )
    _know("outbox", "notice", (*_NOTICES, "annulled", "reinstated"))


def downgrade() -> None:
    # The older release knows no such state: it is as good as withdrawn.
    op.execute("UPDATE nomination SET state = 'withdrawn' WHERE annulment_id IS NOT NULL")
    op.execute("DELETE FROM outbox WHERE notice IN ('annulled', 'reinstated')")
    op.drop_column("nomination", "annulment_id")
    _know("outbox", "notice", _NOTICES)


def _know(table: str, column: str, words: tuple[str, ...]) -> None:
    listed, name = ", ".join(f"'{word}'" for word in words), f"ck_{table}_{column}_known"
    op.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({column} IN ({listed})) NOT VALID")
