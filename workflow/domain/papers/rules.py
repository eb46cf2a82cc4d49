"""Who may put a paper to a nomination, a submission or a unit's answer, and who may take one away again.

One table for all three: what somebody is to the papers, where their root stands, and which kinds that opens.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum, StrEnum, auto
from typing import Final

from workflow.domain.errors import Conflict, Forbidden, InvalidField, Reason, Refusal
from workflow.domain.papers.kinds import ROOTS, PaperRoot, lies_at
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.routing import Holder, split_key
from workflow.domain.vocabulary import PaperKind, Role


class PaperAction(StrEnum):
    """What history calls it when a paper came or went."""

    ATTACH = "attach"
    REMOVE = "remove_paper"


class Keeper(Enum):
    """What somebody is to papers: of the unit itself, of the seat with the work, of the round's office."""

    UNIT = auto()
    HOLDER = auto()
    OFFICE = auto()


class Phase(Enum):
    """Where the papers' root stands; `ASKED`: under way, and the unit is to explain or complete something."""

    WITH_UNIT = auto()
    UNDER_WAY = auto()
    ASKED = auto()
    CLOSED = auto()


@dataclass(frozen=True, slots=True)
class PaperPlace:
    """Where papers lie. Seats are codes of units; `holders` the owner keys of the open work.

    `decided_on` is the day of a council's vote on it, or of the last one where there were several; `is_own`
    says that the actor is nominated in it, `nominees` are the persons who are.
    """

    root: PaperRoot
    unit: str
    council: str | None
    round_owner: str
    holders: frozenset[str] = frozenset()
    assignees: frozenset[int] = frozenset()
    phase: Phase = Phase.WITH_UNIT
    decided_on: date | None = None
    is_own: bool = False
    nominees: frozenset[int] = frozenset()


_RECORDS: Final[Mapping[str, frozenset[str]]] = {
    "unit": frozenset({Role.NOMINATOR, Role.UNIT_REVIEWER, Role.UNIT_DEPUTY, Role.HEAD}),
    "cluster": frozenset({Role.CLUSTER_HEAD, Role.CLUSTER_DEPUTY}),
    "council": frozenset({Role.APPRAISER, Role.COUNCIL_SECRETARY}),
}
"""Who keeps the papers of a seat beside those that its open work waits for."""

_ALL: Final = frozenset(ROOTS)
_OF_THE_OFFICE: Final = frozenset(
    {
        PaperKind.CLUSTER_MINUTES,
        PaperKind.COUNCIL_MINUTES,
        PaperKind.BALLOT_RESULT,
        PaperKind.DECISION,
        PaperKind.ANSWER,
        PaperKind.OTHER,
    }
)
MAY_ATTACH: Final[Mapping[tuple[Keeper, Phase], frozenset[PaperKind]]] = {
    (Keeper.UNIT, Phase.WITH_UNIT): _ALL,
    (Keeper.HOLDER, Phase.WITH_UNIT): _ALL,
    (Keeper.HOLDER, Phase.UNDER_WAY): _ALL,
    (Keeper.OFFICE, Phase.WITH_UNIT): _OF_THE_OFFICE,
    (Keeper.OFFICE, Phase.UNDER_WAY): _OF_THE_OFFICE,
    (Keeper.UNIT, Phase.ASKED): _ALL,
    (Keeper.HOLDER, Phase.ASKED): _ALL,
    (Keeper.OFFICE, Phase.ASKED): _OF_THE_OFFICE,
    (Keeper.OFFICE, Phase.CLOSED): _OF_THE_OFFICE,
}
"""The policy. A signed decision may arrive after the nomination is closed; nothing else may."""


_OF_UNIT: Final = "unit:"
_OTHERS_ALONE: Final = frozenset({Phase.UNDER_WAY, Phase.CLOSED})


def keepers(actor: Actor, desk: PaperPlace) -> frozenset[Keeper]:
    """Return everything the actor is to the papers; nothing once who is nominated has sent them.

    Who is nominated completes them with the unit when that is asked to.
    """
    if desk.is_own and desk.phase in _OTHERS_ALONE:
        return frozenset()
    seats = {split_key(key)[1] for key in desk.holders}
    office = {f"{Role.HEAD}@unit:{desk.round_owner}"} | _records_of(f"council:{desk.council}")
    tests = {
        Keeper.UNIT: bool(_records_of(f"unit:{desk.unit}") & actor.keys),
        Keeper.HOLDER: bool(desk.holders & actor.keys)
        or (actor.hand or actor.account_id) in desk.assignees
        or any(_records_of(seat) & actor.keys for seat in seats),
        Keeper.OFFICE: bool(office & actor.keys),
    }
    found = frozenset(keeper for keeper, holds in tests.items() if holds)
    return found & {Keeper.UNIT} if desk.is_own and desk.phase is Phase.ASKED else found


