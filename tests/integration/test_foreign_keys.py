"""What refers to a row is found by an index: when that row is deleted, and when it is followed back."""

from typing import Final

from sqlalchemy import text
from sqlalchemy.orm import Session

_WITHOUT_INDEX: Final = text(
    """
    SELECT key.conrelid::regclass || '.' || attname
    FROM pg_constraint AS key JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
    WHERE contype = 'f' AND NOT EXISTS (
        SELECT FROM pg_index WHERE indrelid = conrelid AND indkey[0] = conkey[1] AND indisvalid
            AND (indpred IS NULL OR pg_get_expr(indpred, indrelid) = format('(%I IS NOT NULL)', attname))
    )
    """
)
_FEW: Final = "a table of some hundred rows, read whole"
_NEVER_DELETED: Final = "neither is ever deleted, and nothing follows it back"
EXCEPTIONS: Final = {
    "barred_unit.entered_by": _FEW,
    "cluster.deputy_unit_id": _FEW,
    "cluster.head_unit_id": _FEW,
    "cluster.owner_unit_id": _FEW,
    "cluster_member.owner_unit_id": _FEW,
    "import_batch.imported_by": _FEW,
    "unit_form.kept_by": _FEW,
    "round.council_id": _FEW,
    "round.owner_unit_id": _FEW,
    "round.previous_id": _FEW,
    "round.reminders_id": _FEW,
    "round_award.award_id": _FEW,
    "outbox.event_id": _NEVER_DELETED,
    "outbox.work_item_id": _NEVER_DELETED,
}


def test_every_foreign_key_has_an_index_or_a_reason(session: Session) -> None:
    assert set(session.scalars(_WITHOUT_INDEX)) == set(EXCEPTIONS)
