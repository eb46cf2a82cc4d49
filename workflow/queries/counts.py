"""What watches over an installation counts: queues, fires, letters and signs of life, as the rows tell them.

Counts and ages only, of the whole installation: whichever process is asked gives the same answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import Session

from workflow.domain.obstacles import ObstacleReason
from workflow.domain.vocabulary import MailClass, MailState
from workflow.queries.health import oldest_mail, oldest_rung
from workflow.store.base import Base, table_of
from workflow.store.conditions import is_open, is_waiting
from workflow.store.installation import Heartbeat
from workflow.store.mail import Outbox
from workflow.store.nominations import Rung
from workflow.store.obstacles import Obstacle

_CONNECTIONS = text(
    "SELECT coalesce(state, 'other') AS state, count(*) AS count FROM pg_stat_activity"
    " WHERE datname = current_database() AND backend_type = 'client backend' GROUP BY 1"
)
_WAITING: Final = (MailState.NEW, MailState.SENDING)
_LETTERS: Final = (
    select(Outbox.state, Outbox.mail_class, func.count())
    .where(Outbox.state.in_(_WAITING))
    .group_by(Outbox.state, Outbox.mail_class)
)
_OBSTACLES: Final = (
    select(Obstacle.reason, func.count()).where(is_open(table_of(Obstacle).c)).group_by(Obstacle.reason)
)


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits now: how many rows, and for how many seconds the oldest has (0 where none does)."""

    depth: int
    age_seconds: float


@dataclass(frozen=True, slots=True)
class Beats:
    """A heartbeat: how often it beat, when last (epoch seconds), how many rungs or letters were done."""

    count: int
    at: float
    done: int


@dataclass(frozen=True, slots=True)
class Measures:
    """One reading. `letters` are those that wait or were given up, by fate; `obstacles` stand, by reason."""

    reminders: Queue
    mails: Queue
    mails_by_class: Mapping[str, int]
    letters: Mapping[str, int]
    dead_rungs: int
    beats: Mapping[str, Beats]
    connections: Mapping[str, int]
    obstacles: Mapping[str, int]


def measures(session: Session, *, now: datetime) -> Measures:
    """Read all of it. `now` is real time.

    Nothing here grows with what is over: what waits or was given up lies in indexes of its own, what was done
    is counted by who does it. A scrape comes every few seconds, for twenty years.
    """
    due = _count(session, Rung, is_waiting(Rung), Rung.fire_at <= now)
    letters = dict.fromkeys(map(str, _WAITING), 0)
    waiting = dict.fromkeys(map(str, MailClass), 0)
    for state, kind, count in session.execute(_LETTERS):
        letters[state] += count
        waiting[kind] += count
    letters[MailState.DEAD] = _count(session, Outbox, Outbox.state == MailState.DEAD)
    beats = session.execute(
        select(Heartbeat.name, Heartbeat.beat_count, Heartbeat.beaten_at, Heartbeat.done_count)
    )
    return Measures(
        reminders=Queue(due, _age(oldest_rung(session, now), now)),
        mails=Queue(sum(waiting.values()), _age(oldest_mail(session, now), now)),
        mails_by_class=waiting,
        letters=letters,
        dead_rungs=_count(session, Rung, Rung.dead_at.is_not(None)),
        beats={row.name: Beats(row.beat_count, row.beaten_at.timestamp(), row.done_count) for row in beats},
        connections={row.state: row[1] for row in session.execute(_CONNECTIONS)},
        obstacles=dict.fromkeys(map(str, ObstacleReason), 0)
        | {row.reason: row[1] for row in session.execute(_OBSTACLES)},
    )


def _count(session: Session, table: type[Base], *conditions: ColumnElement[bool]) -> int:
    return session.scalars(select(func.count()).select_from(table).where(*conditions)).one()


def _age(oldest: datetime | None, now: datetime) -> float:
    return max(0.0, (now - oldest).total_seconds()) if oldest is not None else 0.0
