"""Councils out of the file of units: a name in the column makes a unit's council or gives it another name.

An empty cell changes nothing: a council that seats and rounds name is not taken away by a file.
"""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.imports.ledger import Write, added, changed, new_ids
from workflow.imports.plan import ImportPlan
from workflow.store.organisation import Council


def plan_councils(session: Session, plan: ImportPlan, named: Mapping[int, str]) -> dict[int, str]:
    """Add to the plan what councils become, named by their units' ids; return the names they had."""
    rows = session.scalars(select(Council).where(Council.unit_id.in_(named)).order_by(Council.id))
    known = {row.unit_id: row for row in rows}
    fresh = [unit_id for unit_id in named if unit_id not in known]
    ids = new_ids(session, "council", len(fresh))
    new: list[Write] = [
        added("council", {"id": council_id, "unit_id": unit_id, "name": named[unit_id]})
        for council_id, unit_id in zip(ids, fresh, strict=True)
    ]
    renamed = [
        changed("council", {"id": row.id}, {"name": row.name}, {"name": named[unit_id]})
        for unit_id, row in known.items()
    ]
    plan.writes += [*new, *(one for one in renamed if one is not None)]
    if fresh:
        plan.notes.append(
            f"Units that get a council: {len(fresh)}; a round that is open already stays without it."
        )
    return {unit_id: row.name for unit_id, row in known.items()}
