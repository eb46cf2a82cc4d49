"""Clusters of a year as the rules want them: members, officers, who headed when, whose grants follow."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import BigInteger, ColumnElement, ScalarSelect, Text, and_, bindparam, func, select
from sqlalchemy.orm import Session, aliased

from workflow.domain.clusters.officers import ClusterKind, HeldTerm, Term
from workflow.domain.clusters.rotation import YearsCluster
from workflow.store.access import Grant
from workflow.store.awards import Round
from workflow.store.base import among
from workflow.store.conditions import is_in_force
from workflow.store.nominations import Nomination
from workflow.store.organisation import BarredUnit, Cluster, ClusterMember, Unit, UnitEdition
from workflow.store.statements import Statement

MOST_CLUSTERS = 500
"""How many clusters one owner may have in a year; the whole sector has seventeen."""


def in_cluster_of_round(round_: type[Round] = Round) -> ColumnElement[bool]:
    """Return the condition that joins a nomination's unit with the cluster it is in for its round."""
    return and_(
        ClusterMember.unit_id == Nomination.unit_id,
        ClusterMember.year == round_.year,
        ClusterMember.owner_unit_id == round_.owner_unit_id,
    )


_KIND: Final = Statement(
    select(Cluster.kind)
    .join(ClusterMember, ClusterMember.cluster_id == Cluster.id)
    .join(Unit, Unit.id == ClusterMember.unit_id)
    .join(
        Round,
        and_(Round.year == ClusterMember.year, Round.owner_unit_id == ClusterMember.owner_unit_id),
    )
    .where(
        Unit.code == bindparam("unit", type_=Text()),
        Round.id == bindparam("round_id", type_=BigInteger()),
    )
)


def kind_of_cluster(*, joins_round: bool = False) -> ScalarSelect[str]:
    """Return, beside a nomination, the kind of its unit's cluster in its round; null without one.

    Where the statement `joins_round` already, that one is asked: two looks into an index for each row.
    """
    round_ = Round if joins_round else aliased(Round)
    of_unit = select(ClusterMember.cluster_id).where(in_cluster_of_round(round_))
    if joins_round:
        found = of_unit.correlate(Nomination, Round)
    else:
        found = of_unit.where(round_.id == Nomination.round_id).correlate(Nomination)
    return select(Cluster.kind).where(Cluster.id == found.scalar_subquery()).scalar_subquery()


def kind_of_units_cluster(session: Session, *, unit: str, round_id: int) -> str | None:
    """Return the kind of the cluster that a unit, by its code, is in for a round; None without one."""
    found = _KIND.fetch(session, {"unit": unit, "round_id": round_id})
    return found[0].kind if found else None


@dataclass(frozen=True, slots=True)
class RotationFacts:
    """What a rotation is proposed from, for the clusters of one owner and the year after theirs."""

    clusters: tuple[YearsCluster, ...]
    alive: frozenset[str]
    barred: frozenset[str]
    headed: Mapping[str, int]


def lock_clusters_of(session: Session, owner_unit_id: int) -> None:
    """Hold every change to an owner's clusters until the transaction ends.

    Numbers and members of one owner are one decision. A cluster's own row is locked after it.
    """
    key = f"clusters:{owner_unit_id}"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))


