"""Whether a step of one version of a route goes on as a step of another."""

from enum import StrEnum
from typing import Final

from workflow.domain.route.definition import Definition

MIGRATE: Final = "migrate"
"""What an event is called by which a nomination goes over to another version of its route."""


class NoCounterpart(StrEnum):
    """Why an open stay in a step cannot go on in the step of another version."""

    GONE = "gone"
    FINAL = "final"
    OTHER_STAGE = "other_stage"
    OTHER_OWNER = "other_owner"


def why_no_counterpart(before: Definition, after: Definition, step: str, to: str) -> NoCounterpart | None:
    """Return why a stay in `step` of one version cannot go on as `to` of another, None where it can.

    The same people go on with the same work: where others would have it, or in another stage, it is another
    step, which a nomination reaches by a move that somebody makes.
    """
    if not before.has_step(step) or not after.has_step(to):
        return NoCounterpart.GONE
    one, other = before.step(step), after.step(to)
    if other.final:
        return NoCounterpart.FINAL
    if one.stage is not other.stage:
        return NoCounterpart.OTHER_STAGE
    return None if one.owner == other.owner else NoCounterpart.OTHER_OWNER
