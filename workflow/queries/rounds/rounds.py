"""How far each round has come."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow.domain.errors import NotFound
from workflow.domain.rights.scope import Depth, Scope
from workflow.domain.vocabulary import FINAL_STAGES, Stage
from workflow.queries.rounds.returns import count_returns
from workflow.store.awards import Round
from workflow.store.codes import is_named
from workflow.store.conditions import is_open
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.organisation import Unit
from workflow.store.visible import visible

MOST_ROUNDS: Final = 200


@dataclass(frozen=True, slots=True)
class RoundStatus:
    """A round with its nominations by stage, of which so many are past due, and what units owe by status.

    `held` counts what is on hold, `open` what has no end yet: closing a round ends neither.
    """

    code: str
    title: str
    year: int
    owner: str
    opened_at: datetime
    closed_at: datetime | None
    stages: Mapping[str, int]
    overdue: int
    held: int
    returns: Mapping[str, int]

    @property
    def nominations(self) -> int:
        """How many nominations the round has, whatever became of them."""
        return sum(self.stages.values())

    @property
    def open(self) -> int:
        """How many of them are still under way."""
        return sum(count for stage, count in self.stages.items() if stage not in FINAL_STAGES)


def round_status(
    session: Session, *, scope: Scope, now: datetime, code: str | None = None
) -> list[RoundStatus]:
    """Return the rounds, the newest first, or the one of that code; counts are of what the scope may count.

    Raises `NotFound` for an unknown code. At most MOST_ROUNDS are returned.
    """
    statement = (
        select(Round, Unit.code.label("owner"))
        .join(Unit, Unit.id == Round.owner_unit_id)
        .order_by(Round.opened_at.desc(), Round.id.desc())
        .limit(MOST_ROUNDS)
    )
    found = session.execute(
        statement.where(is_named(session, Round.code, code)) if code is not None else statement
    ).all()
    if code is not None and not found:
        raise NotFound(f"There is no round '{code}'.")
    ids = [row.Round.id for row in found]
    returns = count_returns(session, ids)
    stages, overdue = _stages(session, scope, ids), _overdue(session, scope, ids, now)
    held = _held(session, scope, ids)
    return [
        RoundStatus(
            code=row.Round.code,
            title=row.Round.title,
            year=row.Round.year,
            owner=row.owner,
            opened_at=row.Round.opened_at,
            closed_at=row.Round.closed_at,
            stages=stages[row.Round.id],
            overdue=overdue.get(row.Round.id, 0),
            held=held.get(row.Round.id, 0),
            returns=returns[row.Round.id],
        )
        for row in found
    ]


def _stages(session: Session, scope: Scope, round_ids: list[int]) -> Mapping[int, Mapping[str, int]]:
    rows = session.execute(
        select(Nomination.round_id, Nomination.stage, func.count().label("found"))
        .where(Nomination.round_id.in_(round_ids), visible(scope, Depth.COUNT))
        .group_by(Nomination.round_id, Nomination.stage)
    )
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    for row in rows:
        counts[row.round_id][row.stage] = row.found
    return defaultdict(
        dict,
        {key: {stage: found[stage] for stage in Stage if stage in found} for key, found in counts.items()},
    )


def _held(session: Session, scope: Scope, round_ids: list[int]) -> Mapping[int, int]:
    rows = session.execute(
        select(Nomination.round_id, func.count().label("found"))
        .where(Nomination.round_id.in_(round_ids), visible(scope, Depth.COUNT), Nomination.is_held)
        .group_by(Nomination.round_id)
    )
    return {row.round_id: row.found for row in rows}


def _overdue(session: Session, scope: Scope, round_ids: list[int], now: datetime) -> Mapping[int, int]:
    rows = session.execute(
        select(Nomination.round_id, func.count().label("found"))
        .join(WorkItem, WorkItem.nomination_id == Nomination.id)
        .where(
            Nomination.round_id.in_(round_ids),
            visible(scope, Depth.COUNT),
            is_open(WorkItem),
            WorkItem.due_at < now,
        )
        .group_by(Nomination.round_id)
    )
    return {row.round_id: row.found for row in rows}
