"""New instants for the rungs of work that goes on: after a hold, and when a date was moved."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from workflow.store.base import table_of
from workflow.store.nominations import Rung

_RUNG = table_of(Rung)


def replan_rungs(
    session: Session, work_item_id: UUID, rows: Sequence[Mapping[str, Any]], *, size: int, renews: bool
) -> None:
    """Give the rungs of a work item the instants that `rows` plan; what is not planned any more is silent.

    `size` is the ladder's length. With `renews` a promise that fired already, or never could, is made anew
    under an ordinal one ladder further on: a date that moved away deserves its reminders again.
    """
    found = session.execute(
        select(_RUNG.c.id, _RUNG.c.ordinal, _RUNG.c.fired_at, _RUNG.c.dead_at).where(
            _RUNG.c.work_item_id == work_item_id
        )
    ).all()
    waiting = {(row.ordinal - 1) % size: row.id for row in found if not (row.fired_at or row.dead_at)}
    taken = [row.ordinal for row in found]
    instants: dict[UUID, datetime] = {}
    anew = []
    for row in rows:
        place = (int(row["ordinal"]) - 1) % size
        if place in waiting:
            instants[waiting[place]] = row["fire_at"]
        elif renews:
            before = [ordinal for ordinal in taken if (ordinal - 1) % size == place]
            anew.append({**row, "ordinal": max(before) + size if before else row["ordinal"]})
    for rung_id in waiting.values():
        session.execute(update(_RUNG).where(_RUNG.c.id == rung_id).values(fire_at=instants.get(rung_id)))
    if anew:
        session.execute(insert(_RUNG), anew)
