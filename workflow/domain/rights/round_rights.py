"""Who opens, extends and closes rounds, and who does none of it for a unit: whoever is nominated there."""

from collections.abc import Collection

from workflow.domain.errors import Reason
from workflow.domain.rights.policy import Actor, is_over
from workflow.domain.rights.routing import split_key


def runs_round(actor: Actor, owner_unit_id: int) -> bool:
    """Return whether the actor supervises or administers the unit that runs a round."""
    return is_over(actor, owner_unit_id)


def sees_all_owed(actor: Actor, owner_unit_id: int, owner_code: str) -> bool:
    """Return whether the actor sees what every unit owes a round: who runs it, and who is above."""
    scope = actor.scope
    runs = {f"unit:{owner_code}", f"council:{owner_code}"}
    return (
        scope.is_everything
        or scope.counts_everything
        or owner_unit_id in scope.units | scope.counted
        or any(split_key(key)[1] in runs for key in actor.keys)
    )


def units_owing(actor: Actor) -> frozenset[int]:
    """Return the units of which the actor sees what they owe, as they see or count what is theirs."""
    return frozenset(actor.scope.units | actor.scope.counted)


def own_units(actor: Actor) -> frozenset[str]:
    """Return the codes of the units in which the actor has a seat: they see what those owe."""
    return frozenset(key.partition("@unit:")[2] for key in actor.keys if "@unit:" in key)


def refuse_own_unit(unit_id: int, nominated_in: Collection[int]) -> Reason | None:
    """Return why whoever is nominated in these units steers no date of this one, None where they may."""
    if unit_id not in nominated_in:
        return None
    return Reason("own_unit_nominee", "You are nominated by this unit; somebody else has to take this step.")
