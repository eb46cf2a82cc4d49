"""Clusters of a year: who is in them, who heads and stands in, whom to telephone, who headed before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, Select, func, select, tuple_
from sqlalchemy.orm import Session

from workflow.domain.clusters.officers import (
    ClusterKind,
    Headed,
    may_set_officers,
    runs_clusters,
)
from workflow.domain.errors import NotFound
from workflow.domain.names import title_sort
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.scope import oversees
from workflow.domain.vocabulary import Role
from workflow.queries.clusters.rows import (
    ClusterWork,
    UnitRow,
    load_barred,
    load_headed,
    load_members,
    load_people,
    load_units,
    load_work,
)
from workflow.queries.paging import Page, cut, decode_cursor, encode_cursor, name_of, text, whole
from workflow.queries.shapes import Named
from workflow.store.codes import is_named
from workflow.store.conditions import named_edition
from workflow.store.database import local_day
from workflow.store.history import stream_version
from workflow.store.organisation import Cluster, Unit, UnitEdition

YEARS_BACK: Final = 10


@dataclass(frozen=True, slots=True)
class OfficerView:
    """A unit that heads or stands in: its officer and telephone, and who holds the seat today.

    `is_barred` says that it was not considered the year before; null to readers whom that does not concern.
    """

    unit: Named
    officer_name: str
    officer_telephone: str
    people: tuple[str, ...]
    is_barred: bool | None


@dataclass(frozen=True, slots=True)
class MemberView:
    """A member unit with the years of the last ten in which it headed a cluster of this owner."""

    code: str
    name: str
    headed: tuple[int, ...]
    is_barred: bool | None


@dataclass(frozen=True, slots=True)
class ClusterView:
    """A cluster or block of a year; its officers are in office from `officers_from`.

    `may` says what its reader may do: edit, appoint, record_vote, see_rotation, open_year.
    """

    id: int
    version: int
    code: str
    year: int
    owner: Named
    number: int
    name: str
    kind: ClusterKind
    head: OfficerView | None
    deputy: OfficerView | None
    how: Headed | None
    officers_from: date | None
    members: tuple[MemberView, ...]
    work: ClusterWork
    may: tuple[str, ...]


def list_clusters(
    session: Session,
    *,
    actor: Actor,
    year: int | None,
    owner: str | None,
    now: datetime,
    limit: int,
    cursor: str | None,
) -> Page[ClusterView]:
    """Return one page of the clusters, the newest year first, then by owner and number."""
    place = (-Cluster.year, Unit.code_sort, Unit.code, Cluster.number)
    statement = _clusters(local_day(session, now))
    if year is not None:
        statement = statement.where(Cluster.year == year)
    if owner is not None:
        statement = statement.where(is_named(session, Unit.code, owner))
    name = name_of("clusters", year, owner)
    if cursor is not None:
        places = decode_cursor(name, cursor, whole, text, text, whole)
        statement = statement.where(tuple_(*place) > tuple_(*places))
    rows = session.execute(statement.order_by(*place).limit(limit + 1)).all()
    views = _views(session, actor, rows, now)
    return cut(
        views,
        limit,
        item=lambda view: view,
        cursor=lambda view: encode_cursor(
            name, -view.year, title_sort(view.owner.code), view.owner.code, view.number
        ),
    )


def get_cluster(session: Session, *, actor: Actor, cluster_id: int, now: datetime) -> ClusterView:
    """Return one cluster, or raise `NotFound`."""
    row = session.execute(_clusters(local_day(session, now)).where(Cluster.id == cluster_id)).one_or_none()
    if row is None:
        raise NotFound(f"There is no cluster {cluster_id}.")
    return _views(session, actor, [row], now)[0]


def may_read_bars(actor: Actor, *, owner_unit_id: int, owner: str) -> bool:
    """Return whether it concerns the actor which units of an owner's clusters were not considered."""
    return (
        runs_clusters(actor, owner_unit_id)
        or oversees(actor.scope, owner_unit_id)
        or f"{Role.HEAD}@unit:{owner}" in actor.keys
    )


