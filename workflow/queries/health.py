"""Whether this installation can be trusted with work now: its database, and what should have been done."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

import psycopg
from sqlalchemy import ColumnElement, and_, exists, func, not_, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, aliased

from workflow.domain.rights.scope import EVERYWHERE
from workflow.domain.vocabulary import MailState, Role
from workflow.store.access import Account, Grant
from workflow.store.conditions import edition_of_unit, is_active, is_in_force, is_open, is_waiting
from workflow.store.database import local_day
from workflow.store.installation import Heartbeat
from workflow.store.links import CommitUnansweredError
from workflow.store.mail import Outbox
from workflow.store.nominations import Rung, WorkItem
from workflow.store.organisation import Unit, UnitEdition
from workflow.store.schema import current_version, newest_version

PATIENCE: Final = timedelta(seconds=45)
"""How long something may stay undone. A worker looks every ten seconds: four looks in vain are no hiccup.

Red within a minute of the fault is what is promised: the rest of it is for the first letter or reminder to
fall due, and for whoever asks to come round.
"""

PULSES: Final = ("sweep", "deliver")
"""The kinds of work that must have been done lately, as their heartbeats are named."""

_WORKER: Final = "Start `commendo worker`, or start it again; its log says what keeps it."
_UPGRADE: Final = "Run `commendo db upgrade` with this release, or start the release that fits the database."
_RUNGS: Final = (
    "See that `commendo worker` runs; its log names what failed, and rung.last_error what is tried again."
)
_MAILS: Final = (
    "See the check mail_server and the worker's log; a letter's own page says what the server answered."
)
_SUPERVISOR: Final = "Run `commendo account grant EMAIL supervisor@all` for whoever hears last of late work."
_OF_OTHER_TABLES: Final = (
    psycopg.errors.UndefinedTable,
    psycopg.errors.UndefinedColumn,
    psycopg.errors.UndefinedFunction,
    psycopg.errors.InsufficientPrivilege,
)
_WAITING: Final = Outbox.state.in_((MailState.NEW, MailState.SENDING))


@dataclass(frozen=True, slots=True)
class Check:
    """One question about the installation, with what was found.

    Of what is wrong, `since` is the last instant at which it was not, null where nobody knows, and `remedy`
    what helps.
    """

    name: str
    is_ok: bool
    detail: str
    since: datetime | None = None
    remedy: str | None = None


def version_check(session: Session) -> Check:
    """Return whether the tables are those of this release; without them no other question can be asked."""
    found, wanted = current_version(session.connection()), _wanted_version()
    detail = f"at version {found or 'none'}, this release needs {wanted}"
    return _check("database", is_ok=found == wanted, detail=detail, since=None, remedy=_UPGRADE)


def work_checks(session: Session, *, now: datetime) -> tuple[Check, ...]:
    """Return whether what is due gets done. `now` is real time."""
    beats = last_well(session)
    return (
        _age("reminders", oldest_rung(session, now), now, remedy=_RUNGS),
        _age("mails", oldest_mail(session, now), now, remedy=_MAILS),
        end_of_ladders(session, today=local_day(session, now)),
        *(_alive(name, beats.get(name), now) for name in PULSES),
    )


def end_of_ladders(session: Session, *, today: date) -> Check:
    """Return whether every ladder of open work ends at a person who supervises its root or everything.

    An installation without open work has nobody to report to and nothing to report.
    """
    root = (
        select(Unit.code)
        .join(UnitEdition, edition_of_unit(today))
        .where(UnitEdition.parent_id.is_(None), ~_supervised(today))
        .order_by(Unit.code)
        .limit(1)
    )
    left = session.scalar(root.where(exists().where(is_open(WorkItem))))
    return _check(
        "supervisor",
        is_ok=left is None,
        detail="every ladder ends at a person" if left is None else f"nobody supervises {left}",
        since=None,
        remedy=_SUPERVISOR,
    )


def _supervised(today: date) -> ColumnElement[bool]:
    keys = (f"{Role.SUPERVISOR}@{EVERYWHERE}", func.concat(f"{Role.SUPERVISOR}@unit:", Unit.code))
    return exists().where(
        Grant.key.in_(keys),
        is_in_force(Grant, today),
        Account.id == Grant.account_id,
        is_active(Account),
    )


def last_well(session: Session) -> dict[str, datetime]:
    """Return when each kind of work was last done, and each part last found well."""
    rows = session.execute(select(Heartbeat.name, Heartbeat.beaten_at))
    return {row.name: row.beaten_at for row in rows}


def oldest_rung(session: Session, now: datetime) -> datetime | None:
    """Return since when the longest waiting reminder has been due, None when none is."""
    return session.scalar(select(func.min(Rung.fire_at)).where(is_waiting(Rung), Rung.fire_at <= now))


def oldest_mail(session: Session, now: datetime) -> datetime | None:
    """Return when the oldest letter was written that should have gone and has not, None when there is none.

    By its age, whenever the next try is: each try moves that. What waits for its reader's hour is as old as
    that hour. A letter that the server puts off while it
    takes younger ones waits for its reader's side and not for ours.
    """
    younger = aliased(Outbox)
    since = func.greatest(Outbox.created_at, Outbox.put_off_until)
    is_put_off_alone = and_(Outbox.attempt > Outbox.excused_count, exists().where(younger.sent_at > since))
    oldest: datetime | None = session.scalar(
        select(func.min(since)).where(_WAITING, since <= now, not_(is_put_off_alone))
    )
    return oldest


def is_disk_full(error: BaseException) -> bool:
    """Return whether PostgreSQL refused because its disk is full (SQLSTATE 53100)."""
    return isinstance(error, DBAPIError) and isinstance(error.orig, psycopg.errors.DiskFull)


def is_read_only(error: BaseException) -> bool:
    """Return whether PostgreSQL refused because it takes no writes now, as a standby (SQLSTATE 25006)."""
    return isinstance(error, DBAPIError) and isinstance(error.orig, psycopg.errors.ReadOnlySqlTransaction)


def is_outcome_unknown(error: BaseException) -> bool:
    """Return whether the database went away as it was to say that a change is kept: it may be."""
    return isinstance(error, DBAPIError) and isinstance(error.orig, CommitUnansweredError)


def met_other_tables(error: BaseException) -> bool:
    """Return whether a statement names what is not there or not open: the tables are of another release.

    As beside `commendo db upgrade`, which gives the application its rights last.
    """
    return isinstance(error, DBAPIError) and isinstance(error.orig, _OF_OTHER_TABLES)


@lru_cache(maxsize=1)
def _wanted_version() -> str:
    return newest_version()


def _age(name: str, oldest: datetime | None, now: datetime, *, remedy: str) -> Check:
    if oldest is None:
        return Check(name, is_ok=True, detail="nothing is due")
    waited = now - oldest
    detail = f"the oldest has been due for {_seconds(waited)} s"
    return _check(name, is_ok=waited <= PATIENCE, detail=detail, since=oldest, remedy=remedy)


def _alive(name: str, beaten_at: datetime | None, now: datetime) -> Check:
    if beaten_at is None:
        return _check(name, is_ok=False, detail="it has not run yet", since=None, remedy=_WORKER)
    silent = now - beaten_at
    detail = f"it ran {_seconds(silent)} s ago"
    return _check(name, is_ok=silent <= PATIENCE, detail=detail, since=beaten_at, remedy=_WORKER)


def _check(name: str, *, is_ok: bool, detail: str, since: datetime | None, remedy: str) -> Check:
    return Check(name, is_ok, detail, None if is_ok else since, None if is_ok else remedy)


def _seconds(span: timedelta) -> int:
    return max(0, int(span.total_seconds()))
