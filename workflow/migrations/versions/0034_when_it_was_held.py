"""when it was held.

A stay keeps at which instants its nomination was held and released, so that lists and figures can leave that time
out without reading histories. What was held before is taken from there.
"""

from alembic import op
from sqlalchemy import ARRAY, Column, DateTime

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

# Histories are read first: nothing waits for it.
_READ = """
CREATE TEMPORARY TABLE held ON COMMIT DROP AS
SELECT nomination_id, since, until
FROM (
    SELECT
        substring(stream FROM '[0-9]+$')::bigint AS nomination_id, action, recorded_at AS since,
        lead(recorded_at) OVER (PARTITION BY stream ORDER BY seq) AS until
    FROM event
    WHERE action IN ('hold', 'release_hold') AND stream LIKE 'nomination:%'
) AS turns
WHERE action = 'hold'
"""
_KEEP = """
UPDATE visit SET holds = found.instants
FROM (
    SELECT visit.id, array_agg(instant ORDER BY instant) AS instants
    FROM held
    JOIN visit ON visit.nomination_id = held.nomination_id
        AND held.since >= visit.entered_at AND (visit.left_at IS NULL OR held.since < visit.left_at)
    CROSS JOIN LATERAL unnest(ARRAY[held.since, held.until]) AS instant
    WHERE instant IS NOT NULL
    GROUP BY visit.id
) AS found
WHERE visit.id = found.id
"""


def upgrade() -> None:
    op.execute(_READ)
    op.add_column("visit", Column("holds", ARRAY(DateTime(timezone=True))))
    op.execute(_KEEP)


def downgrade() -> None:
    op.drop_column("visit", "holds")
