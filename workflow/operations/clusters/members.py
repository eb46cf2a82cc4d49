"""Who is in a cluster, and who may leave it. Never commits."""

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict, FieldError, InvalidField, Reason
from workflow.domain.vocabulary import Role
from workflow.store.clusters import members_of
from workflow.store.codes import spellings
from workflow.store.conditions import is_open
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.organisation import Cluster, ClusterMember, Unit

MOST_MEMBERS: Final = 200


def replace_members(session: Session, row: Cluster, codes: Sequence[str]) -> dict[str, object]:
    """Give a locked cluster these members and no others; return who left and who joined, by code.

    Raises `Conflict`, `InvalidField` as `change_cluster` says.
    """
    wanted = member_ids(session, row, codes)
    before = set(members_of(session, [row.id]).get(row.id, ()))
    leaving, joining = sorted(before - set(wanted)), sorted(set(wanted) - before)
    ids = unit_ids_of(session, leaving)
    _demand_may_leave(session, row, ids)
    if leaving:
        gone = ClusterMember.unit_id.in_(list(ids.values()))
        session.execute(delete(ClusterMember).where(ClusterMember.cluster_id == row.id, gone))
    insert_members(session, row, [wanted[code] for code in joining])
    return {"left": leaving, "joined": joining}


def _demand_may_leave(session: Session, row: Cluster, ids: dict[str, int]) -> None:
    """Raise `Conflict` when a leaving unit is head or deputy, or has files that wait for this cluster."""
    officers = [code for code, unit_id in ids.items() if unit_id in {row.head_unit_id, row.deputy_unit_id}]
    reasons = [
        Reason("member_in_office", f"{code} is head or deputy: set other officers first.", {"unit": code})
        for code in officers
    ]
    keys = [f"{role}@cluster:{row.code}" for role in (Role.CLUSTER_HEAD, Role.CLUSTER_DEPUTY)]
    waiting = session.execute(
        select(Nomination.unit_id, func.count().label("found"))
        .join(WorkItem, WorkItem.nomination_id == Nomination.id)
        .where(
            Nomination.unit_id.in_(list(ids.values())),
            WorkItem.owner_key.in_(keys),
            is_open(WorkItem),
        )
        .group_by(Nomination.unit_id)
        .order_by(Nomination.unit_id)
    )
    codes = {unit_id: code for code, unit_id in ids.items()}
    for item in waiting:
        unit, count = codes[item.unit_id], str(item.found)
        message = f"{unit} has {count} nominations before this cluster: let it decide or return them first."
        reasons.append(Reason("member_has_files", message, {"unit": unit, "count": count}))
    if reasons:
        raise Conflict("A member cannot leave the cluster now.", reasons=reasons)


def member_ids(session: Session, row: Cluster, codes: Sequence[str]) -> dict[str, int]:
    """Return the ids of the members by code, or raise what is wrong with them, each named."""
    if not codes or len(codes) > MOST_MEMBERS:
        message = f"must name 1 to {MOST_MEMBERS} units"
        raise InvalidField(f"members {message}.", errors=[FieldError("members", message)])
    stored = spellings(session, Unit.code, codes)
    ids = unit_ids_of(session, sorted(set(stored.values())))
    unknown = [code for code in dict.fromkeys(codes) if code not in stored]
    if unknown:
        errors = [FieldError("members", f"no unit '{code}'") for code in unknown]
        raise InvalidField("Members name units that do not exist.", errors=errors)
    elsewhere = session.execute(
        select(Unit.code, Cluster.code.label("cluster"))
        .join(ClusterMember, ClusterMember.unit_id == Unit.id)
        .join(Cluster, Cluster.id == ClusterMember.cluster_id)
        .where(
            Unit.id.in_(list(ids.values())),
            Cluster.year == row.year,
            Cluster.owner_unit_id == row.owner_unit_id,
            Cluster.code != row.code,
        )
        .order_by(Unit.code)
    ).all()
    if elsewhere:
        reasons = [
            Reason(
                "member_elsewhere",
                f"{item.code} is a member of {item.cluster} in this year.",
                {"unit": item.code, "cluster": item.cluster},
            )
            for item in elsewhere
        ]
        raise Conflict("A unit has one cluster of an owner in a year.", reasons=reasons)
    return ids


def insert_members(session: Session, row: Cluster, unit_ids: Collection[int]) -> None:
    """Write the members of a cluster."""
    rows = [
        {"cluster_id": row.id, "unit_id": unit_id, "year": row.year, "owner_unit_id": row.owner_unit_id}
        for unit_id in unit_ids
    ]
    if rows:
        session.execute(insert(ClusterMember), rows)


def unit_ids_of(session: Session, codes: Sequence[str]) -> dict[str, int]:
    """Return the ids of those of the units that exist, by code."""
    rows = session.execute(select(Unit.code, Unit.id).where(Unit.code.in_(list(codes))).order_by(Unit.code))
    return {row.code: row.id for row in rows}
