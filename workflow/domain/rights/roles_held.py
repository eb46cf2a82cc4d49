"""What somebody is by the roles they hold: who watches over work, who drafts for which units."""

from collections.abc import Collection
from typing import Final

from workflow.domain.rights.policy import Actor
from workflow.domain.text import fold
from workflow.domain.vocabulary import Role

_BUILT_IN: Final = frozenset(map(str, Role))
_UNIT_SEAT: Final = "unit:"
_WATCHERS: Final = (
    Role.SUPERVISOR,
    Role.ADMIN,
    Role.AUDITOR,
    Role.HEAD,
    Role.APPRAISER,
    Role.COUNCIL_SECRETARY,
)


def may_see_obstacles(actor: Actor) -> bool:
    """Return whether the actor watches over work, and so is shown what keeps it from going on."""
    return any(actor.holds(role) for role in _WATCHERS)


def nominating_units(actor: Actor, starters: Collection[str] = (Role.NOMINATOR,)) -> frozenset[str]:
    """Return the codes of the units for which the actor may draft, in any of the roles that start a route.

    With what they hold, and with what they are the first to be lent.
    """
    lent = frozenset(key for loan in actor.loans if loan.is_first for key in loan.keys)
    prefixes = tuple(f"{role}@{_UNIT_SEAT}" for role in starters)
    return frozenset(key.partition(_UNIT_SEAT)[2] for key in actor.keys | lent if key.startswith(prefixes))


def has_a_role_of_its_own(actor: Actor) -> bool:
    """Return whether the actor holds any role that is not built in, which only a definition explains."""
    return any(key.partition("@")[0] not in _BUILT_IN for key in actor.keys)


def keys_at_hand(actor: Actor) -> frozenset[str]:
    """Return the keys the actor holds or is lent."""
    return actor.keys.union(*(loan.keys for loan in actor.loans))


def enters_votes(actor: Actor, *, council: str | None) -> bool:
    """Return whether the actor enters the results of that council, or may by a role that a route declares."""
    seat = f"{Role.COUNCIL_SECRETARY}@council:{council}"
    return seat in keys_at_hand(actor) or has_a_role_of_its_own(actor)


def is_officer(actor: Actor | None, name: str, *, unit: str) -> bool:
    """Return whether the officer of a unit, of whom the name alone is kept, is the actor."""
    if actor is None:
        return False
    is_there = any(key.endswith(f"@{_UNIT_SEAT}{unit}") for key in actor.keys)
    return is_there and fold(actor.name) == fold(name)
