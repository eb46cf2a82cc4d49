"""work that is asked about again and again is told of.

One more reason why open work does not go on.
"""

from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

_BEFORE = (
    "'assignee_gone', 'role_lost', 'away', 'conflicted', 'group_empty', 'unreachable', 'no_move',"
    " 'past_last_rung', 'no_session'"
)


def upgrade() -> None:
    _known(f"{_BEFORE}, 'asked_often'")


def downgrade() -> None:
    op.execute("DELETE FROM obstacle WHERE reason = 'asked_often'")
    _known(_BEFORE)


def _known(reasons: str) -> None:
    op.drop_constraint(op.f("ck_obstacle_reason_known"), "obstacle", type_="check")
    op.create_check_constraint(op.f("ck_obstacle_reason_known"), "obstacle", f"reason IN ({reasons})")
