"""Awards for a demo that outlives the law: the catalogue's last regime ends, an invented province goes on."""

from datetime import date
from typing import Final

from sqlalchemy import insert, or_, select
from sqlalchemy.orm import Session

from workflow.store.awards import AwardEdition

_REGIME: Final = "DEMO"
_COPIED: Final = ("award_id", "name_vi", "name_en", "subject_kind", "workflow_key")


def keep_awards_in_force(session: Session, *, until: date) -> None:
    """Give every award whose last edition ends before that day one more, the same without an end.

    In a live installation an award without an edition in force cannot be proposed: that is the rule. Never
    commits.
    """
    lasting = select(AwardEdition.award_id).where(
        or_(AwardEdition.valid_to.is_(None), AwardEdition.valid_to > until)
    )
    ended = session.scalars(
        select(AwardEdition)
        .where(AwardEdition.award_id.not_in(lasting))
        .order_by(AwardEdition.award_id, AwardEdition.valid_to, AwardEdition.id)
    )
    newest = {edition.award_id: edition for edition in ended}
    rows = [
        {name: getattr(edition, name) for name in _COPIED}
        | {
            "regime": _REGIME,
            "content_hash": f"{_REGIME.lower()}:{edition.content_hash}",
            "valid_from": edition.valid_to,
            "valid_to": None,
        }
        for edition in newest.values()
    ]
    if rows:
        session.execute(insert(AwardEdition), rows)
