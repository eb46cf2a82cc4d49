"""what became of letters.

What mail servers said of letters stands in rows of its own; what they refused at the hand-over before is carried
over from its reason. Such an address is unreachable unless a later letter was taken. A million letters took
seconds: of `outbox` only the dead ones are read, by their index.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_ACTIONS = "'failed', 'delayed', 'delivered', 'relayed', 'expanded'"
_CARRY = r"""
INSERT INTO delivery_report (
    id, message_id, account_id, email, action, source, bounce_class, status, words, reported_at, followed_at, ended_at
)
SELECT refused.id, refused.message_id, refused.account_id, refused.email, 'failed', 'smtp',
    CASE WHEN status ~ '^\d\.7\.' THEN 'policy'
        WHEN status ~ '^4\.' OR status ~ '^\d\.2\.2$' OR (status IS NULL AND said ~ '\m(4\d\d|552)\M') THEN 'temporary'
        ELSE 'permanent' END,
    status, said, created_at, created_at,
    (
        SELECT min(later.sent_at) FROM outbox AS later WHERE later.account_id = refused.account_id
            AND later.state = 'sent' AND later.sent_at > refused.created_at
            AND (later.state_reason IS NULL OR later.state_reason = 'maybe_sent_twice')
    )
FROM (
    SELECT DISTINCT ON (outbox.message_id) outbox.id, outbox.message_id, outbox.account_id, account.email,
        outbox.created_at, outbox.state_reason AS said,
        substring(outbox.state_reason from '(?:^|[^\d.])([45]\.\d{1,3}\.\d{1,3})(?![\d.])') AS status
    FROM outbox JOIN account ON account.id = outbox.account_id
    WHERE outbox.state = 'dead' AND outbox.message_id IS NOT NULL
        AND outbox.state_reason ~ '^(maybe_sent, then )?(refused|delayed|unusable_address): '
    ORDER BY outbox.message_id, outbox.id
) AS refused
"""


def upgrade() -> None:
    op.create_table(
        "delivery_report",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), sa.ForeignKey("account.id"), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("bounce_class", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("followed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.UniqueConstraint("message_id", "action", name=op.f("uq_delivery_report_message_id_action")),
        sa.CheckConstraint(f"action IN ({_ACTIONS})", name=op.f("ck_delivery_report_action_known")),
        sa.CheckConstraint("source IN ('smtp', 'report')", name=op.f("ck_delivery_report_source_known")),
        sa.CheckConstraint(
            "bounce_class IN ('permanent', 'temporary', 'policy')",
            name=op.f("ck_delivery_report_bounce_class_known"),
        ),
        sa.CheckConstraint(
            "(action = 'failed') = (bounce_class IS NOT NULL)",
            name=op.f("ck_delivery_report_class_of_bounce"),
        ),
        sa.CheckConstraint(
            "ended_at IS NULL OR action = 'failed'", name=op.f("ck_delivery_report_bounce_ends")
        ),
    )
    op.create_index("ix_delivery_report_account_id", "delivery_report", ["account_id"])
    op.create_index(
        "ix_delivery_report_standing",
        "delivery_report",
        ["account_id", "email"],
        postgresql_where="action = 'failed' AND ended_at IS NULL",
    )
    op.create_index(
        "ix_delivery_report_unfollowed", "delivery_report", ["id"], postgresql_where="followed_at IS NULL"
    )
    op.add_column("rung", sa.Column("bounced_at", sa.DateTime(timezone=True), nullable=True))
    op.create_check_constraint(
        op.f("ck_rung_bounced_when_fired"), "rung", "bounced_at IS NULL OR fired_at IS NOT NULL"
    )
    op.add_column("account", sa.Column("email_since", sa.DateTime(timezone=True), nullable=True))
    op.execute(_CARRY)


def downgrade() -> None:
    op.drop_column("account", "email_since")
    op.drop_constraint(op.f("ck_rung_bounced_when_fired"), "rung", type_="check")
    op.drop_column("rung", "bounced_at")
    op.drop_table("delivery_report")
