"""The guards a move may name: each a pure question about the facts and the request.

A predicate (`predicates`) chooses between moves of one name; a requirement must be met by whoever asks. A
guard answers with every reason it has to say no, none when it is met.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from workflow.domain.clusters.words import of_kind
from workflow.domain.errors import Reason
from workflow.domain.facts import Facts, MoveRequest
from workflow.domain.papers.kinds import ENGLISH_NAMES, PaperLevel, level_of
from workflow.domain.route.predicates import PREDICATES
from workflow.domain.vocabulary import PaperKind, VoteResult
from workflow.domain.votes import result_of

Requirement = Callable[[Facts, MoveRequest], tuple[Reason, ...]]

DOSSIER_GUARD: Final = "dossier_complete"
DECISION_GUARD: Final = "decision_recorded"
VOTE_GUARD: Final = "vote_recorded"
VOTE_RESULT_GUARDS: Final = ("vote_passed", "vote_not_passed")
_BEFORE_THE_CLUSTER: Final = frozenset(PaperKind) - {PaperKind.CLUSTER_MINUTES}


def dossier_complete(facts: Facts, _request: MoveRequest) -> tuple[Reason, ...]:
    """Name every part of the dossier that is not there: subject, award, achievement, proposer, papers."""
    parts = (
        (facts.has_subject, "subject_missing", "Say who is nominated."),
        (facts.has_award, "award_missing", "Choose the award."),
        (facts.has_achievement, "achievement_missing", "Describe the achievement."),
        (facts.has_proposer, "proposer_missing", "Name at least one proposer."),
    )
    said = tuple(Reason(code, message) for is_there, code, message in parts if not is_there)
    return (*said, *_missing_papers(facts, PaperLevel.NOMINATION, frozenset(PaperKind)))


def paper_signed(facts: Facts, _request: MoveRequest) -> tuple[Reason, ...]:
    """Ask for the unit's own signed document that lists this nomination, and for what goes with the list."""
    if facts.submission is None:
        message = "Put it on the list of a submission of your unit first; who nominates ticks it there."
        return (Reason("submission_missing", message),)
    paper = facts.submission
    parts = (
        (paper.number, "submission_number_missing", "Enter the number of the submission."),
        (paper.signed_on, "submission_date_missing", "Enter the date on the submission."),
        (paper.signer, "submission_signer_missing", "Enter who signed the submission."),
    )
    said = tuple(Reason(code, message) for is_there, code, message in parts if not is_there)
    return (*said, *_missing_papers(facts, PaperLevel.SUBMISSION, _BEFORE_THE_CLUSTER))


def cluster_minuted(facts: Facts, _request: MoveRequest) -> tuple[Reason, ...]:
    """Ask for the minutes of the cluster's meeting where the award wants them; before it there are none."""
    return tuple(_missing_papers(facts, PaperLevel.SUBMISSION, frozenset({PaperKind.CLUSTER_MINUTES})))


def on_time(facts: Facts, request: MoveRequest) -> tuple[Reason, ...]:
    """Say no once the unit's own deadline has passed, counted on the submission's date where there is one.

    What has left the unit before and came back to be mended was sent in time. What the office admits by
    exception may be sent late, and is late.
    """
    if facts.admitted_until is not None and facts.today <= facts.admitted_until:
        return ()
    if facts.unit_due_on is None or _has_left_unit(facts) or _day_of(facts, request) <= facts.unit_due_on:
        return ()
    return (
        Reason(
            "unit_deadline_passed",
            f"The unit's deadline was {facts.unit_due_on.isoformat()}; whoever runs the round at "
            f"{facts.seats.round_owner} can extend it, or admit what comes late by exception.",
            {"day": f"{facts.unit_due_on:%d/%m/%Y}", "unit": facts.seats.round_owner},
        ),
    )


def not_own_subject(facts: Facts, _request: MoveRequest) -> tuple[Reason, ...]:
    """Say no to a person who would judge the nomination of themselves."""
    if not facts.actor_is_subject:
        return ()
    return (Reason("own_subject", "You are the nominee; somebody else has to take this step."),)


def not_own_unit(facts: Facts, _request: MoveRequest) -> tuple[Reason, ...]:
    """Say no to a person who would judge their own unit beside those of others."""
    if not facts.actor_is_of_unit:
        return ()
    return (Reason("own_unit", "Your own unit is nominated; another unit has to take this step."),)


