"""done from a letter.

What somebody did by the address in a letter says so in the history.
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
    # Checked apart from being added: a look at millions of rows then stops nobody who writes.
    op.execute(f"ALTER TABLE event ADD CONSTRAINT ck_event_via_known CHECK (via IN ({words})) NOT VALID")
    op.execute("ALTER TABLE event VALIDATE CONSTRAINT ck_event_via_known")
