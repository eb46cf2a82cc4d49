"""what an absence lends.

`loans` lends the seats that the absent held when the absence began, and tells apart those that they were given since
(`since`): whoever said that somebody is away said nothing of these.
"""

from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

_BEFORE = """
        SELECT jsonb_agg(DISTINCT held.key) AS keys
        FROM "grant" AS held
"""

_NOW = """
        SELECT jsonb_agg(DISTINCT held.key) FILTER (WHERE held.key = ANY (first.keys)) AS keys,
            jsonb_agg(DISTINCT held.key) FILTER (WHERE held.key <> ALL (first.keys)) AS since
        FROM "grant" AS held
        CROSS JOIN (
            SELECT coalesce(array_agg(one.key), '{}') AS keys
            FROM "grant" AS one
            WHERE one.account_id = away.account_id AND one.valid_from <= away.valid_from
                AND (one.valid_to IS NULL OR one.valid_to > away.valid_from)
        ) AS first
"""


def _loans(told: str, held: str) -> str:
    return f"""
        CREATE OR REPLACE FUNCTION loans(borrower bigint, today date) RETURNS jsonb LANGUAGE sql STABLE AS $body$
            WITH RECURSIVE up AS (
                SELECT away.id, away.account_id, 1 AS steps
                FROM substitute AS one JOIN absence AS away ON away.id = one.absence_id
                WHERE one.account_id = borrower AND away.ended_at IS NULL AND away.valid_from <= today AND away.valid_to > today
                UNION
                SELECT away.id, away.account_id, up.steps + 1
                FROM up
                JOIN substitute AS one ON one.account_id = up.account_id
                JOIN absence AS away ON away.id = one.absence_id
                WHERE up.steps < 3 AND away.ended_at IS NULL AND away.valid_from <= today AND away.valid_to > today
            )
            SELECT jsonb_agg(jsonb_build_object(
                'absence', away.id, 'account', away.account_id, 'name', account.name, 'person', account.person_id,
                'unit', person.unit_id, 'key', away.key, 'until', away.valid_to - 1, {told} 'rank', place.others
            ) ORDER BY away.id)
            FROM absence AS away
            JOIN account ON account.id = away.account_id AND account.disabled_at IS NULL
            LEFT JOIN person ON person.id = account.person_id
            CROSS JOIN LATERAL ({held}
                WHERE held.account_id = away.account_id AND (away.key IS NULL OR away.key = held.key)
                    AND held.valid_from <= today AND (held.valid_to IS NULL OR held.valid_to > today)
            ) AS held
            CROSS JOIN LATERAL (
                SELECT jsonb_agg(jsonb_build_array(one.account_id, one.person_id, one.unit_id) ORDER BY one.rank) AS others
                FROM stand_ins(away.id, loans.today) AS one
            ) AS place
            WHERE away.id IN (SELECT id FROM up)
        $body$
    """  # noqa: S608 - of the constants above


def upgrade() -> None:
    op.execute(_loans("'keys', held.keys, 'since', held.since,", _NOW))


def downgrade() -> None:
    op.execute(_loans("'keys', held.keys,", _BEFORE))
