"""history is searched.

What somebody did is read in order of time, and so is what is called by one word, and what happened to all things of a
kind that is no nomination: each from an index that ends in the id, which is time. The index by actor alone becomes one
of them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_event_action", "event", ["action", "id"])
    op.create_index(
        "ix_event_actor_id_in_time",
        "event",
        ["actor_id", "id"],
        postgresql_where=sa.text("actor_id IS NOT NULL"),
    )
    op.create_index(
        "ix_event_elsewhere",
        "event",
        [sa.text("split_part(stream, ':', 1)"), "id"],
        postgresql_where=sa.text("split_part(stream, ':', 1) <> 'nomination'"),
    )
    op.drop_index("ix_event_actor_id", table_name="event")
    op.execute("ALTER INDEX ix_event_actor_id_in_time RENAME TO ix_event_actor_id")


def downgrade() -> None:
    op.create_index(
        "ix_event_actor_id_alone", "event", ["actor_id"], postgresql_where=sa.text("actor_id IS NOT NULL")
    )
    op.drop_index("ix_event_actor_id", table_name="event")
    op.execute("ALTER INDEX ix_event_actor_id_alone RENAME TO ix_event_actor_id")
    op.drop_index("ix_event_elsewhere", table_name="event")
    op.drop_index("ix_event_action", table_name="event")
