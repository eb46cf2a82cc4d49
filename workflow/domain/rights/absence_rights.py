"""Who may say that somebody is away, and who may act for them meanwhile."""

from collections.abc import Collection, Mapping

from workflow.domain.rights.policy import Actor, is_over, may_administer
from workflow.domain.rights.routing import split_key, unit_of
from workflow.domain.rights.scope import EVERYWHERE
from workflow.domain.vocabulary import Role


def may_announce_for(actor: Actor, account_id: int, keys: Collection[str], units: Mapping[str, int]) -> bool:
    """Return whether the actor may say that an account is away from these seats.

    Oneself, and the office of each seat: the head of the unit that answers for it, whoever supervises or
    administers that unit, and the administrator of the whole. `units` are the ids of units by code. What the
    actor is lent does not count: who stands in for a head sends nobody away.
    """
    if account_id == actor.account_id or may_administer(actor):
        return True
    return bool(keys) and all(_is_office_of(actor, key, units) for key in keys)


def _is_office_of(actor: Actor, key: str, units: Mapping[str, int]) -> bool:
    unit = unit_of(split_key(key)[1])
    if unit is None or unit not in units:
        return False
    return f"{Role.HEAD}@unit:{unit}" in actor.keys or is_over(actor, units[unit])


def substitute_places(
    keys: Collection[str], home: str | None, ancestors: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    """Return the seats one of which a substitute has to hold, nearest first.

    Those of whoever is away, then those of the units that answer for them and of the one they belong to
    (`home`), then of the units above, of which `ancestors` tells the codes from each up to the root.
    """
    seats = sorted({split_key(key)[1] for key in keys} - {EVERYWHERE})
    homes = sorted({unit for seat in seats if (unit := unit_of(seat))} | ({home} if home else set()))
    units = dict.fromkeys([*homes, *(code for unit in homes for code in ancestors.get(unit, ()))])
    return tuple(
        dict.fromkeys([*seats, *(f"{kind}:{unit}" for unit in units for kind in ("unit", "council"))])
    )
