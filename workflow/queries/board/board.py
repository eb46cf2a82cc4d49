"""The board of a round: what every unit owes and sent, what lies where, and whether it will be in time.

Numbers are of what the reader may count; beside each stands how many of those they may open by name.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from workflow.domain.errors import NotFound
from workflow.domain.owed import ReturnStatus
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.scope import Scope
from workflow.domain.time.workdays import CalendarName
from workflow.domain.vocabulary import RoundDate
from workflow.queries.board.outlook import horizon_of
from workflow.queries.board.rows import BoardCount, UnitFacts, count_by_unit, open_groups, participating
from workflow.queries.board.units import BoardBasis, BoardRow, make_rows, totals_of
from workflow.queries.progress import Progress
from workflow.queries.seats import name_seats
from workflow.queries.shapes import Named
from workflow.store.awards import Round
from workflow.store.calendars import calendar_in_force
from workflow.store.codes import is_named
from workflow.store.database import local_day, plan_by_values
from workflow.store.organisation import Council, Unit


class Show(StrEnum):
    """Which units a board shows: all, the silent ones, those behind a day, those with work on hold."""

    ALL = "all"
    SILENT = "silent"
    LATE = "late"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Board:
    """A round as its office asks for it every morning: silent units first, then late ones, then by name.

    `is_whole` says whether the reader counts every unit of the round. `expected` units owe a paper, so many
    in each of the `statuses`. `totals` are each count of all units together.
    """

    code: str
    title: str
    year: int
    owner: Named
    as_of: datetime
    today: date
    unit_deadline: date | None
    upper_deadline: date | None
    is_whole: bool
    expected: int
    statuses: Mapping[ReturnStatus, int]
    rows: tuple[BoardRow, ...]
    totals: Mapping[Progress, BoardCount]

    @property
    def at_risk(self) -> tuple[BoardRow, ...]:
        """The units that may not make it."""
        return tuple(row for row in self.rows if row.risk is not None)

    @property
    def is_through(self) -> bool:
        """Whether nobody owes anything and no work is open."""
        return not any(row.owes or row.holder is not None for row in self.rows)

    @property
    def will_be_there(self) -> bool | None:
        """Whether everything will be at the upper level by its day; None where the round has no such day."""
        return None if self.upper_deadline is None else not self.at_risk

    def shown(self, show: Show, only: Collection[str] = ()) -> tuple[BoardRow, ...]:
        """Return the units that somebody asks for; `only` names them by code, empty it leaves none out."""
        wanted: Mapping[Show, Callable[[BoardRow], bool]] = {
            Show.ALL: lambda _row: True,
            Show.SILENT: lambda row: row.is_silent,
            Show.LATE: lambda row: row.is_late,
            Show.HELD: lambda row: row.counts[Progress.HELD].total > 0,
        }
        return tuple(row for row in self.rows if wanted[show](row) and (not only or row.unit.code in only))

    def totals_of(self, show: Show, only: Collection[str] = ()) -> Mapping[Progress, BoardCount]:
        """Return each count of the units shown together: a total belongs to the lines above it."""
        return totals_of(self.shown(show, only))


_owner = aliased(Unit)
_adviser = aliased(Unit)
_ROUND: Final = (
    select(Round, _owner.code.label("owner"), _adviser.code.label("council"))
    .join(_owner, _owner.id == Round.owner_unit_id)
    .outerjoin(Council, Council.id == Round.council_id)
    .outerjoin(_adviser, _adviser.id == Council.unit_id)
)


def board(session: Session, *, actor: Actor, code: str, now: datetime) -> Board:
    """Return the board of a round, as far as the actor may count. Raises `NotFound` for an unknown code."""
    found = session.execute(_ROUND.where(is_named(session, Round.code, code))).one_or_none()
    if found is None:
        raise NotFound(f"There is no round '{code}'.")
    today = local_day(session, now)
    row: Round = found.Round
    seats = frozenset({f"unit:{found.owner}", f"council:{found.council}"})
    plan_by_values(session)
    counts = count_by_unit(session, scope=actor.scope, round_id=row.id, now=now)
    groups = open_groups(session, actor=actor, round_id=row.id)
    units = [
        unit
        for unit in participating(session, round_id=row.id, counted=list(counts), today=today)
        if unit.unit_id in counts or _counts_unit(actor.scope, unit, seats)
    ]
    dates = {name: date.fromisoformat(str(day)) for name, day in row.dates.items()}
    upper = dates.get(RoundDate.UPPER_DEADLINE)
    horizon = horizon_of(
        session,
        round_id=row.id,
        groups=[group for mine in groups.values() for group in mine],
        upper_deadline=upper,
        today=today,
    )
    desk = BoardBasis(session, calendar_in_force(session, CalendarName.LOCAL), now, today, horizon)
    rows = make_rows(desk, units, counts, groups)
    expected = [line for line in rows if line.is_expected]
    names = name_seats(session, {f"unit:{found.owner}"}, today=today)
    return Board(
        code=row.code,
        title=row.title,
        year=row.year,
        owner=Named(found.owner, names.get(f"unit:{found.owner}", found.owner)),
        as_of=now,
        today=today,
        unit_deadline=dates.get(RoundDate.UNIT_DEADLINE),
        upper_deadline=upper,
        is_whole=_counts_round(actor.scope, seats),
        expected=len(expected),
        statuses={status: sum(line.status is status for line in expected) for status in ReturnStatus},
        rows=tuple(sorted(rows, key=_rank)),
        totals=totals_of(rows),
    )


def _counts_round(scope: Scope, seats: frozenset[str]) -> bool:
    return scope.is_everything or scope.counts_everything or not scope.seats.isdisjoint(seats)


def _counts_unit(scope: Scope, unit: UnitFacts, seats: frozenset[str]) -> bool:
    """Return whether the reader counts whatever the unit has in this round, so also that it has nothing."""
    return (
        _counts_round(scope, seats)
        or unit.unit_id in scope.units
        or unit.unit_id in scope.counted
        or f"unit:{unit.code}" in scope.seats
    )


def _rank(row: BoardRow) -> tuple[int, int]:
    """Return what comes first; rows arrive by name, and sorting keeps that among equals."""
    if row.is_silent:
        return 0, -row.days_late
    return (1, -row.days_late) if row.is_late else (2, 0)
