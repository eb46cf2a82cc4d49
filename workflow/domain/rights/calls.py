"""Who may note a telephone call about work: who is above it, and who waits for it in its unit."""

from dataclasses import replace
from typing import Final

from workflow.domain.errors import Forbidden, MoveNotOpen, Reason, Refusal
from workflow.domain.facts import Facts
from workflow.domain.rights.policy import (
    ABOVE,
    Actor,
    Relation,
    Sending,
    refuse_subject,
    relations,
    stands_so,
)

_CALLS: Final = ABOVE | {Relation.NOMINATOR}


def refuse_call(actor: Actor, facts: Facts, *, starter: str) -> Refusal | None:
    """Return the refusal of a note about a call for a nomination's open work, None where one may be made.

    `starter` is the definition's `role@scope` that drafts.
    """
    reason = _not_theirs(actor, facts, starter)
    if reason is not None:
        return Forbidden(reason.message, reasons=[reason])
    return nothing_waits() if facts.is_closed or facts.owner_key is None else None


def nothing_waits() -> MoveNotOpen:
    """Return the refusal of a call about work that is done."""
    message = "Nothing waits there any more."
    return MoveNotOpen(message, reasons=[Reason("closed", message)])


def _not_theirs(actor: Actor, facts: Facts, starter: str) -> Reason | None:
    own = refuse_subject(facts, is_drafting=False)
    if own is not None:
        return own
    if stands_so(actor, facts, frozenset({Relation.ASSIGNEE}), starter=starter):
        return Reason("call_own", "It is in your own hands.")
    if not _calls(actor, facts, starter):
        return Reason("not-your-role", "Only who is above this work or waits for it notes calls about it.")
    return None


def calling_key(actor: Actor, facts: Facts, *, starter: str) -> str:
    """Return the key by which the actor may note calls about this work, the first of those in order."""
    one_by_one = (replace(actor, keys=frozenset({key})) for key in sorted(actor.keys))
    found = next((one for one in one_by_one if _calls(one, facts, starter)), actor)
    return min(found.keys)


def _calls(actor: Actor, facts: Facts, starter: str) -> bool:
    return bool(relations(actor, facts, starter=starter, sending=Sending()) & _CALLS)
