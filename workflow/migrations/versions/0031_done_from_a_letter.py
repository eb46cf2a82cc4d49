"""done from a letter.

What somebody did by the address in a letter says so in the history. Rows that are there are not looked at (NOT VALID):
in the transaction that adds it, a look at millions of events stops everybody, and the way back would find the word again.
"""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

_BEFORE = "'web', 'api', 'cli', 'timer', 'import', 'paper'"


def upgrade() -> None:
    _known(f"{_BEFORE}, 'link'")


def downgrade() -> None:
    _known(_BEFORE)


def _known(words: str) -> None:
    op.execute("ALTER TABLE event DROP CONSTRAINT ck_event_via_known")
    op.execute(f"ALTER TABLE event ADD CONSTRAINT ck_event_via_known CHECK (via IN ({words})) NOT VALID")
