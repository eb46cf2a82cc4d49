"""What the rules are told about a nomination: frozen, loaded once, nothing fetched later."""

from dataclasses import dataclass
from datetime import date

from workflow.domain.vocabulary import SubjectKind


@dataclass(frozen=True, slots=True)
class Seats:
    """The concrete seats that `@scope` words of a definition mean for one nomination.

    Each is a code: of units, of the cluster (`2026/VKSTC/1`), of the unit the council advises; None where
    there is none.
    """

    unit: str
    parent_unit: str | None
    cluster: str | None
    council: str | None
    round_owner: str


@dataclass(frozen=True, slots=True)
class Facts:
    """One nomination as the rules see it, under lock, at one version."""

    nomination_id: int
    state: str
    version: int
    is_held: bool
    is_closed: bool
    seats: Seats
    unit_id: int
    audience: frozenset[str]
    created_by: int
    subject_kind: SubjectKind
    subject_person_id: int | None
    has_subject: bool
    has_award: bool
    has_achievement: bool
    has_proposer: bool
    owner_key: str | None
    assignee_id: int | None
    actor_is_subject: bool


@dataclass(frozen=True, slots=True)
class DecisionEntry:
    """A signed paper as entered with a move: number, date on it, who signed."""

    number: str
    decided_on: date
    signer: str


@dataclass(frozen=True, slots=True)
class MoveRequest:
    """What somebody asks a nomination to do."""

    action: str
    to_step: str | None = None
    comment: str = ""
    reason_code: str | None = None
    occurred_on: date | None = None
    decision: DecisionEntry | None = None
