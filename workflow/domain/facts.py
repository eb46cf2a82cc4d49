"""What the rules are told about a nomination: frozen, loaded once, nothing fetched later."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from workflow.domain.vocabulary import SubjectKind, VoteResult


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
class SignedDocument:
    """A signed document: its number, the date on it, who signed; blank where it lacks a part."""

    number: str = ""
    signed_on: date | None = None
    signer: str = ""

    @property
    def dated(self) -> date:
        """The date on a document that must have one. Raises `ValueError` where it has none."""
        if self.signed_on is None:
            raise ValueError("the document has no date")
        return self.signed_on


@dataclass(frozen=True, slots=True)
class Prepared:
    """What somebody without authority prepared for whoever decides: a move, and what is said with it.

    `version` is that of the nomination they looked at, `owner_key` the seat they prepared it for, `seat` the
    key they did so with, None where that is not known. It was sent back `again_because`, None where it was
    not.
    """

    by: int
    name: str
    at: datetime
    version: int
    owner_key: str
    move: str
    to_step: str | None
    reason_code: str | None
    comment: str
    again_because: str | None = None
    seat: str | None = None


@dataclass(frozen=True, slots=True)
class Opinion:
    """That an outside office was asked for its opinion in this stay: which, when, and since when it is there.

    `came_at` is None while its answer is waited for.
    """

    office: str
    asked_at: datetime
    came_at: datetime | None = None


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
    actor_is_of_unit: bool = False
    """Whether the actor belongs to the nominated unit itself, which is set aside where clusters compare."""
    decider: str = ""
    """Who decides: the seat of the deciding unit (`unit:X`), or `state` above the sector."""
    cluster_kind: str | None = None
    """Whether the unit is in a cluster or a block this year, None where it is in neither."""
    asked_key: str | None = None
    """The key of whoever was asked to explain or complete something and has not answered, None otherwise."""
    missing_papers: tuple[str, ...] = ()
    """Kinds of paper that the award asks for and neither the dossier nor its submission holds."""
    submission: SignedDocument | None = None
    """What stands on the submission that lists this nomination, None where it travels alone."""
    today: date = date.min
    unit_due_on: date | None = None
    """The unit's own deadline in this round, None where the round expects nothing of it."""
    admitted_until: date | None = None
    """Until when the round's office takes it though that has passed, by exception; None where it does not."""
    recommendation: VoteResult | None = None
    voted_on: date | None = None
    vote_percent: int | None = None
    """The share of all members in favour that the award asks for, None for more than half."""
    upper_outcome: str | None = None
    reported_to: frozenset[str] = frozenset()
    """The seats that were told that the open work is late; what was told of an earlier stay is past."""

    prepared: Prepared | None = None
    """What was prepared last for the open work, None where nobody did in this stay."""
    opinion: Opinion | None = None
    """Which outside office was asked in this stay, None where none was."""

    @property
    def is_asked(self) -> bool:
        """Whether a question to who nominates waits for its answer."""
        return self.asked_key is not None

    @property
    def proposed(self) -> Prepared | None:
        """What is proposed to whoever decides: prepared for just this version, and not sent back."""
        one = self.prepared
        stands = one is not None and one.version == self.version and one.again_because is None
        return one if stands else None


@dataclass(frozen=True, slots=True)
class VoteEntry:
    """A council's counts: members entitled, votes in favour, against, blank; the absent vote in writing.

    `blank` is every ballot that says neither yes nor no: blank, struck out or not valid. `present` is how
    many voted, in the room or in writing, where somebody counted them apart; who did not vote is in neither.
    """

    members: int
    in_favour: int
    against: int
    blank: int = 0
    present: int | None = None


@dataclass(frozen=True, slots=True)
class OfflineStep:
    """A step done off the system: whose seat did it, the document signed there, its scan among the papers."""

    on_behalf_of: str
    document: SignedDocument
    scan_id: UUID

    def as_data(self) -> dict[str, object]:
        """Return what history keeps of the document: ids, codes and dates, and the name it is signed with."""
        day = self.document.signed_on
        return {
            "number": self.document.number,
            "signed_on": day and day.isoformat(),
            "signer": self.document.signer,
            "scan": str(self.scan_id),
        }


@dataclass(frozen=True, slots=True)
class MoveRequest:
    """What somebody asks a nomination to do. `outcome` is what became of it above.

    `answer_by` is until when an answer is asked for, `proposes` the move that is prepared for somebody else,
    `office` the one outside that was asked for its opinion.
    """

    action: str
    to_step: str | None = None
    comment: str = ""
    reason_code: str | None = None
    occurred_on: date | None = None
    decision: SignedDocument | None = None
    vote: VoteEntry | None = None
    on_paper: OfflineStep | None = None
    outcome: str | None = None
    answer_by: date | None = None
    proposes: str | None = None
    office: str | None = None
