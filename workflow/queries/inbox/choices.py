"""The clusters that an inbox may be narrowed to: those of the years whose rounds are open."""

from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.queries.shapes import Named
from workflow.store.awards import Round
from workflow.store.conditions import is_open
from workflow.store.organisation import Cluster

_MOST: Final = 200


def inbox_clusters(session: Session) -> tuple[Named, ...]:
    """Return the clusters and blocks whose units may have open work, the newest year first."""
    years = select(Round.year).where(is_open(Round))
    rows = session.execute(
        select(Cluster.code, Cluster.name, Cluster.year)
        .where(Cluster.year.in_(years))
        .order_by(Cluster.year.desc(), Cluster.owner_unit_id, Cluster.number)
        .limit(_MOST)
    )
    return tuple(Named(row.code, f"{row.name} ({row.year})") for row in rows)
