"""What surrounds clusters, each read in one statement for all of them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from workflow.domain.names import name_sort
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.scope import Depth
from workflow.domain.vocabulary import Role
from workflow.store.access import Account, Grant
from workflow.store.base import among
from workflow.store.conditions import is_active, is_in_force, is_open, named_edition
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.organisation import BarredUnit, Cluster, ClusterMember, Unit, UnitEdition
from workflow.store.visible import visible


@dataclass(frozen=True, slots=True)
class ClusterWork:
    """What waits for the cluster's head or deputy, of what its reader may count."""

    open: int
    late: int
    next_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class UnitRow:
    """A unit as of today: its code, name, officer and telephone."""

    code: str
    name: str
    officer_name: str
    officer_telephone: str


def load_units(session: Session, clusters: Sequence[Cluster], today: date) -> Mapping[int, UnitRow]:
    """Return the members and officers of the clusters by id."""
    ids = [cluster.id for cluster in clusters]
    officers = {one for cluster in clusters for one in (cluster.head_unit_id, cluster.deputy_unit_id) if one}
    rows = session.execute(
        select(Unit.id, Unit.code, UnitEdition.name, UnitEdition.officer_name, UnitEdition.officer_telephone)
        .outerjoin(UnitEdition, named_edition(today))
        .where(
            or_(
                Unit.id.in_(select(ClusterMember.unit_id).where(ClusterMember.cluster_id.in_(ids))),
                among(Unit.id, officers),
            )
        )
    )
    return {
        row.id: UnitRow(row.code, row.name or row.code, row.officer_name or "", row.officer_telephone or "")
        for row in rows
    }


def load_members(session: Session, clusters: Sequence[Cluster]) -> Mapping[int, Sequence[int]]:
    """Return the ids of each cluster's members, in the order of their codes."""
    rows = session.execute(
        select(ClusterMember.cluster_id, ClusterMember.unit_id)
        .join(Unit, Unit.id == ClusterMember.unit_id)
        .where(among(ClusterMember.cluster_id, [cluster.id for cluster in clusters]))
        .order_by(ClusterMember.cluster_id, Unit.code_sort)
    )
    found: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        found[row.cluster_id].append(row.unit_id)
    return found


def load_people(session: Session, clusters: Sequence[Cluster], today: date) -> Mapping[str, Sequence[str]]:
    """Return the names of those who hold each cluster's seats today."""
    rows = session.execute(
        select(Grant.key, Account.name)
        .join(Account, Account.id == Grant.account_id)
        .where(
            among(Grant.key, _keys(clusters)),
            is_in_force(Grant, today),
            is_active(Account),
        )
        .order_by(Grant.key, Account.id)
    )
    found: dict[str, list[str]] = defaultdict(list)
    for row in rows:
        found[row.key].append(row.name)
    for names in found.values():
        names.sort(key=name_sort)
    return found


def load_headed(session: Session, clusters: Sequence[Cluster]) -> Mapping[tuple[int, int], Sequence[int]]:
    """Return the years in which each unit headed a cluster of each owner, the newest first."""
    rows = session.execute(
        select(Cluster.owner_unit_id, Cluster.head_unit_id, Cluster.year)
        .where(
            among(Cluster.owner_unit_id, {cluster.owner_unit_id for cluster in clusters}),
            Cluster.head_unit_id.is_not(None),
        )
        .distinct()
        .order_by(Cluster.owner_unit_id, Cluster.head_unit_id, Cluster.year.desc())
    )
    found: dict[tuple[int, int], list[int]] = defaultdict(list)
    for row in rows:
        found[(row.owner_unit_id, row.head_unit_id)].append(row.year)
    return found


def load_barred(session: Session, clusters: Sequence[Cluster]) -> Mapping[int, frozenset[int]]:
    """Return the ids of the units barred in the years before those of the clusters, by year."""
    rows = session.execute(
        select(BarredUnit.year, BarredUnit.unit_id).where(
            among(BarredUnit.year, {cluster.year - 1 for cluster in clusters})
        )
    )
    found: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        found[row.year].add(row.unit_id)
    return defaultdict(frozenset, {year: frozenset(ids) for year, ids in found.items()})


def load_work(
    session: Session, actor: Actor, clusters: Sequence[Cluster], now: datetime
) -> Mapping[str, ClusterWork]:
    """Return what waits for the officers of each cluster, by its code, of what the actor may count."""
    rows = session.execute(
        select(
            func.split_part(WorkItem.owner_key, "@cluster:", 2).label("cluster"),
            func.count().label("open"),
            func.count().filter(WorkItem.due_at < now).label("late"),
            func.min(WorkItem.due_at).label("next_due_at"),
        )
        .join(Nomination, Nomination.id == WorkItem.nomination_id)
        .where(
            among(WorkItem.owner_key, _keys(clusters)),
            is_open(WorkItem),
            visible(actor.scope, Depth.COUNT),
        )
        .group_by("cluster")
    )
    return {row.cluster: ClusterWork(row.open, row.late, row.next_due_at) for row in rows}


def _keys(clusters: Sequence[Cluster]) -> Iterable[str]:
    for role in (Role.CLUSTER_HEAD, Role.CLUSTER_DEPUTY):
        for cluster in clusters:
            yield f"{role}@cluster:{cluster.code}"
