"""The kinds of paper: to what each may be attached, and where a required one is looked for.

A unit may attach its own minutes to a single name as well. Source of the kinds: Decree 91/2017, articles 49
and 50; Decree 98/2023, articles 40 and 42. Other words of them stand in `workflow/words`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from workflow.domain.vocabulary import PaperKind


class PaperRoot(StrEnum):
    """What a paper is attached to: a nomination, a unit's submission, or what the unit owes a round."""

    NOMINATION = "nomination"
    SUBMISSION = "submission"
    EXPECTED_RETURN = "expected_return"


@dataclass(frozen=True, slots=True)
class Target:
    """To what a paper is attached: a nomination, a submission or an expected return, by its id."""

    kind: PaperRoot
    id: int


class PaperLevel(StrEnum):
    """Where a paper is looked for: in one name's dossier, beside the unit's list, or nowhere beforehand."""

    NOMINATION = "nomination"
    SUBMISSION = "submission"
    LATER = "later"


_NOMINATION: Final = frozenset(
    {PaperKind.ACHIEVEMENT_REPORT, PaperKind.INITIATIVE_CERTIFICATE, PaperKind.SUMMARY_REPORT}
)
_SUBMISSION: Final = frozenset({PaperKind.PROPOSAL, PaperKind.MEETING_MINUTES, PaperKind.CLUSTER_MINUTES})
_NAME: Final = frozenset({PaperRoot.NOMINATION})
_BOTH: Final = frozenset({PaperRoot.NOMINATION, PaperRoot.SUBMISSION})

ROOTS: Final[Mapping[PaperKind, frozenset[PaperRoot]]] = {
    PaperKind.ACHIEVEMENT_REPORT: _NAME,
    PaperKind.INITIATIVE_CERTIFICATE: _NAME,
    PaperKind.SUMMARY_REPORT: _NAME,
    PaperKind.PROPOSAL: _BOTH,
    PaperKind.MEETING_MINUTES: _BOTH,
    PaperKind.CLUSTER_MINUTES: _BOTH,
    PaperKind.COUNCIL_MINUTES: _BOTH,
    PaperKind.BALLOT_RESULT: _BOTH,
    PaperKind.DECISION: _BOTH,
    PaperKind.ANSWER: frozenset({PaperRoot.EXPECTED_RETURN}),
    PaperKind.OTHER: frozenset(PaperRoot),
}
"""To what each kind may be attached, in the order in which lists show them."""

ENGLISH_NAMES: Final[Mapping[PaperKind, str]] = {
    PaperKind.ACHIEVEMENT_REPORT: "Achievement report",
    PaperKind.INITIATIVE_CERTIFICATE: "Certificate of the initiative or study",
    PaperKind.SUMMARY_REPORT: "Summary of achievements",
    PaperKind.PROPOSAL: "Signed proposal",
    PaperKind.MEETING_MINUTES: "Minutes of the unit's meeting",
    PaperKind.CLUSTER_MINUTES: "Minutes of the cluster",
    PaperKind.COUNCIL_MINUTES: "Minutes of the council",
    PaperKind.BALLOT_RESULT: "Result of the ballot",
    PaperKind.DECISION: "Decision",
    PaperKind.ANSWER: "Signed answer",
    PaperKind.OTHER: "Another paper",
}
"""What rules call each kind: they speak English (docs/adr/0012)."""


def lies_at(kind: PaperKind, root: PaperRoot) -> bool:
    """Return whether a paper of this kind may be attached there."""
    return root in ROOTS[kind]


def level_of(kind: str) -> PaperLevel:
    """Return where a kind of paper is looked for; one that only arises after the council is never missing."""
    if kind in _NOMINATION:
        return PaperLevel.NOMINATION
    return PaperLevel.SUBMISSION if kind in _SUBMISSION else PaperLevel.LATER
