"""who is away.

Nobody is yet. Who stands in for somebody on a day is asked of two functions, so that whoever acts, whoever gets a
letter and what an inbox shows can never disagree: `stand_ins` follows the substitutes who are away themselves, three
steps at most and to nobody twice; `loans` says for whom somebody is among them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_STAND_INS = """
CREATE FUNCTION stand_ins(absence bigint, today date)
RETURNS TABLE (rank bigint, account_id bigint, person_id bigint, unit_id bigint) LANGUAGE sql STABLE ROWS 3 AS $body$
    WITH RECURSIVE walk AS (
        SELECT one.account_id, one.seat, ARRAY[one.ordinal] AS path, ARRAY[away.account_id, one.account_id] AS met
        FROM absence AS away JOIN substitute AS one ON one.absence_id = away.id
        WHERE away.id = stand_ins.absence
        UNION ALL
        SELECT one.account_id, one.seat, walk.path || one.ordinal, walk.met || one.account_id
        FROM walk
        JOIN absence AS away ON away.account_id = walk.account_id
            AND away.key IS NULL AND away.ended_at IS NULL AND away.valid_from <= today AND away.valid_to > today
        JOIN substitute AS one ON one.absence_id = away.id
        WHERE cardinality(walk.path) < 3 AND one.account_id <> ALL (walk.met)
    )
    SELECT row_number() OVER (ORDER BY min(walk.path)), walk.account_id, account.person_id, person.unit_id
    FROM walk
    JOIN account ON account.id = walk.account_id
    LEFT JOIN person ON person.id = account.person_id
    WHERE account.disabled_at IS NULL
        AND EXISTS (
            SELECT FROM "grant" AS held
            WHERE held.account_id = walk.account_id AND split_part(held.key, '@', 2) = walk.seat
                AND held.valid_from <= today AND (held.valid_to IS NULL OR held.valid_to > today)
        )
        AND NOT EXISTS (
            SELECT FROM absence AS away
            WHERE away.account_id = walk.account_id AND away.key IS NULL AND away.ended_at IS NULL AND away.valid_from <= today AND away.valid_to > today
        )
    GROUP BY walk.account_id, account.person_id, person.unit_id
$body$
"""

_LOANS = """
CREATE FUNCTION loans(borrower bigint, today date) RETURNS jsonb LANGUAGE sql STABLE AS $body$
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
        'unit', person.unit_id, 'key', away.key, 'until', away.valid_to - 1, 'keys', held.keys, 'rank', place.others
    ) ORDER BY away.id)
    FROM absence AS away
    JOIN account ON account.id = away.account_id AND account.disabled_at IS NULL
    LEFT JOIN person ON person.id = account.person_id
    CROSS JOIN LATERAL (
        SELECT jsonb_agg(DISTINCT held.key) AS keys
        FROM "grant" AS held
        WHERE held.account_id = away.account_id AND (away.key IS NULL OR away.key = held.key)
            AND held.valid_from <= today AND (held.valid_to IS NULL OR held.valid_to > today)
    ) AS held
    CROSS JOIN LATERAL (
        SELECT jsonb_agg(jsonb_build_array(one.account_id, one.person_id, one.unit_id) ORDER BY one.rank) AS others
        FROM stand_ins(away.id, loans.today) AS one
    ) AS place
    WHERE away.id IN (SELECT id FROM up)
$body$
"""


def upgrade() -> None:
    op.create_table(
        "absence",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("account_id", sa.BigInteger(), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("announced_by", sa.BigInteger(), sa.ForeignKey("account.id"), nullable=True),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("valid_from < valid_to", name=op.f("ck_absence_lasts")),
    )
    op.create_index("ix_absence_account_id", "absence", ["account_id", "valid_to"])
    op.create_index("ix_absence_valid_to", "absence", ["valid_to"])
    op.create_index("ix_absence_announced_by", "absence", ["announced_by"])
    op.create_table(
        "substitute",
        sa.Column("absence_id", sa.BigInteger(), sa.ForeignKey("absence.id"), primary_key=True),
        sa.Column("ordinal", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("account_id", sa.BigInteger(), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("seat", sa.Text(), nullable=False),
        sa.UniqueConstraint("absence_id", "account_id", name=op.f("uq_substitute_absence_id_account_id")),
        sa.CheckConstraint("ordinal BETWEEN 1 AND 5", name=op.f("ck_substitute_ordinal_is_short")),
    )
    op.create_index("ix_substitute_account_id", "substitute", ["account_id"])
    op.execute(_STAND_INS)
    op.execute(_LOANS)


def downgrade() -> None:
    op.execute("DROP FUNCTION loans(bigint, date)")
    op.execute("DROP FUNCTION stand_ins(bigint, date)")
    op.drop_table("substitute")
    op.drop_table("absence")
