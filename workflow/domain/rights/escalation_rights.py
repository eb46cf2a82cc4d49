"""Who may hold an escalation back: the round's office and who oversees the unit, never whose work is late."""

from dataclasses import dataclass

from workflow.domain.errors import Reason
from workflow.domain.rights.policy import Actor, mending_keys
from workflow.domain.rights.routing import Holder, SetAside, split_key
from workflow.domain.vocabulary import Role

LONGEST_HOLD = 2
"""For how many working days an escalation may be held back."""

_OFFICES = (
    f"{Role.APPRAISER}@council:",
    f"{Role.COUNCIL_SECRETARY}@council:",
    f"{Role.HEAD}@unit:",
)


@dataclass(frozen=True, slots=True)
class LateWork:
    """Work that is about to be reported: whose it is, and the nominee, be it of the unit that owes it."""

    owner_key: str
    assignee_id: int | None
    person_id: int | None


def office_seats(actor: Actor) -> frozenset[str]:
    """Return the seats by which the actor is the office of rounds: the council's, and the owner's head's."""
    return frozenset(split_key(key)[1] for key in actor.keys if key.startswith(_OFFICES))


def office_keys(actor: Actor) -> frozenset[str]:
    """Return the keys by which late work is the actor's business: of an office, or of who watches over it."""
    return mending_keys(actor) | {key for key in actor.keys if key.startswith(_OFFICES)}


def is_office(actor: Actor) -> bool:
    """Return whether the actor could have escalations to see at all."""
    return bool(office_keys(actor))


def refuse_own_escalation(actor: Actor, work: LateWork) -> Reason | None:
    """Return why the actor may not hold this one back though it is of their office, None when they may."""
    if work.person_id is not None and work.person_id == actor.person_id:
        return Reason("own_subject", "You are the nominee; somebody else has to take this step.")
    if work.assignee_id == actor.account_id or work.owner_key in actor.keys or _stands_in(actor, work):
        return Reason(
            "own_work", "The work waits for you yourself: somebody else has to hold back its report."
        )
    return None


def _stands_in(actor: Actor, work: LateWork) -> bool:
    """Return whether the work is in the actor's hands because somebody is away."""
    key, aside = work.owner_key, SetAside(work.person_id)
    me = Holder("", actor.account_id, actor.person_id, actor.unit_id)
    return any(
        loan.takes_part(key, aside, borrower=me)
        and (key in loan.keys or (loan.covers(key) and loan.absent.account_id == work.assignee_id))
        for loan in actor.loans
    )
