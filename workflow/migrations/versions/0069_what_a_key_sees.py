"""what a key sees.

What lists offer is kept by what is seen (a round, an award, a unit) and by who sees it. Who oversees four hundred
units has as many keys: what they see was found by reading all that anybody sees. It is found by the keys now.
"""

from alembic import op

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_sighting_key", "sighting", ["kind", "key", "target_id"])


def downgrade() -> None:
    op.drop_index("ix_sighting_key", table_name="sighting")
