"""Who may do what every nomination knows beside its moves: by how they stand to its open work."""

from collections.abc import Mapping
from typing import Final

from workflow.domain.errors import Reason
from workflow.domain.facts import Facts
from workflow.domain.rights.policy import Actor, Relation, Sending, refuse_subject, relations
from workflow.domain.rights.preparing import refuse_own_file
from workflow.domain.vocabulary import BuiltIn

AUTHORITY: Mapping[BuiltIn, frozenset[Relation]] = {
    BuiltIn.EDIT: frozenset({Relation.NOMINATOR}),
    BuiltIn.WITHDRAW: frozenset({Relation.NOMINATOR}),
    BuiltIn.RECALL: frozenset({Relation.SENDER}),
    BuiltIn.CLAIM: frozenset({Relation.GROUP}),
    BuiltIn.RELEASE: frozenset({Relation.ASSIGNEE, Relation.HEAD, Relation.OVERSEER, Relation.TOLD}),
    BuiltIn.REASSIGN: frozenset({Relation.ASSIGNEE, Relation.HEAD, Relation.OVERSEER, Relation.TOLD}),
    # Who leads the seat; that they could do the work themselves is asked beside it.
    BuiltIn.TAKE_OVER: frozenset({Relation.LEAD}),
    BuiltIn.HOLD: frozenset({Relation.GROUP, Relation.ASSIGNEE, Relation.HEAD, Relation.OVERSEER}),
    BuiltIn.RELEASE_HOLD: frozenset({Relation.GROUP, Relation.ASSIGNEE, Relation.HEAD, Relation.OVERSEER}),
    # Whoever has the work to do asks; who stands above it may press, hold or hand it over.
    BuiltIn.REQUEST_INFO: frozenset({Relation.GROUP, Relation.ASSIGNEE}),
    # Whoever asked may take the question back, which answers it as well.
    BuiltIn.ANSWER_INFO: frozenset(
        {Relation.NOMINATOR, Relation.ANSWERER, Relation.GROUP, Relation.ASSIGNEE}
    ),
    # Whoever has the work writes to others and gets their answer.
    BuiltIn.ASK_OPINION: frozenset({Relation.GROUP, Relation.ASSIGNEE}),
    BuiltIn.RECEIVE_OPINION: frozenset({Relation.GROUP, Relation.ASSIGNEE}),
    # What was decided, here or above, is recorded by the office of the round, whose head decides.
    BuiltIn.RECORD_OUTCOME: frozenset({Relation.OFFICE, Relation.OVERSEER}),
    BuiltIn.ANNUL: frozenset({Relation.OFFICE, Relation.OVERSEER}),
    BuiltIn.REINSTATE: frozenset({Relation.OFFICE, Relation.OVERSEER}),
    # Preparing gives no authority, and who has it prepares nothing: what is prepared waits for them.
    BuiltIn.PREPARE: frozenset({Relation.PREPARER}),
    BuiltIn.PREPARE_AGAIN: frozenset({Relation.GROUP, Relation.ASSIGNEE}),
}

OWN_DRAFT: Final = frozenset({BuiltIn.EDIT, BuiltIn.WITHDRAW})
"""What a nominee who drafts for the unit does with their own name too, beside sending a draft and taking it
back: it proposes, and steers nothing that others have begun to weigh."""

_OF_NOMINATORS: Final = frozenset({Relation.NOMINATOR, Relation.ANSWERER})
"""Who explains and completes what is asked, as a draft that came back; a nominee among them too."""


def refuse_built_in(
    actor: Actor, facts: Facts, action: BuiltIn, *, starter: str, sending: Sending
) -> Reason | None:
    """Return why the actor may not do a built-in action here, None when they may."""
    found = relations(actor, facts, starter=starter, sending=sending)
    if not AUTHORITY[action] & found:
        if facts.owner_key in actor.keys and Relation.GROUP in AUTHORITY[action]:
            return Reason("own_unit", "Your own unit is nominated; another unit has to take this step.")
        return Reason(
            "not-your-role", f"You may not {action.replace('_', ' ')} this nomination.", {"action": action}
        )
    if action is BuiltIn.PREPARE and (own := refuse_own_file(facts, {actor.account_id, actor.hand})):
        return own
    takes_back = action is BuiltIn.RECALL and sending.is_from_draft
    explains = action is BuiltIn.ANSWER_INFO and not found.isdisjoint(_OF_NOMINATORS)
    return refuse_subject(facts, is_drafting=takes_back or explains or action in OWN_DRAFT)
