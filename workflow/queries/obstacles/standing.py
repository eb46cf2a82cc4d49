"""Whether what the last look found stands in the way still: who helped must not read of it for an hour."""

from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, case, func, or_

from workflow.domain.obstacles import ObstacleReason
from workflow.domain.vocabulary import RoundDate
from workflow.store.access import Account
from workflow.store.awards import Round
from workflow.store.conditions import is_active, is_left, is_reachable, nobody_holds
from workflow.store.nominations import WorkItem
from workflow.store.obstacles import Obstacle


def still_stands(now: datetime, today: date) -> ColumnElement[bool]:
    """Return the condition that the cause of an obstacle has not gone, as far as its own rows tell.

    Join the work, its nomination, its round and the account that took it. The next look says for sure.
    """
    is_taken = WorkItem.assignee_id.is_not(None)
    council_day = func.coalesce(Round.dates[RoundDate.COUNCIL_DATE].astext, "")
    found = {
        ObstacleReason.ASSIGNEE_GONE: ~is_active(Account),
        ObstacleReason.ROLE_LOST: is_taken,
        ObstacleReason.AWAY: case((is_taken, is_left(today)), else_=nobody_holds(today)),
        ObstacleReason.CONFLICTED: or_(is_taken, nobody_holds(today)),
        ObstacleReason.GROUP_EMPTY: and_(~is_taken, nobody_holds(today)),
        ObstacleReason.UNREACHABLE: case(
            (is_taken, ~is_reachable(Account)), else_=nobody_holds(today, reached=True)
        ),
        ObstacleReason.PAST_LAST_RUNG: WorkItem.due_at < now,
        ObstacleReason.NO_SESSION: council_day < today.isoformat(),
    }
    return case({str(reason): holds for reason, holds in found.items()}, value=Obstacle.reason, else_=True)
