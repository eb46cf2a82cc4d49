"""Clusters and blocks of a year out of a file: a row for each member, head and deputy among them.

A cluster that the file names is afterwards as the file lists it; clusters it does not name stay.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.clusters.officers import ClusterKind, Headed, Officers, refuse_officers
from workflow.domain.vocabulary import Role
from workflow.imports.kinds.cluster_wishes import DEPUTY, HEAD, ClusterWish, read_row
from workflow.imports.kinds.units import KnownUnit, load_units
from workflow.imports.ledger import Write, added, changed, new_ids, removed
from workflow.imports.plan import ImportPlan
from workflow.imports.reading.bad_cells import BadCells
from workflow.imports.reading.cells import Cells
from workflow.operations.clusters.grants import first_day
from workflow.operations.history.streams import StreamEvent
from workflow.store.base import table_of
from workflow.store.clusters import barred_in, lock_clusters_of
from workflow.store.conditions import is_open
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.organisation import Cluster, ClusterMember


@dataclass(frozen=True, slots=True)
class _Present:
    """The clusters of the years and owners in the file: rows by code, members by cluster."""

    clusters: Mapping[str, Mapping[str, object]]
    members: Mapping[tuple[int, int, int], Mapping[str, object]]


def plan_clusters(session: Session, rows: Sequence[Cells], problems: BadCells) -> ImportPlan:
    """Return what the rows change; whoever heads gives the seat of the cluster to their unit's head."""
    units = load_units(session)
    wishes: dict[str, ClusterWish] = {}
    for cells in rows:
        read_row(cells, units, wishes)
    for owner_id in sorted({wish.owner.unit_id for wish in wishes.values()}):
        lock_clusters_of(session, owner_id)
    present = _present(session, list(wishes.values()))
    for wish in wishes.values():
        _check(session, wish, present, wishes)
    problems.demand_none()
    codes = {unit.unit_id: unit.code for unit in units.by_code.values()}
    return _plan(session, list(wishes.values()), present, codes)


def _present(session: Session, wishes: Sequence[ClusterWish]) -> _Present:
    years, owners = {wish.year for wish in wishes}, {wish.owner.unit_id for wish in wishes}
    cluster, member = table_of(Cluster), table_of(ClusterMember)
    clusters = session.execute(
        select(cluster).where(cluster.c.year.in_(years), cluster.c.owner_unit_id.in_(owners))
    ).mappings()
    members = session.execute(
        select(member).where(member.c.year.in_(years), member.c.owner_unit_id.in_(owners))
    ).mappings()
    return _Present(
        {row["code"]: dict(row) for row in clusters},
        {(row["unit_id"], row["year"], row["owner_unit_id"]): dict(row) for row in members},
    )


def _check(session: Session, wish: ClusterWish, present: _Present, wishes: Mapping[str, ClusterWish]) -> None:
    now = present.clusters.get(wish.code)
    if now is None and not wish.name:
        wish.cells.bad("name", "a new cluster has a name")
    if DEPUTY in wish.officers and HEAD not in wish.officers:
        wish.officers[DEPUTY][1].bad("role", f"cluster {wish.code} has a deputy and no head")
    barred = barred_in(session, wish.year - 1)
    for role, (unit, cells) in wish.officers.items():
        members = {one.code for one, _ in wish.members.values()}
        for reason in refuse_officers(Officers(unit.code), members=members, barred=barred, year=wish.year):
            cells.bad("role" if role else "unit", reason.message)
    for unit, cells in wish.members.values():
        _check_member(wish, unit, cells, present, wishes)
    _check_leaving(session, wish, present)


def _check_member(
    wish: ClusterWish,
    unit: KnownUnit,
    cells: Cells,
    present: _Present,
    wishes: Mapping[str, ClusterWish],
) -> None:
    """Name a unit that another cluster of the same year and owner has and keeps."""
    for other in wishes.values():
        same = other.year == wish.year and other.owner.unit_id == wish.owner.unit_id
        if same and other.code != wish.code and unit.unit_id in other.members:
            cells.bad(
                "unit", f"is in cluster {other.code} too, in line {other.members[unit.unit_id][1].line}"
            )
            return
    there = present.members.get((unit.unit_id, wish.year, wish.owner.unit_id))
    home = next(
        (code for code, row in present.clusters.items() if there and row["id"] == there["cluster_id"]), None
    )
    if home is not None and home != wish.code and home not in wishes:
        cells.bad("unit", f"is in cluster {home} of this year, which the file does not name")


def _check_leaving(session: Session, wish: ClusterWish, present: _Present) -> None:
    """Refuse to take a unit out whose files wait for the cluster."""
    leaving = [row["unit_id"] for row in _leaving(wish, present)]
    if not leaving:
        return
    keys = [f"{role}@cluster:{wish.code}" for role in (Role.CLUSTER_HEAD, Role.CLUSTER_DEPUTY)]
    waiting = session.scalar(
        select(WorkItem.id)
        .join(Nomination, Nomination.id == WorkItem.nomination_id)
        .where(Nomination.unit_id.in_(leaving), WorkItem.owner_key.in_(keys), is_open(WorkItem))
        .limit(1)
    )
    if waiting is not None:
        wish.cells.bad("unit", f"cluster {wish.code} loses a member whose files wait for it", "")


