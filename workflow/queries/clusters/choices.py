"""What forms and lists of clusters offer: years, owners, units of today, and those somebody may act for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.clusters.officers import (
    oversees_from_above,
    runs_clusters,
)
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import Role
from workflow.queries.shapes import Named
from workflow.store.conditions import edition_of_unit, named_edition
from workflow.store.database import local_day
from workflow.store.organisation import Cluster, Unit, UnitEdition
from workflow.store.people import load_tree

MOST_CHOICES: Final = 500


@dataclass(frozen=True, slots=True)
class ClusterChoices:
    """The years and owners that have clusters."""

    years: tuple[int, ...]
    owners: tuple[Named, ...]


def cluster_choices(session: Session, *, now: datetime) -> ClusterChoices:
    """Return what a list of clusters can be narrowed to."""
    years = session.scalars(select(Cluster.year).distinct().order_by(Cluster.year.desc()).limit(MOST_CHOICES))
    owners = session.execute(
        select(Unit.code, UnitEdition.name)
        .outerjoin(UnitEdition, named_edition(local_day(session, now)))
        .where(Unit.id.in_(select(Cluster.owner_unit_id)))
        .order_by(UnitEdition.name_sort, Unit.code_sort)
        .limit(MOST_CHOICES)
    )
    return ClusterChoices(tuple(years), tuple(Named(row.code, row.name or row.code) for row in owners))


def unit_choices(session: Session, *, now: datetime) -> tuple[Named, ...]:
    """Return the units of today by name, for forms that make clusters of them."""
    return tuple(Named(code, name) for _, code, name in _units_of_today(session, now))


def overseen_units(session: Session, *, actor: Actor, now: datetime) -> tuple[Named, ...]:
    """Return the units of today that the actor supervises or administers, by name."""
    found = _units_of_today(session, now)
    return tuple(Named(code, name) for unit_id, code, name in found if runs_clusters(actor, unit_id))


def barrable_units(session: Session, *, actor: Actor, now: datetime) -> tuple[Named, ...]:
    """Return the units of today that the actor oversees from above, by name: those they may bar."""
    tree = load_tree(session, today=local_day(session, now))
    return tuple(
        Named(code, name)
        for unit_id, code, name in _units_of_today(session, now)
        if oversees_from_above(actor, code, unit_id, tree)
    )


def launching_units(session: Session, *, actor: Actor, now: datetime) -> tuple[Named, ...]:
    """Return the units of today for which the actor may launch movements: those overseen and those headed."""
    return tuple(
        Named(code, name)
        for unit_id, code, name in _units_of_today(session, now)
        if runs_clusters(actor, unit_id) or f"{Role.HEAD}@unit:{code}" in actor.keys
    )


def _units_of_today(session: Session, now: datetime) -> Sequence[tuple[int, str, str]]:
    rows = session.execute(
        select(Unit.id, Unit.code, UnitEdition.name)
        .join(UnitEdition, edition_of_unit(local_day(session, now)))
        .order_by(UnitEdition.name_sort, Unit.code_sort)
        .limit(MOST_CHOICES)
    )
    return [(row.id, row.code, row.name) for row in rows]
