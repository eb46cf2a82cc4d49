"""What the last look found as somebody who watches over work sees it: what stands still, and is theirs.

Who helped must not read of it for an hour.
"""

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, DateTime, Select, and_, bindparam, case, func, or_

from workflow.domain.obstacles import ObstacleReason
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.scope import Depth
from workflow.domain.vocabulary import RoundDate
from workflow.store.access import Account
from workflow.store.awards import Round
from workflow.store.base import table_of
from workflow.store.conditions import (
    TODAY,
    is_active,
    is_left,
    is_open,
    is_reachable,
    named_edition,
    nobody_holds,
)
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.obstacles import Obstacle
from workflow.store.organisation import Unit, UnitEdition
from workflow.store.submissions import ExpectedReturn
from workflow.store.visible import counts_all, scope_values, visible_to_any, watched_by_any

_NOW: Final = bindparam("now", type_=DateTime(timezone=True))
_PERSON: Final = bindparam("reader_person", type_=BigInteger())


def _still_stands() -> ColumnElement[bool]:
    """Return the condition that the cause of an obstacle has not gone, as far as its own rows tell.

    Join the work, its nomination, its round and the account that took it. The next look says for sure.
    """
    is_taken = WorkItem.assignee_id.is_not(None)
    council_day = func.coalesce(Round.dates[RoundDate.COUNCIL_DATE].astext, "")
    found = {
        ObstacleReason.ASSIGNEE_GONE: ~is_active(Account),
        ObstacleReason.ROLE_LOST: is_taken,
        ObstacleReason.AWAY: case((is_taken, is_left()), else_=nobody_holds()),
        ObstacleReason.CONFLICTED: or_(is_taken, nobody_holds()),
        ObstacleReason.GROUP_EMPTY: and_(~is_taken, nobody_holds()),
        ObstacleReason.UNREACHABLE: case(
            (is_taken, ~is_reachable(Account)), else_=nobody_holds(reached=True)
        ),
        ObstacleReason.PAST_LAST_RUNG: WorkItem.due_at < _NOW,
        ObstacleReason.NO_SESSION: council_day < func.to_char(TODAY, "YYYY-MM-DD"),
    }
    return case({str(reason): holds for reason, holds in found.items()}, value=Obstacle.reason, else_=True)


def _is_watched() -> ColumnElement[bool]:
    """Return the condition of what lies in the reader's scope, be it that they may only count it."""
    named = and_(Nomination.id.is_not(None), visible_to_any(Depth.COUNT))
    of_all = and_(Nomination.id.is_(None), counts_all())
    of_unit = and_(ExpectedReturn.id.is_not(None), watched_by_any(ExpectedReturn.unit_id))
    of_round = and_(Obstacle.round_id.is_not(None), watched_by_any(Round.owner_unit_id))
    return or_(named, of_all, of_unit, of_round)


def joined_obstacles(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
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
        .outerjoin(UnitEdition, named_edition(TODAY))
        .outerjoin(Account, Account.id == WorkItem.assignee_id)
    )


STANDING: Final[tuple[ColumnElement[bool], ...]] = (
    is_open(table_of(Obstacle).c),
    or_(Obstacle.round_id.is_not(None), is_open(WorkItem)),
    Nomination.is_held.is_not(True),
    _is_watched(),
    _still_stands(),
    or_(_PERSON.is_(None), Nomination.person_id.is_distinct_from(_PERSON)),
)
"""The conditions of what still stands and is the reader's to watch over; a nominee sees not theirs.

Of `joined_obstacles`, told by `watched_values`: one text for every reader. Work that was done, put on hold or
helped since the last look is left out at once.
"""


def watched_values(actor: Actor, *, now: datetime, today: date) -> dict[str, object]:
    """Return what statements of `STANDING` are told of their reader and of the day."""
    of_day = {"now": now, "today": today, _PERSON.key: actor.person_id}
    return {**of_day, **scope_values(actor.scope)}
