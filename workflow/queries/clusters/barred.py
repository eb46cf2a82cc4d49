"""Units that were not considered for emulation in a year."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, tuple_
from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor
from workflow.queries.paging import Page, cut, decode_cursor, encode_cursor, text, whole
from workflow.queries.shapes import Named
from workflow.store.base import among
from workflow.store.conditions import named_edition
from workflow.store.database import local_day
from workflow.store.organisation import BarredUnit, Cluster, Unit, UnitEdition


@dataclass(frozen=True, slots=True)
class BarredView:
    """A unit not considered for emulation in a year, why, and which clusters it heads all the same."""

    unit: Named
    year: int
    reason: str
    heads: tuple[str, ...]


def list_barred(
    session: Session, *, actor: Actor, year: int | None, now: datetime, limit: int, cursor: str | None
) -> Page[BarredView]:
    """Return one page of the barred units that the actor oversees, the newest year first, then by code."""
    place = (-BarredUnit.year, Unit.code_sort, Unit.code)
    statement = (
        select(BarredUnit, Unit.code, Unit.code_sort, UnitEdition.name)
        .join(Unit, Unit.id == BarredUnit.unit_id)
        .outerjoin(UnitEdition, named_edition(local_day(session, now)))
    )
    scope = actor.scope
    if not (scope.is_everything or scope.counts_everything):
        statement = statement.where(among(BarredUnit.unit_id, scope.units | scope.counted))
    if year is not None:
        statement = statement.where(BarredUnit.year == year)
    if cursor is not None:
        places = decode_cursor("barred", cursor, whole, text, text)
        statement = statement.where(tuple_(*place) > tuple_(*places))
    rows = session.execute(statement.order_by(*place).limit(limit + 1)).all()
    heads = _heading(session, [(row.BarredUnit.unit_id, row.BarredUnit.year + 1) for row in rows])
    return cut(
        rows,
        limit,
        item=lambda row: BarredView(
            unit=Named(row.code, row.name or row.code),
            year=row.BarredUnit.year,
            reason=row.BarredUnit.reason,
            heads=heads.get((row.BarredUnit.unit_id, row.BarredUnit.year + 1), ()),
        ),
        cursor=lambda row: encode_cursor("barred", -row.BarredUnit.year, row.code_sort, row.code),
    )


def _heading(session: Session, seats: Sequence[tuple[int, int]]) -> Mapping[tuple[int, int], tuple[str, ...]]:
    """Return for each unit and year the codes of the clusters in which it is head or deputy."""
    units = {unit_id for unit_id, _ in seats}
    rows = session.execute(
        select(Cluster.code, Cluster.year, Cluster.head_unit_id, Cluster.deputy_unit_id)
        .where(
            among(Cluster.year, {year for _, year in seats}),
            or_(among(Cluster.head_unit_id, units), among(Cluster.deputy_unit_id, units)),
        )
        .order_by(Cluster.owner_unit_id, Cluster.number)
    )
    found: dict[tuple[int, int], list[str]] = defaultdict(list)
    for row in rows:
        for unit_id in (row.head_unit_id, row.deputy_unit_id):
            if unit_id in units:
                found[(unit_id, row.year)].append(row.code)
    return {seat: tuple(codes) for seat, codes in found.items()}
