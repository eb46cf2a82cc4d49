"""Who may note a telephone call about work: who is above it, and who waits for it in its unit."""

from dataclasses import replace
from typing import Final

from workflow.domain.errors import Reason
from workflow.domain.facts import Facts
from workflow.domain.rights.policy import Actor, Relation, Sending, refuse_subject, relations, stands_so

_CALLS: Final = frozenset({Relation.HEAD, Relation.OVERSEER, Relation.OFFICE, Relation.NOMINATOR})


def refuse_call(actor: Actor, facts: Facts, *, starter: str) -> Reason | None:
    """Return why the actor may not note a call about a nomination's open work, None when they may.

    `starter` is the definition's `role@scope` that drafts.
    """
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
