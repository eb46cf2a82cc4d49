"""How far each round has come."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias

from sqlalchemy import ColumnElement, Row, and_, func, not_, select, tuple_
from sqlalchemy.orm import Session, aliased

from workflow.domain.errors import NotFound
from workflow.domain.rights.scope import Depth, Scope
from workflow.domain.vocabulary import FINAL_STAGES, Stage
from workflow.queries.paging import (
    MAX_LIMIT,
    Page,
    decode_cursor,
    encode_cursor,
    instant,
    whole,
)
from workflow.queries.rounds.returns import count_returns
from workflow.store.awards import Round
from workflow.store.base import among
from workflow.store.codes import is_named
from workflow.store.conditions import is_open
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.organisation import Council, Unit
from workflow.store.visible import visible

_Found: TypeAlias = Sequence[Row[*tuple[Any, ...]]]
_NAME: Final = "round-status"
_adviser = aliased(Unit)
_ROUNDS: Final = (
    select(Round, Unit.code.label("owner"), _adviser.code.label("council"))
    .join(Unit, Unit.id == Round.owner_unit_id)
    .outerjoin(Council, Council.id == Round.council_id)
    .outerjoin(_adviser, _adviser.id == Council.unit_id)
)


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
    """Return every round, the newest first, or the one of that code; counts are of what the scope may count.

    Raises `NotFound` for an unknown code.
    """
    if code is None:
        pages = [list_round_status(session, scope=scope, now=now, limit=MAX_LIMIT, cursor=None)]
        while (after := pages[-1].next) is not None:
            pages.append(list_round_status(session, scope=scope, now=now, limit=MAX_LIMIT, cursor=after))
        return [item for page in pages for item in page.items]
    found = session.execute(_ROUNDS.where(is_named(session, Round.code, code))).all()
    if not found:
        raise NotFound(f"There is no round '{code}'.")
    return _counted(session, scope, found, now)


def list_round_status(
    session: Session, *, scope: Scope, now: datetime, limit: int, cursor: str | None
) -> Page[RoundStatus]:
    """Return one page of the rounds, the newest first. Raises `UnreadableCursor`."""
    statement = _ROUNDS.order_by(Round.opened_at.desc(), Round.id.desc()).limit(limit + 1)
    if cursor is not None:
        place = decode_cursor(_NAME, cursor, instant, whole)
        statement = statement.where(tuple_(Round.opened_at, Round.id) < tuple_(*place))
    found = session.execute(statement).all()
    counted = _counted(session, scope, found[:limit], now)
    last = found[limit - 1].Round if len(found) > limit else None
    return Page(tuple(counted), encode_cursor(_NAME, last.opened_at, last.id) if last else None)


def _counted(session: Session, scope: Scope, found: _Found, now: datetime) -> list[RoundStatus]:
    returns = count_returns(session, [row.Round.id for row in found])
    stages: dict[int, Mapping[str, int]] = {}
    overdue: dict[int, int] = {}
    held: dict[int, int] = {}
    for counted in _parts(session, scope, found):
        stages |= _stages(session, counted)
        overdue |= _overdue(session, counted, now)
        held |= _held(session, counted)
    return [
        RoundStatus(
            code=row.Round.code,
            title=row.Round.title,
            year=row.Round.year,
            owner=row.owner,
            opened_at=row.Round.opened_at,
            closed_at=row.Round.closed_at,
            stages=stages.get(row.Round.id, {}),
            overdue=overdue.get(row.Round.id, 0),
            held=held.get(row.Round.id, 0),
            returns=returns[row.Round.id],
        )
        for row in found
    ]


def _parts(session: Session, scope: Scope, found: _Found) -> Iterator[ColumnElement[bool]]:
    """Give what the scope counts of these rounds: those it counts whole apart from the others.

    Whole ones are counted in an index alone, however many nominations were ever in them.
    """
    is_whole = scope.is_everything or scope.counts_everything or _oversees_all(session, scope)
    entire = [row.Round.id for row in found if is_whole or not scope.seats.isdisjoint(_seats(row))]
    rest = [row.Round.id for row in found if row.Round.id not in entire]
    if entire:
        yield among(Nomination.round_id, entire)
    if rest:
        yield and_(among(Nomination.round_id, rest), visible(scope, Depth.COUNT, in_own_rounds=False))


def _seats(row: Row[*tuple[Any, ...]]) -> set[str]:
    return {f"unit:{row.owner}", f"council:{row.council}"}


def _oversees_all(session: Session, scope: Scope) -> bool:
    if not scope.counted:
        return False
    others = select(Unit.id).where(not_(among(Unit.id, scope.counted | scope.units)))
    return not session.scalar(select(others.exists()))


def _stages(session: Session, counted: ColumnElement[bool]) -> Mapping[int, Mapping[str, int]]:
    rows = session.execute(
        select(Nomination.round_id, Nomination.stage, func.count().label("found"))
        .where(counted)
        .group_by(Nomination.round_id, Nomination.stage)
    )
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    for row in rows:
        counts[row.round_id][row.stage] = row.found
    return {key: {stage: found[stage] for stage in Stage if stage in found} for key, found in counts.items()}


def _held(session: Session, counted: ColumnElement[bool]) -> Mapping[int, int]:
    rows = session.execute(
        select(Nomination.round_id, func.count().label("found"))
        .where(counted, Nomination.is_held)
        .group_by(Nomination.round_id)
    )
    return {row.round_id: row.found for row in rows}


def _overdue(session: Session, counted: ColumnElement[bool], now: datetime) -> Mapping[int, int]:
    rows = session.execute(
        select(Nomination.round_id, func.count().label("found"))
        .join(WorkItem, WorkItem.nomination_id == Nomination.id)
        .where(counted, is_open(WorkItem), WorkItem.due_at < now)
        .group_by(Nomination.round_id)
    )
    return {row.round_id: row.found for row in rows}
