"""The secret address of a person's due dates for calendar programs: made, made anew, taken back."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import Via
from workflow.operations.history.streams import append_event
from workflow.operations.people.tokens import digest, new_token
from workflow.store.access import CalendarFeed


def open_feed(session: Session, *, actor: Actor, via: Via, now: datetime) -> str:
    """Make the actor's feed, or give it another address, and commit; return its secret, told once."""
    secret = new_token()
    values = {"token_hash": digest(secret), "created_at": now}
    session.execute(
        insert(CalendarFeed)
        .values(account_id=actor.account_id, **values)
        .on_conflict_do_update(index_elements=["account_id"], set_=values)
    )
    append_event(session, f"account:{actor.account_id}", "open_feed", actor=actor, via=via, now=now)
    session.commit()
    return secret


def close_feed(session: Session, *, actor: Actor, via: Via, now: datetime) -> bool:
    """Let the actor's feed be read no more, at once, and commit; return whether there was one."""
    closed = delete(CalendarFeed).where(CalendarFeed.account_id == actor.account_id)
    was_there = session.connection().execute(closed).rowcount > 0
    if was_there:
        append_event(session, f"account:{actor.account_id}", "close_feed", actor=actor, via=via, now=now)
    session.commit()
    return was_there
