"""The one place that says who may see and do what.

What somebody sees is a `Scope` (`domain.scope`); here it is demanded, and here stands who may do what.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from typing import Final

from workflow.domain.errors import AlreadyClaimed, Forbidden, NotFound, Reason
from workflow.domain.facts import Facts
from workflow.domain.rights.absence import Loan
from workflow.domain.rights.preparing import preparing_keys
from workflow.domain.rights.routing import (
    Holder,
    SetAside,
    resolve,
    set_aside_of,
    sits_for_own_unit,
    split_key,
    unit_of,
    with_ties,
)
from workflow.domain.rights.scope import EVERYWHERE, Depth, Scope, place_of, sees, steers
from workflow.domain.vocabulary import Role


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account, the person behind it, the keys it holds today and what that lets it see.

    `loans` are the seats of others that it stands in for; `acts_for` is the one in whose place it acts, with
    that seat's keys in the place of its own (`guises`), and `hand` whose hands then count as its own.
    """

    account_id: int
    name: str
    email: str = ""
    locale: str = "vi"
    person_id: int | None = None
    keys: frozenset[str] = frozenset()
    scope: Scope = field(default_factory=Scope)
    unit_id: int | None = None
    loans: tuple[Loan, ...] = ()
    acts_for: Loan | None = None
    hand: int | None = None

    def holds(self, role: Role) -> bool:
        """Return whether the actor has this role anywhere."""
        return any(key.startswith(f"{role}@") for key in self.keys)

    def has_in_hand(self, account_id: int | None) -> bool:
        """Return whether what this account took is in the actor's hands."""
        return account_id is not None and account_id == (self.hand or self.account_id)


def guises(actor: Actor, facts: Facts, *, is_drafting: bool) -> tuple[tuple[Actor, Facts], ...]:
    """Return the actor as themselves and then in the place of each whom they stand in for here.

    Each with the facts to ask it by. In another's place they have that seat's keys and none of their own,
    and nothing where either is set aside; what the facts say of who acts is true of either.
    """
    if not actor.loans:
        return ((actor, facts),)
    own, aside = replace(actor, loans=()), SetAside() if is_drafting else set_aside_of(facts)
    lent = ((_guise(own, loan, facts, aside), loan.absent) for loan in actor.loans)
    return ((own, facts), *((one, with_ties(facts, absent)) for one, absent in lent if one is not None))


def _guise(own: Actor, loan: Loan, facts: Facts, aside: SetAside) -> Actor | None:
    self_ = Holder("", own.account_id, own.person_id, own.unit_id)

    def takes_part(key: str) -> bool:
        return loan.takes_part(key, aside, borrower=self_)

    keys = frozenset(filter(takes_part, loan.keys))
    has_hands = loan.covers(facts.owner_key) and takes_part(facts.owner_key or "")
    if not keys and not has_hands:
        return None
    return replace(own, keys=keys, acts_for=loan, hand=loan.absent.account_id if has_hands else None)


def in_place_of(actor: Actor, keys: Collection[str]) -> Actor:
    """Return the actor as whom they act with one of these keys: themselves, or for the first who lends one.

    For what is not about one nomination: nobody is set aside there, so only the first substitute acts.
    """
    if not actor.keys.isdisjoint(keys):
        return replace(actor, loans=())
    lent = (loan for loan in actor.loans if loan.is_first and not loan.keys.isdisjoint(keys))
    loan = next(lent, None)
    return actor if loan is None else replace(actor, keys=loan.keys, acts_for=loan, loans=())


def demand_sight(actor: Actor, facts: Facts) -> None:
    """Raise `NotFound` when the actor may not see the nomination: nobody learns that it exists."""
    if not sees(actor.scope, Depth.NAME, place_of(facts)):
        raise NotFound(f"There is no nomination {facts.nomination_id} among those you may see.")


class Relation(Enum):
    """How somebody stands to a nomination's open work; `TOLD` where they heard in a seat that it is late.

    A `PREPARER` fills in what others decide, who could not themselves; a `LEAD` leads those who do the work.
    """

    NOMINATOR = auto()
    ANSWERER = auto()
    GROUP = auto()
    ASSIGNEE = auto()
    SENDER = auto()
    HEAD = auto()
    OVERSEER = auto()
    OFFICE = auto()
    TOLD = auto()
    PREPARER = auto()
    LEAD = auto()


