"""What the `@scope` words of definitions mean for many units and rounds at once.

Units, rounds and clusters are some hundred rows each, so they are read whole and put together here: joined to
all that is open, it was the planner's luck whether that took a second or ten.
"""

from collections.abc import Collection
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from workflow.domain.facts import Seats
from workflow.store.awards import Round
from workflow.store.base import among
from workflow.store.conditions import named_edition
from workflow.store.organisation import Cluster, ClusterMember, Council, Unit, UnitEdition


def seats_of(
    session: Session, places: Collection[tuple[int, int]], *, today: date
) -> dict[tuple[int, int], Seats]:
    """Return by unit and round the seats that a nomination of the unit in the round has, as decisions do."""
    parent, owner, adviser = aliased(Unit), aliased(Unit), aliased(Unit)
    units = {
        row.id: row
        for row in session.execute(
            select(Unit.id, Unit.code, parent.code.label("parent"))
            .outerjoin(UnitEdition, named_edition(today))
            .outerjoin(parent, parent.id == UnitEdition.parent_id)
            .where(among(Unit.id, {unit_id for unit_id, _ in places}))
        )
    }
    rounds = {
        row.id: row
        for row in session.execute(
            select(
                Round.id,
                Round.year,
                Round.owner_unit_id,
                owner.code.label("owner"),
                adviser.code.label("council"),
            )
            .join(owner, owner.id == Round.owner_unit_id)
            .outerjoin(Council, Council.id == Round.council_id)
            .outerjoin(adviser, adviser.id == Council.unit_id)
            .where(among(Round.id, {round_id for _, round_id in places}))
        )
    }
    clusters = {
        (row.unit_id, row.year, row.owner_unit_id): row.code
        for row in session.execute(
            select(ClusterMember.unit_id, ClusterMember.year, ClusterMember.owner_unit_id, Cluster.code)
            .join(Cluster, Cluster.id == ClusterMember.cluster_id)
            .where(among(ClusterMember.year, {row.year for row in rounds.values()}))
        )
    }
    found = {}
    for unit_id, round_id in places:
        unit, held = units[unit_id], rounds[round_id]
        cluster = clusters.get((unit_id, held.year, held.owner_unit_id))
        found[unit_id, round_id] = Seats(unit.code, unit.parent, cluster, held.council, held.owner)
    return found
