"""Copies of a unit's mails to its mailbox: who says where they go, and of which letters there are any."""

from collections.abc import Collection, Iterable

from workflow.domain.rights.policy import Actor, may_administer
from workflow.domain.rights.routing import CLUSTER_SEAT, split_key, unit_of
from workflow.domain.rights.scope import SUBTREE_ROLES
from workflow.domain.vocabulary import Role


def may_choose_mailbox(actor: Actor, unit_code: str) -> bool:
    """Return whether the actor says where copies go: the unit's head in person, or an administrator.

    Whoever stands in for a head does not: a copy goes on when they no longer do.
    """
    return f"{Role.HEAD}@unit:{unit_code}" in actor.keys or may_administer(actor)


def may_see_mailbox(actor: Actor, unit_code: str) -> bool:
    """Return whether the actor is told where copies go: whose own mails are copied, and who may choose it."""
    return unit_code in units_of(actor.keys) or may_choose_mailbox(actor, unit_code)


def units_of(keys: Iterable[str]) -> frozenset[str]:
    """Return the codes of the units in which these keys are seats; whoever watches over one sits above it."""
    seats = (key for key in keys if split_key(key)[0] not in SUBTREE_ROLES)
    return frozenset(code for key in seats if (code := _unit_of(key)) is not None)


def copied_unit(owner_keys: Collection[str | None], reader_keys: Iterable[str]) -> str | None:
    """Return the unit of whose mails a letter about these pieces of work is one, None where it is of none.

    All of it lies in one unit, and its reader sits there. What tells of several units is of none: each would
    read of the other; nor is what tells somebody above of a unit's work.
    """
    units = {_unit_of(key) if key else None for key in owner_keys}
    unit = units.pop() if len(units) == 1 else None
    return unit if unit in units_of(reader_keys) else None


def _unit_of(key: str) -> str | None:
    """Return the unit whose people sit there, or advise it; a cluster has people of many."""
    seat = split_key(key)[1]
    return None if seat.startswith(CLUSTER_SEAT) else unit_of(seat)
