"""Who decides on work that was reported to them: to give it more time, to have it handed on, or to act."""

from typing import Final

from workflow.domain.errors import Reason
from workflow.domain.facts import Facts
from workflow.domain.rights.policy import Actor, Relation, Sending, refuse_subject, relations, stands_so

_ABOVE: Final = frozenset({Relation.HEAD, Relation.OVERSEER, Relation.OFFICE})
_HAS_IT: Final = frozenset({Relation.ASSIGNEE, Relation.GROUP})
MOST_MORE: Final = 60
"""By how many working days from today work may be given more time at once."""


def refuse_more_time(actor: Actor, facts: Facts, *, starter: str) -> Reason | None:
    """Return why the actor may not give this work more time, None when they may.

    Who is above it may: its unit's head, who oversees it, the office of its round; never whose work it is,
    who does it in their place, nor the nominee. `starter` is the definition's `role@scope` that drafts.
    """
    own = refuse_subject(facts, is_drafting=False)
    if own is not None:
        return own
    if stands_so(actor, facts, _HAS_IT, starter=starter):
        return Reason(
            "own_work_time", "The work waits for you yourself: somebody above has to give more time."
        )
    if not relations(actor, facts, starter=starter, sending=Sending()) & _ABOVE:
        return Reason("not-your-role", "Only who is above this work may give it more time.")
    return None
