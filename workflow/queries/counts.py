"""What watches over an installation counts: queues, fires, letters and signs of life, as the rows tell them.

Counts and ages only, of the whole installation: whichever process is asked gives the same answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from workflow.domain.vocabulary import MailClass, MailState
from workflow.queries.health import oldest_mail, oldest_rung
from workflow.store.conditions import is_waiting
from workflow.store.installation import Heartbeat
from workflow.store.mail import Outbox
from workflow.store.nominations import Rung

_CONNECTIONS = text(
    "SELECT coalesce(state, 'other') AS state, count(*) AS count FROM pg_stat_activity"
    " WHERE datname = current_database() AND backend_type = 'client backend' GROUP BY 1"
)


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits now: how many rows, and for how many seconds the oldest has (0 where none does)."""

    depth: int
    age_seconds: float


@dataclass(frozen=True, slots=True)
class Measures:
    """One reading. `beats` are count and last instant (epoch seconds) of each heartbeat."""

    reminders: Queue
    mails: Queue
    mails_by_class: Mapping[str, int]
    letters: Mapping[str, int]
    fired_count: int
    dead_rungs: int
    beats: Mapping[str, tuple[int, float]]
    connections: Mapping[str, int]


def measures(session: Session, *, now: datetime) -> Measures:
    """Read all of it. `now` is real time."""
    due = (is_waiting(Rung), Rung.fire_at <= now)
    rungs = session.execute(
        select(
            func.count().filter(*due).label("due"),
            func.count(Rung.fired_at).label("fired"),
            func.count(Rung.dead_at).label("dead"),
        )
    ).one()
    counts = session.execute(
        select(Outbox.state, Outbox.mail_class, func.count()).group_by(Outbox.state, Outbox.mail_class)
    ).all()
    letters = dict.fromkeys(map(str, MailState), 0)
    waiting = dict.fromkeys(map(str, MailClass), 0)
    for state, kind, count in counts:
        letters[state] += count
        if state in {MailState.NEW, MailState.SENDING}:
            waiting[kind] += count
    beats = session.execute(select(Heartbeat.name, Heartbeat.beat_count, Heartbeat.beaten_at))
    return Measures(
        reminders=Queue(rungs.due, _age(oldest_rung(session, now), now)),
        mails=Queue(sum(waiting.values()), _age(oldest_mail(session, now), now)),
        mails_by_class=waiting,
        letters=letters,
        fired_count=rungs.fired,
        dead_rungs=rungs.dead,
        beats={row.name: (row.beat_count, row.beaten_at.timestamp()) for row in beats},
        connections={row.state: row[1] for row in session.execute(_CONNECTIONS)},
    )


def _age(oldest: datetime | None, now: datetime) -> float:
    return max(0.0, (now - oldest).total_seconds()) if oldest is not None else 0.0
