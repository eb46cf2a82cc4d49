"""sums of all.

What is over is summed of all as well, beside each award's edition and each unit, so that a question about everything
adds up nothing; months are summed of all alone. A spread says how many lie up to each bucket, in which a figure is
looked up without laying it open. Sums that are there already are carried over: what is summed is summed once.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_KEYS = "span, starts_on, definition_id, step, stage"
_SUM_UP = f"""
INSERT INTO stay_sum ({_KEYS}, award_edition_id, unit_id, visits, finished, dated, late, again, longest_seconds,
    longest_minutes)
SELECT {_KEYS}, 0, 0, sum(visits), sum(finished), sum(dated), sum(late), sum(again), max(longest_seconds),
    max(longest_minutes)
FROM stay_sum WHERE award_edition_id <> 0 GROUP BY {_KEYS}"""  # noqa: S608 - of constants of this file alone
_SPREAD_UP = """
INSERT INTO stay_spread (sum_id, measure, buckets, counts)
SELECT id, measure, array_agg(bucket ORDER BY bucket), array_agg(stays ORDER BY bucket) FROM (
    SELECT whole.id, measure, bucket, sum(stays)::bigint AS stays
    FROM stay_sum part
    JOIN stay_sum whole USING (span, starts_on, definition_id, step, stage)
    JOIN stay_spread ON sum_id = part.id
    CROSS JOIN LATERAL unnest(buckets, counts) AS held (bucket, stays)
    WHERE part.award_edition_id <> 0 AND whole.award_edition_id = 0 AND whole.unit_id = 0
    GROUP BY whole.id, measure, bucket
) AS counted GROUP BY id, measure"""
_COUNT_UP = """
UPDATE stay_spread SET upto = (
    SELECT array_agg(upto ORDER BY place) FROM (
        SELECT place, sum(stays) OVER (ORDER BY place)::integer AS upto
        FROM unnest(counts) WITH ORDINALITY AS held (stays, place)
    ) AS running
)"""
_MONTHS_OF_AWARDS = "span = 'month' AND award_edition_id <> 0"


def upgrade() -> None:
    op.execute(_SUM_UP)
    op.execute(_SPREAD_UP)
    for table, key in (("stay_spread", "sum_id"), ("stay_sum", "id")):
        op.execute(
            f"DELETE FROM {table} WHERE {key} IN (SELECT id FROM stay_sum WHERE {_MONTHS_OF_AWARDS})"  # noqa: S608 - of constants of this file alone
        )
    op.add_column("stay_spread", sa.Column("upto", sa.ARRAY(sa.Integer()), nullable=True))
    op.execute(_COUNT_UP)
    op.alter_column("stay_spread", "upto", nullable=False)
    op.drop_column("stay_spread", "counts")


def downgrade() -> None:
    # Months of awards cannot be told from what is left: the sweep sums everything anew.
    op.execute("DELETE FROM stay_spread")
    op.execute("DELETE FROM stay_sum")
    op.execute("UPDATE visit SET is_summed = false WHERE is_summed")
    op.add_column("stay_spread", sa.Column("counts", sa.ARRAY(sa.BigInteger()), nullable=False))
    op.drop_column("stay_spread", "upto")
