"""Clusters and blocks of a year: making and changing them, and saying who heads.

Every change takes the owner's lock first, then the cluster's row: numbers, members and officers of one owner
are decided one after the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Self

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.clusters.officers import (
    ClusterKind,
    Headed,
    Officers,
    may_set_officers,
    refuse_officers,
    runs_clusters,
)
from workflow.domain.errors import (
    Conflict,
    FieldError,
    Forbidden,
    InvalidField,
    NotFound,
    RequirementsMissing,
)
from workflow.domain.rights.policy import Actor
from workflow.domain.text import normalise
from workflow.domain.vocabulary import Via
from workflow.operations.clusters.grants import first_day, follow_officers
from workflow.operations.clusters.members import insert_members, member_ids, replace_members, unit_ids_of
from workflow.operations.history.streams import append_event, demand_unchanged
from workflow.operations.keys import Claim, claim_key, settle_key
from workflow.store.clusters import barred_in, lock_clusters_of, members_of
from workflow.store.codes import is_named, spellings, stored_code
from workflow.store.organisation import Cluster, Unit

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2100
BIGGEST_NUMBER: Final = 999


@dataclass(frozen=True, slots=True)
class NewCluster:
    """A cluster to make: its year, its owner's code, its number there, its name, and its members' codes."""

    year: int
    owner_code: str
    number: int
    name: str
    member_codes: Sequence[str]
    kind: ClusterKind = ClusterKind.CLUSTER


@dataclass(frozen=True, slots=True)
class ClusterChanges:
    """What to change of a cluster; what is None stays. `member_codes` are all the members it then has.

    `seen` is the version it is based on, None where nobody named one.
    """

    name: str | None = None
    kind: ClusterKind | None = None
    member_codes: Sequence[str] | None = None
    seen: int | None = None


@dataclass(frozen=True, slots=True)
class NewOfficers:
    """Who heads, who stands in, by whose word, and from which day; None is the first day of the year.

    `seen` is the version of the cluster it is based on, None where nobody named one.
    """

    officers: Officers
    how: Headed
    since: date | None = None
    seen: int | None = None


@dataclass(frozen=True, slots=True)
class ClusterOutcome:
    """The cluster a request was about. `was_answered_before` is true when its key had been seen."""

    cluster_id: int
    was_answered_before: bool = False

    @classmethod
    def again(cls, result: dict[str, object]) -> Self:
        """Return the outcome a request key remembered."""
        return cls(int(str(result["cluster_id"])), was_answered_before=True)


def create_cluster(
    session: Session,
    *,
    actor: Actor | None,
    new: NewCluster,
    via: Via,
    now: datetime,
    claim: Claim | None = None,
) -> ClusterOutcome:
    """Make a cluster of a year without officers, and commit.

    Raises `Conflict` when the owner has that number in that year or a member sits in another cluster of it,
    `InvalidField` naming what cannot be taken, `Forbidden` unless the actor supervises or administers the
    owner. Without an actor the command line speaks for the administrator.
    """
    answered = claim_key(session, claim, actor=actor, now=now)
    if answered is not None:
        return ClusterOutcome.again(answered)
    row = lay_cluster(session, new, actor=actor, via=via, now=now)
    settle_key(session, claim, actor=actor, result={"cluster_id": row.id})
    session.commit()
    return ClusterOutcome(row.id)


def lay_cluster(
    session: Session, new: NewCluster, *, actor: Actor | None, via: Via, now: datetime
) -> Cluster:
    """Make a cluster as `create_cluster` does, without committing: imports and a year's opening make many."""
    owner_id = owner_of(session, new.owner_code)
    demand_runs(actor, owner_id)
    lock_clusters_of(session, owner_id)
    _check_numbers(new)
    name = _name(new.name)
    code = f"{new.year}/{stored_code(session, Unit.code, new.owner_code)}/{new.number}"
    if session.scalar(select(Cluster.id).where(Cluster.code == code)):
        raise Conflict(f"There is a cluster {code} already.")
    row = Cluster(
        code=code, year=new.year, owner_unit_id=owner_id, number=new.number, name=name, kind=new.kind
    )
    members = member_ids(session, row, new.member_codes)
    session.add(row)
    session.flush()
    insert_members(session, row, members.values())
    data = {"year": new.year, "number": new.number, "members": sorted(members)}
    append_event(session, f"cluster:{row.id}", "create", actor=actor, via=via, now=now, data=data)
    return row


def change_cluster(
    session: Session,
    *,
    actor: Actor | None,
    cluster_id: int,
    changes: ClusterChanges,
    via: Via,
    now: datetime,
) -> None:
    """Change a cluster's name, kind or members, and commit.

    Raises `NotFound`, `Forbidden`, `InvalidField`; `Conflict` when the head or deputy would be no member any
    more, a leaving member has files before the cluster, a new one sits in another cluster of the year, or
    the cluster is not as it was seen.
    """
    row = locked_cluster(session, cluster_id)
    demand_runs(actor, row.owner_unit_id)
    demand_unchanged(session, f"cluster:{row.id}", changes.seen)
    data: dict[str, object] = {}
    if changes.name is not None:
        row.name = data["name"] = _name(changes.name)
    if changes.kind is not None:
        row.kind = data["kind"] = changes.kind
    if changes.member_codes is not None:
        data |= replace_members(session, row, changes.member_codes)
    session.flush()
    append_event(session, f"cluster:{row.id}", "edit", actor=actor, via=via, now=now, data=data)
    session.commit()


