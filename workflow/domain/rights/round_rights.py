"""Who opens, extends and closes rounds."""

from workflow.domain.rights.policy import Actor
from workflow.domain.rights.scope import steers
from workflow.domain.vocabulary import Role


def runs_round(actor: Actor, owner_unit_id: int) -> bool:
    """Return whether the actor supervises or administers the unit that runs a round."""
    return (actor.holds(Role.ADMIN) or actor.holds(Role.SUPERVISOR)) and steers(actor.scope, owner_unit_id)
