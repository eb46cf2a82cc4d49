"""Steps done offline: whoever keeps the records of a seat enters what that seat did, with its scan."""

from collections.abc import Mapping, Sequence
from typing import Final

from workflow.domain.errors import Reason
from workflow.domain.facts import Facts
from workflow.domain.rights.policy import Actor, refuse_subject
from workflow.domain.rights.routing import resolve, split_key
from workflow.domain.vocabulary import Role

_COUNCIL: Final = (f"{Role.APPRAISER}@council:", f"{Role.COUNCIL_SECRETARY}@council:")
_UNIT: Final = (f"{Role.NOMINATOR}@unit:",)
KEEPERS: Final[Mapping[tuple[str, str], Sequence[str]]] = {
    (Role.UNIT_REVIEWER, "unit"): _UNIT,
    (Role.UNIT_DEPUTY, "unit"): _UNIT,
    (Role.HEAD, "unit"): _UNIT,
    (Role.APPRAISER, "council"): _COUNCIL,
    (Role.COUNCIL_SECRETARY, "council"): _COUNCIL,
    (Role.CLUSTER_HEAD, "cluster"): (f"{Role.CLUSTER_DEPUTY}@cluster:",),
}
"""Who enters what a seat did offline: by its role and the kind of seat, the keys before the seat's name.

What a head signed is kept by the unit's nominator; where a council advises the head, by its office alone.
"""


def keeper_keys(key: str, *, council: str | None) -> frozenset[str]:
    """Return the keys whose holders enter what the holder of `key` did offline; none where nobody may.

    `council` is the code of the unit that the nomination's council advises.
    """
    role, seat = split_key(key)
    kind, _, name = seat.partition(":")
    # Who drafts for the head's own unit does not enter decisions on everybody else's people.
    kept = _COUNCIL if role == Role.HEAD and name == council else KEEPERS.get((role, kind), ())
    return frozenset(f"{before}{name}" for before in kept)


def seat_of_move(facts: Facts, *, by: str, owner: str) -> str | None:
    """Return the key a move belongs to: where the step's owner makes it, that for which its work opened."""
    return facts.owner_key if by == owner else resolve(by, facts.seats)


def refuse_offline(
    actor: Actor, facts: Facts, *, by: str, owner: str, on_behalf_of: str, is_drafting: bool
) -> Reason | None:
    """Return why the actor may not enter that this seat made the move on paper, None when they may.

    The seat is that of the move: where the step's owner makes it, the seat the work was opened for. Who has
    taken the work on in the meantime does not matter: it is done.
    """
    key = seat_of_move(facts, by=by, owner=owner)
    if key is None or on_behalf_of != key:
        message = f"This step belongs to {key or by}; a paper of {on_behalf_of} does not make it."
        return Reason("paper_of_another_seat", message, {"owner": key or by, "on_behalf_of": on_behalf_of})
    if keeper_keys(key, council=facts.seats.council).isdisjoint(actor.keys):
        message = f"Only whoever keeps the records of {key} may enter what was done on paper."
        return Reason("not_your_records", message, {"owner": key})
    return refuse_subject(facts, is_drafting=is_drafting)
