"""Whether this installation can be trusted with work now: its database, and what should have run."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow.domain.vocabulary import MailState
from workflow.store.installation import Heartbeat
from workflow.store.mail import Outbox
from workflow.store.nominations import Rung
from workflow.store.schema import current_version, newest_version

# The sweep runs every ten seconds; thirty missed ones are no hiccup any more.
PATIENCE: Final = timedelta(minutes=5)
PULSES: Final = ("sweep", "deliver")
"""The kinds of work that must have been done lately, as their heartbeats are named."""

_WAITING_MAIL: Final = (MailState.NEW, MailState.SENDING)


@dataclass(frozen=True, slots=True)
class Check:
    """One question about the installation, with what was found."""

    name: str
    is_ok: bool
    detail: str


def readiness(session: Session, *, now: datetime) -> tuple[Check, ...]:
    """Return every check; all must be right before traffic is sent here. `now` is real time."""
    version = _version(session)
    if not version.is_ok:
        # Older tables may lack what the other questions read.
        return (version,)
    return (
        version,
        _age("reminders", _oldest_rung(session, now), now),
        _age("mails", _oldest_mail(session, now), now),
        *_heartbeats(session, now),
    )


@lru_cache(maxsize=1)
def _wanted_version() -> str:
    return newest_version()


def _version(session: Session) -> Check:
    found, wanted = current_version(session.connection()), _wanted_version()
    detail = f"at version {found or 'none'}, this release needs {wanted}"
    return Check("database", found == wanted, detail)


def _oldest_rung(session: Session, now: datetime) -> datetime | None:
    return session.scalar(
        select(func.min(Rung.fire_at)).where(
            Rung.fired_at.is_(None), Rung.dead_at.is_(None), Rung.fire_at <= now
        )
    )


def _oldest_mail(session: Session, now: datetime) -> datetime | None:
    return session.scalar(
        select(func.min(Outbox.not_before)).where(Outbox.state.in_(_WAITING_MAIL), Outbox.not_before <= now)
    )


def _age(name: str, oldest: datetime | None, now: datetime) -> Check:
    if oldest is None:
        return Check(name, is_ok=True, detail="nothing is due")
    waited = now - oldest
    return Check(name, waited <= PATIENCE, f"the oldest has been due for {_seconds(waited)} s")


def _heartbeats(session: Session, now: datetime) -> list[Check]:
    rows = session.execute(select(Heartbeat.name, Heartbeat.beaten_at).where(Heartbeat.name.in_(PULSES)))
    beats = {row.name: row.beaten_at for row in rows}
    return [_alive(name, beats.get(name), now) for name in PULSES]


def _alive(name: str, beaten_at: datetime | None, now: datetime) -> Check:
    if beaten_at is None:
        return Check(name, is_ok=False, detail="it has not run yet")
    silent = now - beaten_at
    return Check(name, silent <= PATIENCE, f"it ran {_seconds(silent)} s ago")


def _seconds(span: timedelta) -> int:
    return max(0, int(span.total_seconds()))
