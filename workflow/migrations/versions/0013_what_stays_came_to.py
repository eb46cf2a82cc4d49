"""what stays came to.

A stay tells from here on which of its nomination's in its step it is, when somebody first took the work and how it
ended; of those that are over it is read off the work they were. Working minutes need the installation's calendar:
the sweep writes them, and until then the readers count them. Five million stays took a quarter of an hour on
two busy cores, the table being locked: run it, as every upgrade, while the processes are stopped.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_ENDED = """CASE WHEN work_item.outcome = 'abandoned' THEN 'abandoned' WHEN work_item.outcome = 'recall' THEN 'recalled'
    WHEN is_last AND nomination.stage = 'withdrawn' THEN 'withdrawn' ELSE 'moved' END"""
_CARRY = f"""
UPDATE visit SET nth = known.nth, ended = known.ended, first_claimed_at = known.claimed_at FROM (
    SELECT numbered.id, numbered.nth,
        CASE WHEN left_at IS NOT NULL THEN {_ENDED} END AS ended,
        CASE WHEN left_at IS NOT NULL AND work_item.first_claimed_at IS NOT NULL
            THEN greatest(entered_at, least(work_item.first_claimed_at, left_at)) END AS claimed_at
    FROM (
        SELECT id, nomination_id, entered_at, left_at,
            row_number() OVER (PARTITION BY nomination_id, step ORDER BY ordinal) AS nth,
            ordinal = max(ordinal) OVER (PARTITION BY nomination_id) AS is_last
        FROM visit
    ) AS numbered
    JOIN nomination ON nomination.id = numbered.nomination_id
    LEFT JOIN work_item ON work_item.visit_id = numbered.id AND work_item.kind = 'stage'
) AS known
WHERE visit.id = known.id AND (visit.left_at IS NOT NULL OR known.nth > 1)"""  # noqa: S608 - of constants of this file alone
_COUNTS = ("visits", "finished", "dated", "late", "again")


def upgrade() -> None:
    # One answer for every row that is there already costs no rewriting of the table.
    op.add_column("visit", sa.Column("nth", sa.BigInteger(), server_default="1", nullable=False))
    op.add_column("visit", sa.Column("is_summed", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("visit", sa.Column("ended", sa.Text(), nullable=True))
    op.add_column("visit", sa.Column("first_claimed_at", sa.DateTime(timezone=True), nullable=True))
    for name in ("working_minutes", "waiting_minutes", "service_minutes"):
        op.add_column("visit", sa.Column(name, sa.BigInteger(), nullable=True))
    # Every row is written anew: an index that stands meanwhile would be as well.
    op.drop_index("ix_visit_step", table_name="visit")
    op.execute(_CARRY)
    op.execute(
        "ALTER TABLE visit ADD CONSTRAINT ck_visit_ended_known"
        " CHECK (ended IN ('moved', 'recalled', 'withdrawn', 'abandoned'))"
    )
    op.create_index("ix_visit_entered", "visit", ["entered_at"])
    op.create_index("ix_visit_step", "visit", ["step", "entered_at"])
    op.create_index(
        "ix_visit_unsummed", "visit", ["left_at"], postgresql_where="left_at IS NOT NULL AND NOT is_summed"
    )
    op.create_table(
        "stay_sum",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("span", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("award_edition_id", sa.BigInteger(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("definition_id", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in _COUNTS),
        sa.Column("longest_seconds", sa.Float(), nullable=True),
        sa.Column("longest_minutes", sa.BigInteger(), nullable=True),
        sa.UniqueConstraint(
            "span", "starts_on", "unit_id", "award_edition_id", "definition_id", "step", "stage",
            name=op.f("uq_stay_sum_of"),
        ),
        sa.CheckConstraint("span IN ('ever', 'year', 'month')", name=op.f("ck_stay_sum_span_known")),
    )  # fmt: skip
    op.create_table(
        "stay_spread",
        sa.Column("sum_id", sa.BigInteger(), sa.ForeignKey("stay_sum.id"), primary_key=True),
        sa.Column("measure", sa.Text(), primary_key=True),
        sa.Column("buckets", sa.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("counts", sa.ARRAY(sa.BigInteger()), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("stay_spread")
    op.drop_table("stay_sum")
    op.drop_index("ix_visit_unsummed", table_name="visit")
    op.drop_index("ix_visit_entered", table_name="visit")
    for name in (
        "service_minutes", "waiting_minutes", "working_minutes", "first_claimed_at", "ended", "is_summed", "nth",
    ):  # fmt: skip
        op.drop_column("visit", name)
