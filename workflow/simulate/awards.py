"""Awards for a play that outlives the law: the catalogue's last regime ends, an invented province goes on."""

from typing import Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from workflow.store.awards import AwardEdition
from workflow.store.catalogue import PLAYED_REGIME

_COPIED: Final = (
    "award_id", "name_vi", "name_en", "subject_kind", "workflow_key", "level", "papers", "vote_percent",
)  # fmt: skip


def keep_awards_in_force(session: Session) -> None:
    """Give every award whose last edition ends one more from that day on, the same without an end.

    In a live installation an award without an edition in force cannot be proposed: that is the rule. Never
    commits.
    """
    editions = session.scalars(
        select(AwardEdition).order_by(AwardEdition.award_id, AwardEdition.valid_from, AwardEdition.id)
    )
    newest = {edition.award_id: edition for edition in editions}
    rows = [
        {name: getattr(edition, name) for name in _COPIED}
        | {
            "regime": PLAYED_REGIME,
            "content_hash": f"{PLAYED_REGIME.lower()}:{edition.content_hash}",
            "valid_from": edition.valid_to,
            "valid_to": None,
        }
        for edition in newest.values()
        if edition.valid_to is not None
    ]
    if rows:
        session.execute(insert(AwardEdition), rows)
