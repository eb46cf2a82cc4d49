"""Secrets are shown a few at a time: who takes over an administrator's browser leaves without most."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Final

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from workflow.domain.errors import Reason, TooManyAttempts
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import Via
from workflow.operations.history.streams import append_event
from workflow.operations.people.tokens import digest, new_token
from workflow.store.access import Account, PasswordLink
from workflow.store.history import Event

FIRST_LINK: Final = timedelta(hours=72)
"""How long the first link to set a password lives: it travels to somebody who does not wait for it."""
ASKED_LINK: Final = timedelta(minutes=30)
"""How long every later one lives: somebody asked for it and waits (ASVS 5.0, 6.4.3)."""
MOST_AN_HOUR: Final = 60
_WINDOW: Final = timedelta(hours=1)
_PRINTED: Final = ("password_link", "token")


@dataclass(frozen=True, slots=True)
class Issued:
    """A secret as it is told once, to whom it belongs, how long it lives and when it ends."""

    account_id: int
    email: str
    secret: str
    expires_at: datetime
    lives: timedelta


def demand_few(session: Session, *, actor: Actor | None, now: datetime) -> None:
    """Raise `TooManyAttempts` where the actor has had sixty links and tokens within the hour.

    The command line speaks without an actor and is not asked. Whoever adds hundreds imports them, and sends
    links as people come.
    """
    if actor is None:
        return
    oldest = session.scalars(
        select(Event.recorded_at)
        .where(
            Event.actor_id == actor.account_id, Event.action.in_(_PRINTED), Event.recorded_at > now - _WINDOW
        )
        .order_by(Event.recorded_at.desc())
        .limit(MOST_AN_HOUR)
    ).all()
    if len(oldest) == MOST_AN_HOUR:
        minutes = ceil((oldest[-1] + _WINDOW - now).total_seconds() / 60)
        message = f"{MOST_AN_HOUR} links and tokens were shown within the hour; try again in {minutes} min"
        params = {"most": str(MOST_AN_HOUR), "minutes": str(minutes)}
        raise TooManyAttempts(f"{message}.", reasons=[Reason("secrets_shown", message, params)])


def write_link(
    session: Session, account_id: int, email: str, *, actor: Actor | None, via: Via, now: datetime
) -> Issued:
    """Write a one-time link to set the password in the place of those that were not used; never commits."""
    had_one = select(PasswordLink.token_hash).where(PasswordLink.account_id == account_id).limit(1)
    has_password = select(Account.id).where(Account.id == account_id, Account.password_hash.is_not(None))
    is_first = session.scalar(had_one) is None and session.scalar(has_password) is None
    lives = FIRST_LINK if is_first else ASKED_LINK
    secret, expires_at = new_token(), now + lives
    session.execute(
        delete(PasswordLink).where(PasswordLink.account_id == account_id, PasswordLink.used_at.is_(None))
    )
    session.execute(
        insert(PasswordLink).values(token_hash=digest(secret), account_id=account_id, expires_at=expires_at)
    )
    append_event(session, f"account:{account_id}", "password_link", actor=actor, via=via, now=now)
    return Issued(account_id, email, secret, expires_at, lives)
