"""Secrets are shown a few at a time: who takes over an administrator's browser leaves without most."""

from datetime import datetime, timedelta
from math import ceil
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.errors import Reason, TooManyAttempts
from workflow.domain.rights.policy import Actor
from workflow.store.history import Event

MOST_AN_HOUR: Final = 60
_WINDOW: Final = timedelta(hours=1)
_PRINTED: Final = ("password_link", "token")


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
