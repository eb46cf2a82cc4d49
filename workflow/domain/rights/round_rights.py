"""Who opens, extends and closes rounds."""

from workflow.domain.rights.policy import Actor, is_over


def runs_round(actor: Actor, owner_unit_id: int) -> bool:
    """Return whether the actor supervises or administers the unit that runs a round."""
    return is_over(actor, owner_unit_id)