def kept_units(actor: Actor) -> frozenset[str]:
    """Return the codes of the units whose papers the actor keeps, in their own name or for somebody away.

    Whether one paper may be put to one place is asked of that place.
    """
    lent = frozenset(key for loan in actor.loans for key in loan.keys)
    held = (split_key(key) for key in actor.keys | lent)
    return frozenset(
        seat.removeprefix(_OF_UNIT)
        for role, seat in held
        if role in _RECORDS["unit"] and seat.startswith(_OF_UNIT)
    )


def _guises(actor: Actor, desk: PaperPlace) -> Iterator[Actor]:
    """Yield the actor as themselves and in the place of each for whom they stand in here.

    In the place of a nominee nobody keeps the papers that the nominee may not touch any more, and where all
    who are asked before are nominees, the next does. Hands are lent with the seat they took the work in.
    """

    def is_aside(one: Holder) -> bool:
        return one.person_id in desk.nominees and desk.phase is not Phase.WITH_UNIT

    yield replace(actor, loans=())
    for loan in actor.loans:
        if is_aside(loan.absent) or not all(map(is_aside, loan.before)):
            continue
        hand = loan.absent.account_id if any(map(loan.covers, desk.holders)) else None
        yield replace(actor, keys=loan.keys, acts_for=loan, hand=hand, loans=())


def attachable(actor: Actor, desk: PaperPlace) -> tuple[PaperKind, ...]:
    """Return the kinds of paper that the actor may put here now, in the order of lists."""
    opened = {
        kind
        for guise in _guises(actor, desk)
        for keeper in keepers(guise, desk)
        for kind in MAY_ATTACH.get((keeper, desk.phase), frozenset())
    }
    return tuple(kind for kind in ROOTS if kind in opened and lies_at(kind, desk.root))


def demand_attachable(actor: Actor, desk: PaperPlace, kind: PaperKind) -> Actor:
    """Return as whom the actor puts a paper there: themselves, or in the place of somebody away.

    Raises `InvalidField` for a kind that does not belong here, `Forbidden` for one not theirs to put.
    """
    if not lies_at(kind, desk.root):
        message = f"a paper of the kind '{kind}' does not belong here"
        raise InvalidField(f"kind: {message}.", reasons=[Reason("kind_not_here", message)])
    acting = next((one for one in _guises(actor, desk) if kind in attachable(one, desk)), None)
    if acting is None:
        raise _not_yours()
    return acting


@dataclass(frozen=True, slots=True)
class PlacedPaper:
    """A paper that lies there: its kind, who put it there on which day, whether a step's record names it."""

    kind: PaperKind
    uploaded_by: int
    uploaded_on: date
    is_a_scan: bool = False


def refuse_removal(actor: Actor, desk: PaperPlace, paper: PlacedPaper) -> Refusal | None:
    """Return why the actor may not take a paper away, None when they may."""
    # Who put it there takes it away while they still are anything to these papers.
    mine = paper.uploaded_by == actor.account_id and bool(keepers(actor, desk))
    if not mine and paper.kind not in attachable(actor, desk):
        return _not_yours()
    if paper.is_a_scan:
        message = "It is the scan of a step that was done on paper, and stays with its record."
        return Conflict(message, reasons=[Reason("paper_in_use", message)])
    was_voted_on = desk.decided_on is not None and paper.uploaded_on <= desk.decided_on
    if was_voted_on or desk.phase is Phase.CLOSED:
        message = "A decision rests on this paper, so it stays."
        return Conflict(message, reasons=[Reason("paper_decided_on", message)])
    return None


def _not_yours() -> Forbidden:
    message = "The papers here are not yours to change now."
    return Forbidden(message, reasons=[Reason("not_your_paper", message)])


def _records_of(seat: str) -> frozenset[str]:
    """Return the keys of those who keep the records of a seat."""
    return frozenset(f"{role}@{seat}" for role in _RECORDS.get(seat.partition(":")[0], frozenset()))


_WITHHELD_FROM_NOMINEES: Final = frozenset(
    {
        PaperKind.MEETING_MINUTES,
        PaperKind.CLUSTER_MINUTES,
        PaperKind.COUNCIL_MINUTES,
        PaperKind.BALLOT_RESULT,
    }
)
"""What tells how people judged: the nominee reads it with the result, like the reviewers' names."""


def is_withheld(*, is_judged: bool, kind: str, is_theirs: bool, is_scan: bool) -> bool:
    """Return whether a reader who is nominated there, and not decided on yet, waits to read a paper.

    What tells how people judged is known by its kind, or by the step whose scan it is; what is theirs they
    brought themselves.
    """
    return is_judged and not is_theirs and (kind in _WITHHELD_FROM_NOMINEES or is_scan)