def _clusters(today: date) -> Select[*tuple[Any, ...]]:
    version = stream_version(func.concat("cluster:", Cluster.id))
    return (
        select(Cluster, Unit.code, UnitEdition.name, version.label("version"))
        .join(Unit, Unit.id == Cluster.owner_unit_id)
        .outerjoin(UnitEdition, named_edition(today))
    )


def _views(session: Session, actor: Actor, rows: Sequence[Row[Any]], now: datetime) -> list[ClusterView]:
    """Return clusters with everything around them, in a handful of statements whatever their number."""
    today = local_day(session, now)
    clusters = [row.Cluster for row in rows]
    units = load_units(session, clusters, today)
    members = load_members(session, clusters)
    people = load_people(session, clusters, today)
    headed = load_headed(session, clusters)
    barred = load_barred(session, clusters)
    work = load_work(session, actor, clusters, now)
    views = []
    for row in rows:
        cluster, owner = row.Cluster, Named(row.code, row.name or row.code)
        reads = may_read_bars(actor, owner_unit_id=cluster.owner_unit_id, owner=owner.code)
        marks = barred[cluster.year - 1] if reads else None
        since = cluster.year - YEARS_BACK
        views.append(
            ClusterView(
                id=cluster.id,
                version=row.version,
                code=cluster.code,
                year=cluster.year,
                owner=owner,
                number=cluster.number,
                name=cluster.name,
                kind=ClusterKind(cluster.kind),
                head=_officer(
                    f"{Role.CLUSTER_HEAD}@cluster:{cluster.code}",
                    cluster.head_unit_id,
                    units=units,
                    people=people,
                    barred=marks,
                ),
                deputy=_officer(
                    f"{Role.CLUSTER_DEPUTY}@cluster:{cluster.code}",
                    cluster.deputy_unit_id,
                    units=units,
                    people=people,
                    barred=marks,
                ),
                how=Headed(cluster.headed_how) if cluster.headed_how else None,
                officers_from=cluster.officers_from,
                members=tuple(
                    MemberView(
                        code=units[unit_id].code,
                        name=units[unit_id].name,
                        headed=tuple(
                            year
                            for year in headed[(cluster.owner_unit_id, unit_id)]
                            if since <= year <= cluster.year
                        ),
                        is_barred=None if marks is None else unit_id in marks,
                    )
                    for unit_id in members[cluster.id]
                ),
                work=work.get(cluster.code, ClusterWork(0, 0, None)),
                may=_may(actor, cluster, owner.code),
            )
        )
    return views


def _may(actor: Actor, cluster: Cluster, owner: str) -> tuple[str, ...]:
    runs = runs_clusters(actor, cluster.owner_unit_id)
    sets = {
        how: may_set_officers(
            actor, owner_unit_id=cluster.owner_unit_id, owner=owner, cluster=cluster.code, how=how
        )
        for how in Headed
    }
    allowed = {
        "edit": runs,
        "appoint": sets[Headed.APPOINTED],
        "record_vote": sets[Headed.ELECTED],
        "see_rotation": may_read_bars(actor, owner_unit_id=cluster.owner_unit_id, owner=owner),
        "open_year": runs,
    }
    return tuple(name for name, is_allowed in allowed.items() if is_allowed)


def _officer(
    seat: str,
    unit_id: int | None,
    *,
    units: Mapping[int, UnitRow],
    people: Mapping[str, Sequence[str]],
    barred: frozenset[int] | None,
) -> OfficerView | None:
    if unit_id is None:
        return None
    unit = units[unit_id]
    return OfficerView(
        unit=Named(unit.code, unit.name),
        officer_name=unit.officer_name,
        officer_telephone=unit.officer_telephone,
        people=tuple(people.get(seat, ())),
        is_barred=None if barred is None else unit_id in barred,
    )
