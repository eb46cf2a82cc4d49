"""Who prepares what others decide: by the seat that the open work lies in, and never with its authority.

An office works for a head, a deputy for a head of a unit or a cluster; whoever nominates prepares
nothing, and nobody for a draft, which is written and not decided on.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from workflow.domain.errors import Reason
from workflow.domain.facts import Facts
from workflow.domain.rights.routing import OFFICE_ROLES, split_key, unit_of
from workflow.domain.rights.scope import SUBTREE_ROLES
from workflow.domain.vocabulary import Role

_UNIT_SEAT: Final = "unit:"

AT_THE_SEAT: Final[Mapping[str, Sequence[Role]]] = {
    Role.UNIT_REVIEWER: (Role.UNIT_DEPUTY, Role.APPRAISER),
    Role.UNIT_DEPUTY: (Role.APPRAISER,),
    Role.HEAD: (Role.UNIT_REVIEWER, Role.UNIT_DEPUTY, Role.APPRAISER),
    Role.CLUSTER_HEAD: (Role.CLUSTER_DEPUTY,),
    Role.COUNCIL_SECRETARY: (Role.APPRAISER,),
}
"""Who prepares for whom at one seat: a unit, a cluster, a council."""

IN_ITS_OFFICE: Final[Mapping[str, Sequence[Role]]] = {Role.HEAD: OFFICE_ROLES}
"""Who prepares for a unit's seat from the office of the council beside it."""


def preparing_keys(owner_key: str | None) -> frozenset[str]:
    """Return the keys of those who prepare what the open work asks for; none where it lies with nobody."""
    role, seat = split_key(owner_key or "")
    keys = {f"{one}@{seat}" for one in AT_THE_SEAT.get(role, ())}
    if seat.startswith(_UNIT_SEAT):
        keys |= {f"{one}@council:{unit_of(seat)}" for one in IN_ITS_OFFICE.get(role, ())}
    return frozenset(keys)


def reads_prepared(keys: Collection[str], owner_key: str, *, audience: Collection[str]) -> bool:
    """Return whether somebody with these keys is told what was prepared for a seat before it decided.

    Those who prepare for it, who sit in it or in such a seat that the file has reached, and who watch over
    work; nominators not, nor who has the same role in another unit and sees the file for another reason.
    """
    told = {owner_key, *preparing_keys(owner_key)}
    told |= {f"{split_key(owner_key)[0]}@{seat}" for seat in audience}
    return not told.isdisjoint(keys) or any(split_key(key)[0] in SUBTREE_ROLES for key in keys)


def refuse_own_file(facts: Facts, accounts: Collection[int | None]) -> Reason | None:
    """Return why one of these accounts may not prepare it: they wrote it, None where they did not."""
    if facts.created_by not in accounts:
        return None
    return Reason("own_file", "You wrote this nomination; somebody else prepares the decision on it.")
