"""What the last look found as somebody who watches over work sees it: what stands still, and is theirs.

Who helped must not read of it for an hour.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_

from workflow.domain.obstacles import ObstacleReason
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.scope import Depth
from workflow.domain.vocabulary import RoundDate
from workflow.store.access import Account
from workflow.store.awards import Round
from workflow.store.base import among, table_of
from workflow.store.conditions import (
    edition_of_unit,
    is_active,
    is_left,
    is_open,
    is_reachable,
    nobody_holds,
)
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.obstacles import Obstacle
from workflow.store.organisation import Unit, UnitEdition
from workflow.store.submissions import ExpectedReturn
from workflow.store.visible import rounds_run_by, visible


def _still_stands(now: datetime, today: date) -> ColumnElement[bool]:
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


def joined_obstacles(statement: Select[*tuple[Any, ...]], today: date) -> Select[*tuple[Any, ...]]:
    """Return a question about obstacles with their work, unit, round, and the account that took it."""
    return (
        statement.select_from(Obstacle)
        .outerjoin(WorkItem, WorkItem.id == Obstacle.work_item_id)
        .outerjoin(Nomination, Nomination.id == WorkItem.nomination_id)
        .outerjoin(ExpectedReturn, ExpectedReturn.id == WorkItem.expected_return_id)
        .join(
            Round, Round.id == func.coalesce(Obstacle.round_id, Nomination.round_id, ExpectedReturn.round_id)
        )
        .join(
            Unit,
            Unit.id == func.coalesce(Nomination.unit_id, ExpectedReturn.unit_id, Round.owner_unit_id),
        )
        .outerjoin(UnitEdition, edition_of_unit(today))
        .outerjoin(Account, Account.id == WorkItem.assignee_id)
    )


def standing_before(actor: Actor, *, now: datetime, today: date) -> list[ColumnElement[bool]]:
    """Return the conditions of what still stands and is the actor's to watch over; a nominee sees not theirs.

    Of `joined_obstacles`. Work that was done, put on hold or helped since the last look is left out at once.
    """
    conditions = [
        is_open(table_of(Obstacle).c),
        or_(Obstacle.round_id.is_not(None), is_open(WorkItem)),
        Nomination.is_held.is_not(True),
        _watched(actor),
        _still_stands(now, today),
    ]
    if actor.person_id is not None:
        conditions.append(Nomination.person_id.is_distinct_from(actor.person_id))
    return conditions


def _watched(actor: Actor) -> ColumnElement[bool]:
    """Return the condition of what lies in the actor's scope, be it that they may only count it."""
    scope = actor.scope
    named = and_(Nomination.id.is_not(None), visible(scope, Depth.COUNT))
    if scope.is_everything or scope.counts_everything:
        return or_(Nomination.id.is_(None), named)
    overseen = scope.units | scope.counted
    runs = Round.id.in_(rounds_run_by(scope.seats)) if scope.seats else false()
    of_unit = and_(ExpectedReturn.id.is_not(None), or_(among(ExpectedReturn.unit_id, overseen), runs))
    of_round = and_(Obstacle.round_id.is_not(None), or_(among(Round.owner_unit_id, overseen), runs))
    return or_(named, of_unit, of_round)
