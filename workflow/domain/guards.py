"""The guards a move may name: each a pure question about the facts and the request.

A predicate chooses between moves of one name (whom the award honours); a requirement must be met by whoever
asks. A guard answers with every reason it has to say no, none when it is met.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from workflow.domain.errors import Reason
from workflow.domain.facts import Facts, MoveRequest
from workflow.domain.vocabulary import SubjectKind

Predicate = Callable[[Facts], tuple[Reason, ...]]
Requirement = Callable[[Facts, MoveRequest], tuple[Reason, ...]]

DECISION_GUARD: Final = "decision_recorded"


def subject_is_collective(facts: Facts) -> tuple[Reason, ...]:
    """Say why not when the award does not honour a collective.

    Clusters and blocks assess member units; titles of individuals go from the unit to the council.
    """
    if facts.subject_kind is SubjectKind.COLLECTIVE:
        return ()
    return (Reason("subject_is_collective", "This way is for collectives; the nominee is an individual."),)


def subject_is_individual(facts: Facts) -> tuple[Reason, ...]:
    """Say why not when the award does not honour a person."""
    if facts.subject_kind is SubjectKind.PERSON:
        return ()
    return (Reason("subject_is_individual", "This way is for individuals; the nominee is a collective."),)


def dossier_complete(facts: Facts, _request: MoveRequest) -> tuple[Reason, ...]:
    """Name every part of the dossier that is not there: subject, award, achievement text, one proposer."""
    parts = (
        (facts.has_subject, "subject_missing", "Say who is nominated."),
        (facts.has_award, "award_missing", "Choose the award."),
        (facts.has_achievement, "achievement_missing", "Describe the achievement."),
        (facts.has_proposer, "proposer_missing", "Name at least one proposer."),
    )
    return tuple(Reason(code, message) for is_there, code, message in parts if not is_there)


def not_own_subject(facts: Facts, _request: MoveRequest) -> tuple[Reason, ...]:
    """Say no to a person who would judge the nomination of themselves."""
    if not facts.actor_is_subject:
        return ()
    return (Reason("own_subject", "You are the nominee; somebody else has to take this step."),)


def decision_recorded(_facts: Facts, request: MoveRequest) -> tuple[Reason, ...]:
    """Ask for the signed paper: its number, the date on it, who signed.

    A passed vote is a recommendation; only a signed decision with these three makes an award.
    """
    if request.decision is None:
        return (Reason("decision_missing", "Enter the decision: its number, its date and who signed it."),)
    parts = (
        (request.decision.number, "decision_number_missing", "Enter the number of the decision."),
        (request.decision.signer, "decision_signer_missing", "Enter who signed the decision."),
    )
    return tuple(Reason(code, message) for text, code, message in parts if not text.strip())


PREDICATES: Final[Mapping[str, Predicate]] = MappingProxyType(
    {"subject_is_collective": subject_is_collective, "subject_is_individual": subject_is_individual}
)
"""Guards that choose a branch: they look at the subject alone and exclude each other."""

PREDICATE_KINDS: Final[Mapping[str, SubjectKind]] = MappingProxyType(
    {"subject_is_collective": SubjectKind.COLLECTIVE, "subject_is_individual": SubjectKind.PERSON}
)
"""The kind of subject each predicate lets pass: what `check` proves its statements with."""

REQUIREMENTS: Final[Mapping[str, Requirement]] = MappingProxyType(
    {
        "dossier_complete": dossier_complete,
        "not_own_subject": not_own_subject,
        DECISION_GUARD: decision_recorded,
    }
)
"""Guards that somebody can come to meet; every unmet one is told at once."""

GUARDS: Final = frozenset(PREDICATES) | frozenset(REQUIREMENTS)
"""Every guard a definition may name."""