def set_officers(
    session: Session,
    *,
    actor: Actor | None,
    cluster_id: int,
    new: NewOfficers,
    via: Via,
    now: datetime,
    claim: Claim | None = None,
) -> ClusterOutcome:
    """Say who heads a cluster and who stands in, let the grants follow, and commit.

    Raises `NotFound`, `Forbidden`, `RequirementsMissing` with every rule that says no, `Conflict` when the
    cluster is not as it was seen. Work that waits for the cluster keeps its key, so the new head finds it.
    """
    answered = claim_key(session, claim, actor=actor, now=now)
    if answered is not None:
        return ClusterOutcome.again(answered)
    row = locked_cluster(session, cluster_id)
    appoint(session, row, new, actor=actor, via=via, now=now)
    settle_key(session, claim, actor=actor, result={"cluster_id": row.id})
    session.commit()
    return ClusterOutcome(row.id)


def appoint(
    session: Session, row: Cluster, new: NewOfficers, *, actor: Actor | None, via: Via, now: datetime
) -> None:
    """Set the officers of a locked cluster as `set_officers` does, without committing."""
    owner = session.scalar(select(Unit.code).where(Unit.id == row.owner_unit_id)) or ""
    if actor is not None and not may_set_officers(
        actor, owner_unit_id=row.owner_unit_id, owner=owner, cluster=row.code, how=new.how
    ):
        raise Forbidden(
            "Only who heads, supervises or administers the owner appoints; a vote its cluster's head records."
        )
    demand_unchanged(session, f"cluster:{row.id}", new.seen)
    officers = _as_stored(session, new.officers)
    members = members_of(session, [row.id]).get(row.id, ())
    barred = barred_in(session, row.year - 1)
    reasons = refuse_officers(officers, members=members, barred=barred, year=row.year)
    if reasons:
        raise RequirementsMissing("These units cannot take these offices.", reasons=reasons)
    ids = unit_ids_of(session, [officers.head, officers.deputy or ""])
    row.head_unit_id = ids[officers.head]
    row.deputy_unit_id = ids.get(officers.deputy or "")
    row.headed_how = new.how
    row.officers_from = new.since or first_day(row.year)
    session.flush()
    grants = follow_officers(session, row, now=now)
    data = {
        "head": officers.head,
        "deputy": officers.deputy,
        "how": new.how,
        "from": row.officers_from.isoformat(),
        "grants": grants,
    }
    append_event(session, f"cluster:{row.id}", "set_officers", actor=actor, via=via, now=now, data=data)


def _as_stored(session: Session, officers: Officers) -> Officers:
    """Return officers with their units' codes as they are stored."""
    stored = spellings(session, Unit.code, filter(None, (officers.head, officers.deputy)))
    deputy = officers.deputy and stored.get(officers.deputy, officers.deputy)
    return Officers(stored.get(officers.head, officers.head), deputy)


def owner_of(session: Session, code: str) -> int:
    """Return the id of the unit that owns clusters, or raise `InvalidField`."""
    owner = session.scalar(select(Unit.id).where(is_named(session, Unit.code, code)))
    if owner is None:
        message = f"no unit '{code}'"
        raise InvalidField(f"The owner is unknown: {message}.", errors=[FieldError("owner", message)])
    return owner


def demand_runs(actor: Actor | None, owner_unit_id: int) -> None:
    """Raise `Forbidden` unless the actor supervises or administers the owner of the clusters."""
    if actor is not None and not runs_clusters(actor, owner_unit_id):
        raise Forbidden("Only who supervises or administers the owner of these clusters may do this.")


def locked_cluster(session: Session, cluster_id: int) -> Cluster:
    """Return a cluster, locked behind its owner's lock; raise `NotFound` without one."""
    owner = session.scalar(select(Cluster.owner_unit_id).where(Cluster.id == cluster_id))
    if owner is None:
        raise NotFound(f"There is no cluster {cluster_id}.")
    lock_clusters_of(session, owner)
    statement = select(Cluster).where(Cluster.id == cluster_id).with_for_update(key_share=True)
    return session.scalars(statement.execution_options(populate_existing=True)).one()


def _check_numbers(new: NewCluster) -> None:
    errors = []
    if not FIRST_YEAR <= new.year <= LAST_YEAR:
        errors.append(FieldError("year", f"must be from {FIRST_YEAR} to {LAST_YEAR}"))
    if not 1 <= new.number <= BIGGEST_NUMBER:
        errors.append(FieldError("number", f"must be from 1 to {BIGGEST_NUMBER}"))
    if errors:
        raise InvalidField("The cluster cannot be made.", errors=errors)


def _name(text: str) -> str:
    name = normalise(text, field="name", single_line=True)
    if not name:
        raise InvalidField("A cluster has a name.", errors=[FieldError("name", "is required")])
    return name
