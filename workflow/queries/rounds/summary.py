"""How many names each unit puts forward for each award of a round, to be written in an office's form."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from workflow.domain.errors import NothingListed
from workflow.domain.papers.office_forms import PUT_FORWARD
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.scope import Depth
from workflow.queries.rounds.views import RoundView, get_round
from workflow.queries.shapes import AWARD_COLUMNS, UNIT_COLUMNS, Named, Titled, award_of_row, unit_of_row
from workflow.store.awards import Award, AwardEdition, Round
from workflow.store.conditions import TODAY, named_edition
from workflow.store.database import local_day
from workflow.store.given import was_given
from workflow.store.nominations import Nomination
from workflow.store.organisation import Unit, UnitEdition
from workflow.store.visible import visible


@dataclass(frozen=True, slots=True)
class Tally:
    """How many names are put forward, and how many of them were given the award."""

    count: int
    approved: int


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One unit with a tally for each award of the summary, in its order, and of all."""

    unit: Named
    awards: tuple[Tally, ...]
    total: Tally


@dataclass(frozen=True, slots=True)
class AwardSummary:
    """The units of a round by name, the awards by code, and the tallies where they meet."""

    round: RoundView
    awards: tuple[Titled, ...]
    totals: tuple[Tally, ...]
    rows: tuple[SummaryRow, ...]
    total: Tally


def award_summary(session: Session, *, actor: Actor, round_code: str, now: datetime) -> AwardSummary:
    """Return the summary of a round: units that put a name forward that the actor may count, awards likewise.

    Raises `NotFound` for a round that there is none of, `NothingListed` where there is no such name.
    """
    view = get_round(session, code=round_code, now=now)
    rows = session.execute(
        _COUNTED.where(Round.code == view.code, visible(actor.scope, Depth.COUNT)),
        {"today": local_day(session, now)},
    ).all()
    if not rows:
        raise NothingListed("No name that you may count is put forward in this round.")
    return _put_together(view, rows)


def _put_together(view: RoundView, rows: Sequence[Row[Any]]) -> AwardSummary:
    titles: dict[str, Titled] = {}
    units: dict[str, Named] = {}
    found: dict[tuple[str, str], list[Tally]] = defaultdict(list)
    for row in rows:
        # Each is in hundreds of rows, and said once.
        if row.award not in titles:
            titles[row.award] = award_of_row(row)
        if row.unit not in units:
            units[row.unit] = unit_of_row(row)
        # Two editions of an award are one column.
        found[row.unit, row.award].append(Tally(row.names, row.approved))
    codes = sorted(titles)

    def line(unit: str) -> tuple[Tally, ...]:
        return tuple(_sum(found[unit, code]) for code in codes)

    lines = {unit: line(unit) for unit in units}
    return AwardSummary(
        view,
        tuple(titles[code] for code in codes),
        tuple(_sum(lines[unit][place] for unit in units) for place in range(len(codes))),
        tuple(SummaryRow(named, lines[unit], _sum(lines[unit])) for unit, named in units.items()),
        _sum(tally for tallies in lines.values() for tally in tallies),
    )


def _sum(tallies: Iterable[Tally]) -> Tally:
    count = approved = 0
    for one in tallies:
        count += one.count
        approved += one.approved
    return Tally(count, approved)


_COUNTED: Final[Select[*tuple[Any, ...]]] = (
    select(
        *UNIT_COLUMNS,
        *AWARD_COLUMNS,
        func.count(Nomination.id).label("names"),
        func.count(Nomination.id).filter(was_given()).label("approved"),
    )
    .select_from(Nomination)
    .join(Round, Round.id == Nomination.round_id)
    .join(Unit, Unit.id == Nomination.unit_id)
    .outerjoin(UnitEdition, named_edition(TODAY))
    .join(AwardEdition, AwardEdition.id == Nomination.award_edition_id)
    .join(Award, Award.id == AwardEdition.award_id)
    .where(Nomination.stage.in_(PUT_FORWARD))
    .group_by(
        Unit.code,
        UnitEdition.name,
        UnitEdition.name_sort,
        Award.code,
        AwardEdition.name_vi,
        AwardEdition.name_en,
    )
    .order_by(UnitEdition.name_sort, Unit.code, Award.code)
)
