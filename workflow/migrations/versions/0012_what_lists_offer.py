"""what lists offer.

A list offers the rounds, awards and units of what its reader sees, and is searched by name. Both were read out of
every nomination there is. What has been seen by whom only ever grows, and names are few beside nominations, so
both are kept as they are written (triggers, so that no way of writing forgets). The rows of an existing database
are carried: some minutes on a million nominations, during which nothing writes; run it, as every upgrade,
while the processes are stopped.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# Whoever holds the key sees a nomination of that round, award edition or unit. No constraint keeps a pair from
# standing twice: two transactions that write the first of a kind at once would wait for each other, or die.
_SIGHTINGS = """
    INSERT INTO sighting (key, kind, target_id)
    SELECT DISTINCT seen.key, target.kind, target.id
    FROM {rows} AS one
    CROSS JOIN LATERAL (
        SELECT unnest(one.audience) AS key
        UNION ALL
        SELECT unnest(ARRAY['#sent', '#sent:' || one.unit_id])
        WHERE cardinality(one.audience) > 0
            AND one.audience <> ARRAY(SELECT 'unit:' || code FROM unit WHERE unit.id = one.unit_id)
        {more}
    ) AS seen
    CROSS JOIN LATERAL (
        VALUES ('round', one.round_id), ('award_edition', one.award_edition_id), ('unit', one.unit_id)
    ) AS target (kind, id)
    {unless}
"""
_AT_FIRST = """
    UNION ALL
    SELECT unnest(ARRAY['#of:' || one.unit_id, '#by:' || one.created_by, '#round:' || one.round_id])
"""
_NOT_YET = """
    WHERE NOT EXISTS (
        SELECT FROM sighting AS known
        WHERE known.key = seen.key AND known.kind = target.kind AND known.target_id = target.id
    )
"""
_NAMES = "INSERT INTO searched_name (name) SELECT DISTINCT name_search FROM {rows} AS one {unless}"
_NOT_KNOWN = "WHERE NOT EXISTS (SELECT FROM searched_name AS known WHERE known.name = one.name_search)"


def upgrade() -> None:
    op.create_table(
        "sighting",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("target_id", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind IN ('round', 'award_edition', 'unit')", name=op.f("ck_sighting_kind_known")),
    )
    op.create_table(
        "searched_name",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
    )
    op.execute(
        """
        CREATE FUNCTION trigrams(word text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
        RETURN ARRAY(SELECT DISTINCT substr(word, place, 3) FROM generate_series(1, length(word) - 2) AS place)
        """
    )
    # Of millions of pairs few differ: hashed they need no sorting on the disk.
    op.execute("SET LOCAL work_mem = '256MB'")
    op.execute(_SIGHTINGS.format(rows="nomination", more=_AT_FIRST, unless=""))
    op.execute(_NAMES.format(rows="nomination", unless=""))
    op.execute("CREATE INDEX ix_sighting_seen ON sighting (kind, target_id, key)")
    op.execute("CREATE INDEX ix_searched_name_name ON searched_name (name)")
    op.execute("CREATE INDEX ix_searched_name_trigrams ON searched_name USING gin (trigrams(name))")
    _triggers()
    op.execute("CREATE INDEX ix_nomination_round ON nomination (round_id, stage)")
    op.execute("DROP INDEX ix_nomination_round_id")
    op.execute("CREATE INDEX ix_nomination_round_newest ON nomination (round_id, id)")
    op.execute("CREATE INDEX ix_nomination_unit_newest ON nomination (unit_id, id)")
    op.execute("DROP INDEX ix_nomination_unit_id")
    op.execute(
        "CREATE INDEX ix_work_item_due ON work_item (due_at, nomination_id)"
        " WHERE closed_at IS NULL AND due_at IS NOT NULL"
    )
    op.execute(
        "CREATE INDEX ix_work_item_open_of ON work_item (nomination_id, due_at) WHERE closed_at IS NULL"
    )
    op.execute("CREATE INDEX ix_nomination_held ON nomination (round_id) WHERE is_held")
    op.execute("CREATE INDEX ix_nomination_name ON nomination (name_search)")
    op.execute(
        "CREATE INDEX ix_nomination_upper_decision_id ON nomination (upper_decision_id)"
        " WHERE upper_decision_id IS NOT NULL"
    )
    op.execute(
        "CREATE INDEX ix_outbox_escalated ON outbox (account_id, work_item_id) WHERE mail_class = 'escalation'"
    )
    op.execute("CREATE INDEX ix_work_item_undone ON work_item (id) WHERE closed_at IS NULL")


def downgrade() -> None:
    for name in ("ix_work_item_undone", "ix_outbox_escalated", "ix_nomination_upper_decision_id"):
        op.execute(f"DROP INDEX {name}")
    op.execute("DROP INDEX ix_nomination_name")
    op.execute("DROP INDEX ix_nomination_held")
    op.execute("CREATE INDEX ix_nomination_round_id ON nomination (round_id)")
    op.execute("CREATE INDEX ix_nomination_unit_id ON nomination (unit_id)")
    for name in (
        "nomination_round",
        "nomination_round_newest",
        "nomination_unit_newest",
        "work_item_due",
        "work_item_open_of",
    ):
        op.execute(f"DROP INDEX ix_{name}")
    for name in ("added", "moved"):
        op.execute(f"DROP TRIGGER nomination_is_{name} ON nomination")
        op.execute(f"DROP FUNCTION note_{name}_nominations()")
    op.drop_table("searched_name")
    op.drop_table("sighting")
    op.execute("DROP FUNCTION trigrams(text)")


def _triggers() -> None:
    at_first = _SIGHTINGS.format(rows="added", more=_AT_FIRST, unless=_NOT_YET)
    names = _NAMES.format(rows="added", unless=_NOT_KNOWN)
    later = _SIGHTINGS.format(rows="(SELECT NEW.*)", more="", unless=_NOT_YET)
    # A decision changes rows and seldom who may see them: then nothing runs at all.
    each = "FOR EACH ROW WHEN (OLD.audience IS DISTINCT FROM NEW.audience)"
    for name, body, event, when in (
        ("added", f"{at_first}; {names};", "INSERT", "REFERENCING NEW TABLE AS added FOR EACH STATEMENT"),
        ("moved", f"{later};", "UPDATE OF audience", each),
    ):
        op.execute(
            f"CREATE FUNCTION note_{name}_nominations() RETURNS trigger LANGUAGE plpgsql AS"
            f" $body$ BEGIN {body} RETURN NULL; END $body$"
        )
        op.execute(
            f"CREATE TRIGGER nomination_is_{name} AFTER {event} ON nomination {when}"
            f" EXECUTE FUNCTION note_{name}_nominations()"
        )