def members_of(session: Session, cluster_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Return the codes of each cluster's members, in the order of the codes."""
    rows = session.execute(
        select(ClusterMember.cluster_id, Unit.code)
        .join(Unit, Unit.id == ClusterMember.unit_id)
        .where(among(ClusterMember.cluster_id, cluster_ids))
        .order_by(ClusterMember.cluster_id, Unit.code_sort)
    )
    found: dict[int, list[str]] = defaultdict(list)
    for row in rows:
        found[row.cluster_id].append(row.code)
    return {key: tuple(codes) for key, codes in found.items()}


def barred_in(session: Session, year: int) -> frozenset[str]:
    """Return the codes of the units that were not considered for emulation in a year."""
    codes = select(Unit.code).join(BarredUnit, BarredUnit.unit_id == Unit.id).where(BarredUnit.year == year)
    return frozenset(session.scalars(codes.order_by(Unit.code)))


def alive_units(session: Session, day: date) -> frozenset[str]:
    """Return the codes of the units that exist on a day."""
    codes = (
        select(Unit.code)
        .join(UnitEdition, UnitEdition.unit_id == Unit.id)
        .where(is_in_force(UnitEdition, day))
    )
    return frozenset(session.scalars(codes.order_by(Unit.code)))


def load_rotation(session: Session, *, owner_unit_id: int, year: int, today: date) -> RotationFacts:
    """Return what the clusters of `year` are proposed from: those of the year before and their history."""
    return RotationFacts(
        clusters=_clusters_of(session, owner_unit_id, year - 1),
        alive=alive_units(session, today),
        barred=barred_in(session, year - 1),
        headed=_last_headed(session, owner_unit_id, year),
    )


def held_terms(session: Session, key: str) -> list[HeldTerm]:
    """Return every grant of a key, past ones too, oldest first."""
    rows = session.scalars(select(Grant).where(Grant.key == key).order_by(Grant.valid_from, Grant.id))
    return [HeldTerm(row.id, Term(row.account_id, row.valid_from, row.valid_to)) for row in rows]


def terms_of(session: Session, key: str) -> list[Term]:
    """Return the times in which accounts hold a key, one after another joined, by account and first day."""
    rows = session.scalars(
        select(Grant).where(Grant.key == key).order_by(Grant.account_id, Grant.valid_from, Grant.id)
    )
    joined: list[Term] = []
    for row in rows:
        if row.valid_to is not None and row.valid_to <= row.valid_from:
            continue
        term = Term(row.account_id, row.valid_from, row.valid_to)
        last = joined[-1] if joined and joined[-1].account_id == row.account_id else None
        if last is None or (last.until is not None and last.until < term.since):
            joined.append(term)
        else:
            joined[-1] = Term(last.account_id, last.since, _later(last.until, term.until))
    return joined


def _later(one: date | None, other: date | None) -> date | None:
    return None if one is None or other is None else max(one, other)


def _clusters_of(session: Session, owner_unit_id: int, year: int) -> tuple[YearsCluster, ...]:
    head, deputy = aliased(Unit), aliased(Unit)
    rows: Sequence[tuple[Cluster, str | None, str | None]] = [
        (row.Cluster, row.head, row.deputy)
        for row in session.execute(
            select(Cluster, head.code.label("head"), deputy.code.label("deputy"))
            .outerjoin(head, head.id == Cluster.head_unit_id)
            .outerjoin(deputy, deputy.id == Cluster.deputy_unit_id)
            .where(Cluster.owner_unit_id == owner_unit_id, Cluster.year == year)
            .order_by(Cluster.number)
            .limit(MOST_CLUSTERS)
        )
    ]
    members = members_of(session, [row.id for row, _, _ in rows])
    return tuple(
        YearsCluster(
            number=row.number,
            name=row.name,
            kind=ClusterKind(row.kind),
            members=members.get(row.id, ()),
            head=head_code,
            deputy=deputy_code,
        )
        for row, head_code, deputy_code in rows
    )


def _last_headed(session: Session, owner_unit_id: int, before: int) -> Mapping[str, int]:
    """Return the last year before `before` in which each unit headed a cluster of this owner.

    Numbering and membership change by year, so a unit's turn is counted over all clusters of the owner.
    """
    rows = session.execute(
        select(Unit.code, func.max(Cluster.year).label("year"))
        .join(Cluster, Cluster.head_unit_id == Unit.id)
        .where(Cluster.owner_unit_id == owner_unit_id, Cluster.year < before)
        .group_by(Unit.code)
        .order_by(Unit.code)
    )
    return {row.code: row.year for row in rows}