def _leaving(wish: ClusterWish, present: _Present) -> list[Mapping[str, object]]:
    now = present.clusters.get(wish.code)
    if now is None:
        return []
    rows = [row for row in present.members.values() if row["cluster_id"] == now["id"]]
    return [row for row in rows if row["unit_id"] not in wish.members]


def _plan(
    session: Session, wishes: Sequence[ClusterWish], present: _Present, codes: Mapping[int, str]
) -> ImportPlan:
    plan = ImportPlan()
    ids = iter(new_ids(session, "cluster", sum(wish.code not in present.clusters for wish in wishes)))
    leaves: list[Write] = []
    joins: list[Write] = []
    for wish in wishes:
        now = present.clusters.get(wish.code)
        gone = _leaving(wish, present)
        leaves += [removed("cluster_member", row) for row in gone]
        cluster_id = next(ids) if now is None else int(str(now["id"]))
        there = {row["unit_id"] for row in present.members.values() if row["cluster_id"] == cluster_id}
        new = [unit for unit, _ in wish.members.values() if unit.unit_id not in there]
        joins += [added("cluster_member", _member(wish, cluster_id, unit)) for unit in new]
        then = _values(wish, now)
        if now is None:
            plan.new.append(wish.code)
            plan.writes.append(added("cluster", {"id": cluster_id, **then}))
        else:
            one = changed("cluster", {"id": cluster_id}, now, then)
            plan.writes += [one] if one else []
            members = (
                tuple(sorted(codes[int(str(row["unit_id"]))] for row in gone)),
                tuple(sorted(unit.code for unit in new)),
            )
            plan.note_change(wish.code, _fields(now, then, members, codes))
        if now is None or changed("cluster", {}, now, then) or gone or new:
            plan.events.append(StreamEvent(f"cluster:{cluster_id}", "import", _told(wish)))
    # A unit that changes its cluster leaves the one before it joins the other.
    plan.writes = [*leaves, *plan.writes, *joins]
    return plan


def _member(wish: ClusterWish, cluster_id: int, unit: KnownUnit) -> dict[str, object]:
    return {
        "cluster_id": cluster_id,
        "unit_id": unit.unit_id,
        "year": wish.year,
        "owner_unit_id": wish.owner.unit_id,
    }


def _values(wish: ClusterWish, now: Mapping[str, object] | None) -> dict[str, object]:
    """Return the row of a cluster: what the file leaves open stays, new officers begin with the year."""
    base: Mapping[str, object] = now or {
        "name": wish.name, "kind": ClusterKind.CLUSTER, "headed_how": None, "officers_from": None,
        "head_unit_id": None, "deputy_unit_id": None,
    }  # fmt: skip
    head, deputy = wish.officer(HEAD), wish.officer(DEPUTY)
    if not wish.cells.has("role"):
        head, deputy = _id(base["head_unit_id"]), _id(base["deputy_unit_id"])
    since: date | None = first_day(wish.year) if head else None
    is_same = (head, deputy) == (base["head_unit_id"], base["deputy_unit_id"])
    how = wish.how or (base["headed_how"] if is_same else Headed.APPOINTED)
    return {
        "code": wish.code,
        "year": wish.year,
        "owner_unit_id": wish.owner.unit_id,
        "number": wish.number,
        "name": wish.name or base["name"],
        "kind": str(wish.kind or base["kind"]),
        "head_unit_id": head,
        "deputy_unit_id": deputy,
        "headed_how": str(how) if head and how else None,
        "officers_from": base["officers_from"] if is_same else since,
    }


def _id(value: object) -> int | None:
    return None if value is None else int(str(value))


def _fields(
    now: Mapping[str, object],
    then: Mapping[str, object],
    members: tuple[tuple[str, ...], tuple[str, ...]],
    codes: Mapping[int, str],
) -> dict[str, tuple[object, object]]:
    gone, new = members

    def unit(row: Mapping[str, object], column: str) -> str:
        return codes.get(int(str(row[column] or 0)), "")

    return {
        "name": (now["name"], then["name"]),
        "kind": (now["kind"], then["kind"]),
        "head": (unit(now, "head_unit_id"), unit(then, "head_unit_id")),
        "deputy": (unit(now, "deputy_unit_id"), unit(then, "deputy_unit_id")),
        "how": (now["headed_how"], then["headed_how"]),
        "members": (tuple(f"-{code}" for code in gone), tuple(f"+{code}" for code in new)),
    }


def _told(wish: ClusterWish) -> dict[str, object]:
    officers = {role: unit.code for role, (unit, _) in wish.officers.items()}
    return {
        "members": sorted(unit.code for unit, _ in wish.members.values()),
        "head": officers.get(HEAD),
        "deputy": officers.get(DEPUTY),
    }
