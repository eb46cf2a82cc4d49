"""what was undone.

A stay that an undone decision began is voided and gives its ordinal back; a promise that fell silent with its work
says for when it was made, so that undoing brings it back; a number with which nothing is signed any more may be
entered anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("visit", sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("rung", sa.Column("promised_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "uq_visit_ordinal",
        "visit",
        ["nomination_id", "ordinal"],
        unique=True,
        postgresql_where=sa.text("voided_at IS NULL"),
    )
    op.drop_constraint("uq_visit_nomination_id_ordinal", "visit", type_="unique")
    op.add_column("decision", sa.Column("edition", sa.BigInteger(), server_default="1", nullable=False))
    op.drop_constraint("uq_decision_body_year_number", "decision", type_="unique")
    op.create_unique_constraint(
        "uq_decision_body_year_number_edition", "decision", ["body", "year", "number", "edition"]
    )


def downgrade() -> None:
    # They stay, out of the way: counted as taken back, which is what they were to the release before.
    op.execute(
        """
        UPDATE visit SET ordinal = -numbered.nth, ended = 'recalled'
        FROM (
            SELECT id, row_number() OVER (PARTITION BY nomination_id ORDER BY voided_at, id) AS nth
            FROM visit WHERE voided_at IS NOT NULL
        ) numbered
        WHERE numbered.id = visit.id
        """
    )
    # A number stays with what is signed with it; the others, which were undone, keep theirs with a mark.
    op.execute(
        """
        UPDATE decision SET number = number || ' (' || edition || ')'
        WHERE EXISTS (
            SELECT FROM decision other WHERE other.body = decision.body AND other.year = decision.year
            AND other.number = decision.number AND other.edition > decision.edition
        )
        """
    )
    op.drop_constraint("uq_decision_body_year_number_edition", "decision", type_="unique")
    op.create_unique_constraint("uq_decision_body_year_number", "decision", ["body", "year", "number"])
    op.drop_column("decision", "edition")
    op.create_unique_constraint("uq_visit_nomination_id_ordinal", "visit", ["nomination_id", "ordinal"])
    op.drop_index("uq_visit_ordinal", table_name="visit")
    op.drop_column("rung", "promised_at")
    op.drop_column("visit", "voided_at")
