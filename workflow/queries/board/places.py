"""A board of hundreds of units by their clusters: a line for each cluster, and the units of one as a page."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from workflow.domain.errors import NotFound
from workflow.queries.board.board import Board
from workflow.queries.board.rows import BoardCount
from workflow.queries.board.units import BoardRow, totals_of
from workflow.queries.progress import Progress
from workflow.queries.shapes import Named
from workflow.store.awards import Round
from workflow.store.organisation import Cluster, ClusterMember, Unit

ELSEWHERE: Final = "none"
"""The word for the units that are in no cluster of the round's year and owner."""


@dataclass(frozen=True, slots=True)
class ClusterLine:
    """The units of one cluster together; `cluster` is null for those in none.

    So many of the `rows` are silent, late, have work on hold; `totals` are of all of them.
    """

    cluster: Named | None
    rows: tuple[BoardRow, ...]

    @property
    def silent(self) -> int:
        """How many units have nothing yet."""
        return sum(row.is_silent for row in self.rows)

    @property
    def late(self) -> int:
        """How many units are behind a day."""
        return sum(row.is_late for row in self.rows)

    @property
    def held(self) -> int:
        """How many units have work on hold."""
        return sum(row.counts[Progress.HELD].total > 0 for row in self.rows)

    @property
    def totals(self) -> Mapping[Progress, BoardCount]:
        """Each count of these units together."""
        return totals_of(self.rows)


def by_cluster(session: Session, board: Board, rows: Sequence[BoardRow]) -> list[ClusterLine]:
    """Return the clusters of these rows of a board in their order, the units in none last."""
    clusters, places = _members(session, board.code)
    mine: dict[str, list[BoardRow]] = defaultdict(list)
    for row in rows:
        mine[places.get(row.unit.code, ELSEWHERE)].append(row)
    lines = [ClusterLine(one, tuple(mine[one.code])) for one in clusters if one.code in mine]
    return [*lines, ClusterLine(None, tuple(mine[ELSEWHERE]))] if mine[ELSEWHERE] else lines


def of_cluster(session: Session, board: Board, rows: Sequence[BoardRow], code: str) -> ClusterLine:
    """Return the rows of one cluster of the round, or of none; raises `NotFound` for another one's code."""
    clusters, places = _members(session, board.code)
    found = next((one for one in clusters if one.code == code), None)
    if found is None and code != ELSEWHERE:
        raise NotFound(f"There is no cluster '{code}' in round '{board.code}'.")
    return ClusterLine(found, tuple(row for row in rows if places.get(row.unit.code, ELSEWHERE) == code))


def _members(session: Session, round_code: str) -> tuple[list[Named], Mapping[str, str]]:
    """Return the clusters of a round's year and owner by number, and the cluster of each unit, by code."""
    rows = session.execute(
        select(Cluster.code, Cluster.name, Unit.code.label("unit"))
        .join(Round, and_(Round.year == Cluster.year, Round.owner_unit_id == Cluster.owner_unit_id))
        .join(ClusterMember, ClusterMember.cluster_id == Cluster.id)
        .join(Unit, Unit.id == ClusterMember.unit_id)
        .where(Round.code == round_code)
        .order_by(Cluster.number, Cluster.id)
    ).all()
    clusters = dict.fromkeys(Named(row.code, row.name) for row in rows)
    return list(clusters), {row.unit: row.code for row in rows}
