"""Who comes in by `/admin`: whoever runs the whole installation; for everybody else there is no such page."""

from flask import abort

from api.pages.identity import current_actor
from workflow.domain.rights.policy import Actor, may_administer


def administrator() -> Actor:
    """Return who asks, or answer that there is no such page."""
    actor = current_actor()
    if not may_administer(actor):
        abort(404)
    return actor
