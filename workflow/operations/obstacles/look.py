"""Looking every hour for work that cannot go on, and noting what began and what is over.

What is found is compared with what stood, outside any lock: a row says only what a look saw, so one that is
late by a look does no harm, and work that was done meanwhile is told of nowhere.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias
from uuid import UUID

from sqlalchemy import Select, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from workflow.clock import Clock
from workflow.domain.obstacles import ASKED_OFTEN_FROM, ObstacleReason
from workflow.domain.vocabulary import WorkKind
from workflow.operations.obstacles.moves import load_waiting, rounds_without_session, without_mover
from workflow.operations.obstacles.parts import Part, parts_of_work, waits
from workflow.operations.obstacles.seats import nobody_reached, takers_lost
from workflow.operations.obstacles.telling import tell_of_obstacles
from workflow.store.base import among, table_of
from workflow.store.conditions import is_open, is_waiting
from workflow.store.database import Sessions, local_day
from workflow.store.nominations import Nomination, Rung, WorkItem
from workflow.store.obstacles import Obstacle
from workflow.store.reads import reading
from workflow.store.turns import own_turn

Root: TypeAlias = UUID | int
"""What an obstacle lies before: a piece of work, or a round."""

_TURN: Final = 7263_1112
_BATCH: Final = 1_000
_OBSTACLE: Final = table_of(Obstacle)
_STANDING: Final = select(
    Obstacle.id, Obstacle.reason, Obstacle.work_count, Obstacle.work_item_id, Obstacle.round_id
).where(is_open(_OBSTACLE.c))
_EXPLAINED: Final = frozenset(
    {
        ObstacleReason.ASSIGNEE_GONE,
        ObstacleReason.ROLE_LOST,
        ObstacleReason.AWAY,
        ObstacleReason.CONFLICTED,
        ObstacleReason.GROUP_EMPTY,
    }
)
"""Where there is nobody to begin with, it says no more that nobody could make a move."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What a look noted: obstacles that began, those that are over, and how many there are now."""

    opened: int = 0
    closed: int = 0
    standing: int = 0


def look_for_obstacles(
    sessions: Sessions, *, clock: Clock, on_part: Callable[[], None] = lambda: None
) -> Looked:
    """Find what keeps open work from going on and note it, a batch a transaction; `on_part` tells of life.

    Where another process looks at the same time, that one notes it. Raises OperationalError when the database
    is gone.
    """
    with own_turn(sessions, _TURN) as is_ours:
        if not is_ours:
            return Looked()
        with reading(sessions) as session:
            now = clock.now(session)
            found = find_obstacles(session, now=now, on_part=on_part)
            stood = {
                (row.work_item_id or row.round_id, ObstacleReason(row.reason)): row
                for row in session.execute(_STANDING)
            }
        began = [(*key, count) for key, count in found.items() if key not in stood]
        ended = [row.id for key, row in stood.items() if key not in found]
        counts = [
            (row.id, found[key])
            for key, row in stood.items()
            if key in found and found[key] != row.work_count
        ]
        for first in range(0, len(began), _BATCH):
            with sessions() as session:
                open_obstacles(session, began[first : first + _BATCH], now=now)
        for first in range(0, len(ended), _BATCH):
            with sessions() as session:
                close_obstacles(session, ended[first : first + _BATCH], now=now)
        if counts:
            with sessions() as session:
                recount_obstacles(session, counts)
        tell_of_obstacles(sessions, now=now, on_part=on_part)
        return Looked(len(began), len(ended), len(found))


def find_obstacles(
    session: Session, *, now: datetime, on_part: Callable[[], None] = lambda: None
) -> dict[tuple[Root, ObstacleReason], int]:
    """Return every reason why open work cannot go on now, with how many wait for it; only reads."""
    today = local_day(session, now)
    found: dict[tuple[Root, ObstacleReason], int] = {}
    parts = parts_of_work(session)
    for part in parts:
        on_part()
        found |= dict.fromkeys(nobody_reached(session, part, today=today), 1)
        found |= dict.fromkeys(takers_lost(session, part, today=today, now=now), 1)
        late = session.scalars(_past_last_rung(part, now))
        found |= {(one, ObstacleReason.PAST_LAST_RUNG): 1 for one in late}
        often = session.execute(_asked_often(part))
        found |= {(row.id, ObstacleReason.ASKED_OFTEN): row.questions for row in often}
    explained = {root for root, reason in found if reason in _EXPLAINED}
    waiting = load_waiting(session, parts, today=today)
    stuck = (one for one in without_mover(session, waiting, parts, today=today) if one not in explained)
    found |= {(one, ObstacleReason.NO_MOVE): 1 for one in stuck}
    rounds = rounds_without_session(session, waiting, today=today)
    return found | {(number, ObstacleReason.NO_SESSION): count for number, count in rounds.items()}


def _past_last_rung(part: Part, now: datetime) -> Select[UUID]:
    """Return work that is late and of which nobody will be told any more."""
    tells = exists().where(Rung.work_item_id == WorkItem.id, is_waiting(Rung), Rung.fire_at.is_not(None))
    return (
        select(WorkItem.id)
        .outerjoin(Nomination, Nomination.id == WorkItem.nomination_id)
        .where(*waits(part), WorkItem.due_at < now, ~tells)
    )


def _asked_often(part: Part) -> Select[UUID, int]:
    """Return open work about which it was asked again and again in this stay, with how often."""
    asked = aliased(WorkItem)
    questions = (
        select(func.count())
        .where(asked.visit_id == WorkItem.visit_id, asked.kind == WorkKind.ANSWER)
        .scalar_subquery()
    )
    return (
        select(WorkItem.id, questions.label("questions"))
        .join(Nomination, Nomination.id == WorkItem.nomination_id)
        .where(*waits(part), questions >= ASKED_OFTEN_FROM)
    )


def open_obstacles(
    session: Session, began: Sequence[tuple[Root, ObstacleReason, int]], *, now: datetime
) -> None:
    """Note that these began, and commit; one that another look has noted stays as it is."""
    rows = [
        {
            "reason": reason,
            "work_item_id": root if isinstance(root, UUID) else None,
            "round_id": None if isinstance(root, UUID) else root,
            "work_count": count,
            "opened_at": now,
        }
        for root, reason, count in began
    ]
    session.execute(insert(_OBSTACLE).on_conflict_do_nothing(), rows)
    session.commit()


def close_obstacles(session: Session, ids: Sequence[int], *, now: datetime) -> None:
    """Note that these are over, and commit."""
    session.execute(update(_OBSTACLE).where(among(_OBSTACLE.c.id, ids)).values(closed_at=now))
    session.commit()


def recount_obstacles(session: Session, counts: Sequence[tuple[int, int]]) -> None:
    """Note how many wait for what stood already, and commit."""
    for obstacle_id, count in counts:
        session.execute(update(_OBSTACLE).where(_OBSTACLE.c.id == obstacle_id).values(work_count=count))
    session.commit()
