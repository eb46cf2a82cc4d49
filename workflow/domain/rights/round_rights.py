"""Who opens, extends and closes rounds, and who does none of it for a unit: whoever is nominated there."""

from collections.abc import Collection

from workflow.domain.errors import Reason
from workflow.domain.rights.policy import Actor, is_over


def runs_round(actor: Actor, owner_unit_id: int) -> bool:
    """Return whether the actor supervises or administers the unit that runs a round."""
    return is_over(actor, owner_unit_id)


def refuse_own_unit(unit_id: int, nominated_in: Collection[int]) -> Reason | None:
    """Return why whoever is nominated in these units steers no date of this one, None where they may."""
    if unit_id not in nominated_in:
        return None
    return Reason("own_unit_nominee", "You are nominated by this unit; somebody else has to take this step.")