@dataclass(frozen=True, slots=True)
class Sending:
    """How a nomination came to its step: who sent it, with which keys that is done, whether from a draft.

    `keys` is None where nobody sent it: then there is nothing to take back, whoever asks.
    """

    by: int | None = None
    keys: frozenset[str] | None = None
    is_from_draft: bool = False


def relations(actor: Actor, facts: Facts, *, starter: str, sending: Sending) -> frozenset[Relation]:
    """Return every relation the actor has to the nomination as it stands, with the keys held today.

    `starter` is the definition's `role@scope` that drafts; `sending` says who sent it to the present step,
    which counts while they still sit where it was sent from.
    """
    seat = split_key(facts.owner_key)[1] if facts.owner_key else ""
    tests = {
        Relation.NOMINATOR: resolve(starter, facts.seats) in actor.keys,
        Relation.ANSWERER: facts.asked_key is not None and facts.asked_key in actor.keys,
        Relation.GROUP: facts.owner_key in actor.keys and not sits_for_own_unit(facts, facts.owner_key),
        Relation.ASSIGNEE: actor.has_in_hand(facts.assignee_id),
        Relation.SENDER: _sent_it(actor, sending),
        Relation.HEAD: f"{Role.HEAD}@unit:{unit_of(seat)}" in actor.keys,
        Relation.OVERSEER: is_over(actor, facts.unit_id),
        Relation.OFFICE: not actor.keys.isdisjoint(_office_keys(facts)),
        Relation.TOLD: not actor.keys.isdisjoint(facts.reported_to - {facts.owner_key}),
        Relation.PREPARER: _prepares(actor, facts),
        Relation.LEAD: _leads(actor, facts),
    }
    return frozenset(relation for relation, holds in tests.items() if holds)


def stands_so(actor: Actor, facts: Facts, wanted: frozenset[Relation], *, starter: str) -> bool:
    """Return whether the actor has one of these relations, as themselves or in the place of somebody away."""
    people = guises(actor, facts, is_drafting=False)
    return any(wanted & relations(one, seen, starter=starter, sending=Sending()) for one, seen in people)


def _sent_it(actor: Actor, sending: Sending) -> bool:
    is_theirs = sending.by is not None and sending.by in {actor.account_id, actor.hand}
    return is_theirs and (sending.keys is None or bool(sending.keys & actor.keys))


def _prepares(actor: Actor, facts: Facts) -> bool:
    """Return whether the actor works for the seat of the open work, and has no authority there."""
    decides = facts.owner_key in actor.keys or actor.has_in_hand(facts.assignee_id)
    keys = (key for key in preparing_keys(facts.owner_key) if not sits_for_own_unit(facts, key))
    return not decides and not actor.keys.isdisjoint(keys)


_LEADS: Mapping[str, Sequence[Role]] = {
    "unit": (Role.HEAD,),
    "cluster": (Role.CLUSTER_HEAD,),
    "council": (Role.COUNCIL_SECRETARY,),
}


def lead_keys(owner_key: str | None) -> frozenset[str]:
    """Return the keys of those who lead where this work is done: heads of units and clusters, a secretary.

    A council is chaired by the head of the unit that it advises.
    """
    seat = split_key(owner_key or "")[1]
    kind = seat.partition(":")[0]
    chair = {f"{Role.HEAD}@unit:{unit_of(seat)}"} if kind == "council" else set()
    return frozenset({f"{role}@{seat}" for role in _LEADS.get(kind, ())} | chair)


def _leads(actor: Actor, facts: Facts) -> bool:
    """Return whether the actor leads where the open work lies, and is of no unit that is judged there."""
    is_lead = not actor.keys.isdisjoint(lead_keys(facts.owner_key))
    return is_lead and not sits_for_own_unit(facts, facts.owner_key)


