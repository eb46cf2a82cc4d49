"""A request done once: its key taken first, its answer kept, one commit at the end."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor
from workflow.operations.keys import Claim, claim_key, settle_key


@dataclass(frozen=True, slots=True)
class Once:
    """What a request came to, and whether it had come before."""

    result: dict[str, object]
    was_answered_before: bool = False


def once(
    session: Session,
    claim: Claim | None,
    do: Callable[[], dict[str, object]],
    *,
    actor: Actor,
    now: datetime,
) -> Once:
    """Do what was asked unless this key was answered before, keep the answer under the key, and commit.

    Raises `KeyReused`, and whatever `do` raises; then nothing is kept.
    """
    answered = claim_key(session, claim, actor=actor, now=now)
    if answered is not None:
        session.commit()
        return Once(answered, was_answered_before=True)
    result = do()
    settle_key(session, claim, actor=actor, result=result)
    session.commit()
    return Once(result)
