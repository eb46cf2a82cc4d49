"""Which papers belong to one name's dossier, which to the list a unit sends, and which come only later."""

from enum import StrEnum
from typing import Final

from workflow.domain.vocabulary import PaperKind


class PaperLevel(StrEnum):
    """Where a paper is looked for: in one name's dossier, beside the unit's list, or nowhere beforehand."""

    NOMINATION = "nomination"
    SUBMISSION = "submission"
    LATER = "later"


_NOMINATION: Final = frozenset(
    {PaperKind.ACHIEVEMENT_REPORT, PaperKind.INITIATIVE_CERTIFICATE, PaperKind.SUMMARY_REPORT}
)
_SUBMISSION: Final = frozenset({PaperKind.PROPOSAL, PaperKind.MEETING_MINUTES, PaperKind.CLUSTER_MINUTES})


def level_of(kind: str) -> PaperLevel:
    """Return where a kind of paper is looked for; one that only arises after the council is never missing."""
    if kind in _NOMINATION:
        return PaperLevel.NOMINATION
    return PaperLevel.SUBMISSION if kind in _SUBMISSION else PaperLevel.LATER
