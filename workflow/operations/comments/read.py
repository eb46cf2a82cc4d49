"""Saying that a comment in which one is named was read: it waits for its reader no more."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from workflow.domain.errors import NotFound
from workflow.domain.rights.policy import Actor, demand_role
from workflow.store.base import table_of
from workflow.store.conditions import is_open
from workflow.store.mentions import Mention


def mark_read(session: Session, *, actor: Actor, nomination_id: int, comment_id: UUID, now: datetime) -> None:
    """Close what waits to be read by the actor, and commit; the second time changes nothing.

    Raises `NotFound` for a comment that does not name them.
    """
    demand_role(actor)
    mine = (
        Mention.event_id == comment_id,
        Mention.account_id == actor.account_id,
        Mention.nomination_id == nomination_id,
    )
    if session.get(Mention, (comment_id, actor.account_id)) is None:
        raise NotFound("There is no such comment among those that name you.")
    session.execute(update(Mention).where(*mine, is_open(table_of(Mention).c)).values(closed_at=now))
    session.commit()
