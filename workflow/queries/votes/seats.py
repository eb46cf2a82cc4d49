"""Who signs in a round: only to them the way to that is shown."""

from sqlalchemy import any_, bindparam, exists, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.types import Text

from workflow.domain.rights.policy import Actor
from workflow.domain.rights.roles_held import has_a_role_of_its_own, keys_at_hand
from workflow.domain.vocabulary import Role, WorkKind
from workflow.store.awards import Round
from workflow.store.conditions import is_open
from workflow.store.nominations import Nomination, WorkItem


def signs(session: Session, *, actor: Actor, round_code: str, owner: str) -> bool:
    """Return whether the actor signs in the round of that owner, or could by a role that a route declares.

    The owner's head signs what the council passed; the head of a unit, only while something that the unit
    decides itself waits for them.
    """
    heads = [key for key in keys_at_hand(actor) if key.startswith(f"{Role.HEAD}@")]
    if f"{Role.HEAD}@unit:{owner}" in heads or has_a_role_of_its_own(actor):
        return True
    if not heads:
        return False
    is_theirs = WorkItem.owner_key == any_(bindparam(None, sorted(heads), type_=ARRAY(Text), unique=True))
    waits = (
        exists()
        .where(Round.code == round_code, Nomination.round_id == Round.id)
        .where(WorkItem.nomination_id == Nomination.id, is_open(WorkItem))
        .where(is_theirs, WorkItem.kind == WorkKind.STAGE)
    )
    return bool(session.scalar(select(waits)))