def _office_keys(facts: Facts) -> frozenset[str]:
    """Return the keys of the office that runs the round: its council's, and the head's beside it."""
    council, owner = facts.seats.council, facts.seats.round_owner
    of_council = {f"{role}@council:{council}" for role in (Role.APPRAISER, Role.COUNCIL_SECRETARY) if council}
    return frozenset({*of_council, f"{Role.HEAD}@unit:{owner}"})


def is_over(actor: Actor, unit_id: int) -> bool:
    """Return whether the actor supervises or administers a tree that contains the unit."""
    return (actor.holds(Role.SUPERVISOR) or actor.holds(Role.ADMIN)) and steers(actor.scope, unit_id)


ABOVE: Final = frozenset({Relation.HEAD, Relation.OVERSEER, Relation.OFFICE, Relation.TOLD})
"""Who is above late work: who could be told of it by their office, and who was told (docs/adr/0058)."""

NOT_YOURS: Final = "not-your-role"
"""The code of the one reason that nothing can mend: the action is somebody else's."""


def refuse_subject(facts: Facts, *, is_drafting: bool) -> Reason | None:
    """Return why the actor may not touch it as the one nominated, None when they may or it is not theirs.

    Asked for every action there is, after the seat was: a nominee does what drafting needs and nothing else.
    """
    if is_drafting or not facts.actor_is_subject:
        return None
    return Reason("own_subject", "You are the nominee; somebody else has to take this step.")


def refuse_move(
    actor: Actor, facts: Facts, *, by: str, owner: str, is_drafting: bool, is_personal: bool = False
) -> Reason | None:
    """Return why the actor may not make a move of the definition, None when they may.

    `by` and `owner` are the move's and the step's `role@scope`. Where they are the same, the work belongs to
    whoever it was opened for (a stand-in of the owner's seat) or handed to, and to nobody else. `is_drafting`
    says whether the step is one in which the nomination is written, `is_personal` whether nobody makes the
    move for somebody who is away.
    """
    is_owners = by == owner
    key = facts.owner_key if is_owners else resolve(by, facts.seats)
    if key not in actor.keys and not (is_owners and actor.has_in_hand(facts.assignee_id)):
        return Reason("not-your-role", "This is not part of your role.", {"owner": key or by})
    if is_personal and actor.acts_for is not None:
        message = f"You stand in for {actor.acts_for.name}, who has to sign this in person."
        return Reason("signed_in_person", message, {"name": actor.acts_for.name})
    own = refuse_subject(facts, is_drafting=is_drafting)
    if own is not None:
        return own
    if is_owners and facts.assignee_id is not None and not actor.has_in_hand(facts.assignee_id):
        return Reason("already-claimed", "Somebody else is working on it; ask them, or have it reassigned.")
    return None


def demand(reason: Reason | None) -> None:
    """Raise the refusal that a reason stands for; do nothing without one."""
    if reason is None:
        return
    refusal = AlreadyClaimed if reason.code == "already-claimed" else Forbidden
    raise refusal(reason.message, reasons=[reason])


def demand_role(actor: Actor) -> None:
    """Raise `Forbidden` for somebody who holds no role today: before anything they name is looked up."""
    if not actor.keys:
        message = "You hold no role here today, so there is nothing you may change."
        raise Forbidden(message, reasons=[Reason("no_role", message)])


def may_administer(actor: Actor) -> bool:
    """Return whether the actor runs the whole installation."""
    return f"{Role.ADMIN}@{EVERYWHERE}" in actor.keys


def may_audit(actor: Actor) -> bool:
    """Return whether the actor reads the whole installation's history: who runs it, or audits all of it."""
    return not actor.keys.isdisjoint(f"{role}@{EVERYWHERE}" for role in (Role.ADMIN, Role.AUDITOR))


MENDERS: Final = (Role.SUPERVISOR, Role.ADMIN)


def mending_keys(actor: Actor) -> frozenset[str]:
    """Return the actor's keys by which failed mails may be sent again: of those who watch over them.

    Only where these reach: who also may look elsewhere, as an auditor, writes nothing there.
    """
    return frozenset(key for key in actor.keys if split_key(key)[0] in MENDERS)
