"""Awards for a demo that outlives the law: the catalogue's last regime ends, an invented province goes on."""

from typing import Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from workflow.store.awards import Award, AwardEdition

_REGIME: Final = "DEMO"
_COPIED: Final = ("award_id", "name_vi", "name_en", "subject_kind", "level", "vote_percent", "valid_from")
# Its forty stories tell of the routes without a unit's paper.
_SHORT: Final = frozenset({"LDTT", "TTLDTT"})


def keep_awards_in_force(session: Session) -> None:
    """Give every award one more edition, its newest without an end, on the routes the stories tell of.

    In a live installation an award without an edition in force cannot be proposed: that is the rule. Never
    commits.
    """
    rows = session.execute(
        select(AwardEdition, Award.code)
        .join(Award, Award.id == AwardEdition.award_id)
        .order_by(AwardEdition.award_id, AwardEdition.valid_from, AwardEdition.id)
    )
    newest = {code: edition for edition, code in rows}
    copies = [
        {name: getattr(edition, name) for name in _COPIED}
        | {
            "regime": _REGIME,
            "workflow_key": "simplified" if code in _SHORT else "standard",
            "content_hash": f"{_REGIME.lower()}:{edition.content_hash}",
            "valid_to": None,
        }
        for code, edition in newest.items()
    ]
    if copies:
        session.execute(insert(AwardEdition), copies)
