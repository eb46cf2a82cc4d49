"""Who decides on work that was reported to them: to give it more time, to have it handed on, or to act."""

from typing import Final

from workflow.domain.errors import Conflict, Forbidden, MoveNotOpen, NominationHeld, Reason, Refusal
from workflow.domain.facts import Facts
from workflow.domain.rights.policy import Actor, Relation, Sending, refuse_subject, relations, stands_so

_ABOVE: Final = frozenset({Relation.HEAD, Relation.OVERSEER, Relation.OFFICE})
_HAS_IT: Final = frozenset({Relation.ASSIGNEE, Relation.GROUP})
MOST_MORE: Final = 60
"""By how many working days from today work may be given more time at once."""


def refuse_more_time(actor: Actor, facts: Facts, *, starter: str, was_reported: bool) -> Refusal | None:
    """Return the refusal of more time for this work, None where the actor may give it.

    `starter` is the definition's `role@scope` that drafts, `was_reported` whether an escalation of the work
    has gone out: before that nobody above has anything to decide.
    """
    if facts.is_closed or facts.owner_key is None:
        closed = Reason("closed", "The nomination is closed; nobody has anything to do with it.")
        return MoveNotOpen(closed.message, reasons=[closed])
    reason = _not_above(actor, facts, starter)
    if reason is not None:
        return Forbidden(reason.message, reasons=[reason])
    if facts.is_held:
        held = Reason("on_hold", "The nomination is on hold; release the hold first.")
        return NominationHeld(held.message, reasons=[held])
    if not was_reported:
        message = "It was not reported as late; a date of the round is moved by extending the round."
        return Conflict(message, reasons=[Reason("not_reported", message)])
    return None


def _not_above(actor: Actor, facts: Facts, starter: str) -> Reason | None:
    """Return why the actor is not above this work, None when they are.

    Its unit's head is, who oversees it, the office of its round; never whose work it is, who does it in their
    place, nor the nominee.
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
