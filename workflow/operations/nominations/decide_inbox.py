"""Many things of one's inbox decided in one request: each with its action and the version seen."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor
from workflow.operations.keys import Claim, claim_key, settle_key
from workflow.operations.nominations.answers import ListOutcome
from workflow.operations.nominations.decide_many import ListItem, decide_list, demand_size


def decide_inbox(
    session: Session,
    *,
    actor: Actor,
    items: Sequence[ListItem],
    now: datetime,
    claim: Claim | None = None,
) -> ListOutcome:
    """Carry out each action that is allowed, commit, and answer each of them in the order given.

    Raises `InvalidField` for none or too many; whatever stands against one item is its own answer.
    """
    answered = claim_key(session, claim, actor=actor, now=now)
    if answered is not None:
        return ListOutcome.again(answered)
    demand_size(len(items))
    outcome = ListOutcome(tuple(decide_list(session, actor=actor, commands=items, now=now)))
    settle_key(session, claim, actor=actor, result=outcome.as_result())
    session.commit()
    return outcome
