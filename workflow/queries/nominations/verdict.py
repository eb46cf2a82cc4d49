"""What was recommended, signed and decided about a nomination, as its page and its answer say it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Row

from workflow.domain.vocabulary import DecisionKind, UpperOutcome, VoteResult
from workflow.queries.paper_words import paper_title
from workflow.queries.shapes import Titled

_OF_DECISION: Final = ("kind", "body", "number", "decided_on", "signer")


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A signed document that covers the nomination; `body` is the seat that signed, or `state`."""

    kind: DecisionKind
    body: str
    number: str
    decided_on: date
    signer: str


@dataclass(frozen=True, slots=True)
class VoteView:
    """A council's vote: its counts, and the share of all members asked for, null for more than half."""

    result: VoteResult
    voted_on: date
    members: int
    in_favour: int
    against: int
    blank: int
    percent: int | None


@dataclass(frozen=True, slots=True)
class UpperView:
    """What became of an award that is decided above, with the document that says so where there is one."""

    outcome: UpperOutcome
    decision: DecisionView | None


def decision_of(row: Row[Any], prefix: str = "") -> DecisionView | None:
    """Return the document whose columns a row carries, None where there is none."""
    kind, body, number, decided_on, signer = (getattr(row, prefix + name) for name in _OF_DECISION)
    return DecisionView(DecisionKind(kind), body, number, decided_on, signer) if number is not None else None


def vote_of(result: str | None, voted_on: date | None, counts: Mapping[str, Any] | None) -> VoteView | None:
    """Return a nomination's vote from its columns, None before the council has voted."""
    if result is None or voted_on is None or counts is None:
        return None
    return VoteView(
        VoteResult(result),
        voted_on,
        counts["members"],
        counts["in_favour"],
        counts["against"],
        counts["blank"],
        counts["percent"],
    )


def upper_of(row: Row[Any]) -> UpperView | None:
    """Return the outcome above from a row's columns, None before it is known."""
    if row.upper_outcome is None:
        return None
    return UpperView(UpperOutcome(row.upper_outcome), decision_of(row, "upper_"))


def missing_papers(asked: Sequence[str], there: Sequence[str] | None, kind: str | None) -> tuple[Titled, ...]:
    """Return the papers that are asked for and not there, with their names, in the order of the award.

    `kind` is that of the cluster the nomination's unit is in, None where that is not known.
    """
    held = set(there or ())
    return tuple(paper_title(paper, kind) for paper in asked if paper not in held)