def decision_recorded(facts: Facts, request: MoveRequest) -> tuple[Reason, ...]:
    """Ask for the signed document: number, date, who signed; not dated before the council's vote.

    A passed vote is a recommendation; only a signed decision with these three makes an award.
    """
    if request.decision is None:
        return (Reason("decision_missing", "Enter the decision: its number, its date and who signed it."),)
    parts = (
        (request.decision.number, "decision_number_missing", "Enter the number of the decision."),
        (request.decision.signer, "decision_signer_missing", "Enter who signed the decision."),
    )
    said = [Reason(code, message) for text, code, message in parts if not text.strip()]
    if facts.voted_on is not None and request.decision.dated < facts.voted_on:
        voted_on = f"{facts.voted_on:%d/%m/%Y}"
        message = f"The decision is dated before the council voted on {facts.voted_on.isoformat()}."
        said.append(Reason("decision_before_vote", message, {"voted_on": voted_on}))
    return tuple(said)


def vote_recorded(_facts: Facts, request: MoveRequest) -> tuple[Reason, ...]:
    """Ask for the council's counts: without them nobody can tell later what was recommended."""
    if request.vote is not None:
        return ()
    return (Reason("vote_missing", "Enter the counts: members, in favour, against, blank."),)


def vote_passed(facts: Facts, request: MoveRequest) -> tuple[Reason, ...]:
    """Say no to a recommendation that the counts do not carry. Impossible counts raise `InvalidField`."""
    if request.vote is None or result_of(request.vote, facts.vote_percent) is VoteResult.PASSED:
        return ()
    message = "The counts do not carry it: record the vote as not passed."
    return (Reason("vote_is_below", message),)


def vote_not_passed(facts: Facts, request: MoveRequest) -> tuple[Reason, ...]:
    """Say no to recording as not passed what the counts carry. Impossible counts raise `InvalidField`."""
    if request.vote is None or result_of(request.vote, facts.vote_percent) is not VoteResult.PASSED:
        return ()
    return (Reason("vote_is_carried", "The counts carry it: record it as recommended."),)


def council_passed(facts: Facts, request: MoveRequest) -> tuple[Reason, ...]:
    """Ask for the council's recommendation; what it did not carry the head can only close.

    The nominee is told that it is theirs, whatever the council said: no refusal gives the vote away.
    """
    if facts.actor_is_subject:
        return not_own_subject(facts, request)
    match facts.recommendation:
        case VoteResult.PASSED:
            return ()
        case VoteResult.TIED:
            return (Reason("council_tied", "The council's vote was tied, so there is nothing to sign."),)
        case VoteResult.NOT_PASSED:
            return (Reason("council_not_passed", "The council did not recommend it."),)
        case _:
            return (Reason("council_not_voted", "The council has not voted on it."),)


def _missing_papers(facts: Facts, level: PaperLevel, kinds: frozenset[PaperKind]) -> Iterator[Reason]:
    for kind in facts.missing_papers:
        if kind in kinds and level_of(kind) is level:
            name = of_kind(ENGLISH_NAMES[PaperKind(kind)], facts.cluster_kind)
            told = {"kind": kind, "name": name, "cluster_kind": facts.cluster_kind or ""}
            yield Reason("paper_missing", f"Attach: {name}.", told)


def _day_of(facts: Facts, request: MoveRequest) -> date:
    """Return the day a step counts for: where it was done offline the day it was signed, else today.

    Somebody may say that it took place later; what was signed too late did not take place before.
    """
    signed_on = request.on_paper and request.on_paper.document.signed_on
    return max(signed_on, request.occurred_on or signed_on) if signed_on else facts.today


def _has_left_unit(facts: Facts) -> bool:
    """Return whether it has been beyond units before: at a cluster or a council."""
    return any(not seat.startswith("unit:") for seat in facts.audience)


REQUIREMENTS: Final[Mapping[str, Requirement]] = MappingProxyType(
    {
        DOSSIER_GUARD: dossier_complete,
        "paper_signed": paper_signed,
        "cluster_minuted": cluster_minuted,
        "on_time": on_time,
        "not_own_subject": not_own_subject,
        "not_own_unit": not_own_unit,
        DECISION_GUARD: decision_recorded,
        VOTE_GUARD: vote_recorded,
        "vote_passed": vote_passed,
        "vote_not_passed": vote_not_passed,
        "council_passed": council_passed,
    }
)
"""Guards that somebody can come to meet; every unmet one is told at once."""

FROM_THE_FORM: Final = frozenset({DECISION_GUARD, VOTE_GUARD, *VOTE_RESULT_GUARDS})
"""Requirements that the form of the move itself asks for: they make no button unmet."""

GUARDS: Final = frozenset(PREDICATES) | frozenset(REQUIREMENTS)
"""Every guard a definition may name."""
