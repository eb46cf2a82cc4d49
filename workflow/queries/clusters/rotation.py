"""The next year's clusters as they are proposed, with the reason for each; nothing is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from workflow.domain.clusters.officers import ClusterKind
from workflow.domain.clusters.rotation import Proposal, Turn, propose
from workflow.domain.errors import Forbidden, NotFound, Reason
from workflow.domain.rights.policy import Actor
from workflow.queries.clusters.clusters import may_read_bars
from workflow.queries.shapes import Named
from workflow.store.clusters import load_rotation
from workflow.store.codes import stored_code
from workflow.store.conditions import named_edition
from workflow.store.database import local_day
from workflow.store.organisation import Cluster, Unit, UnitEdition


@dataclass(frozen=True, slots=True)
class TurnView:
    """The unit whose turn it is, null where nobody may, and why it and not another."""

    unit: Named | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class ProposedCluster:
    """A cluster of the next year: members carried over, those left out and why, head and deputy proposed."""

    number: int
    name: str
    kind: ClusterKind
    members: tuple[Named, ...]
    left_out: tuple[Reason, ...]
    head: TurnView
    deputy: TurnView


@dataclass(frozen=True, slots=True)
class RotationView:
    """The clusters proposed for a year of an owner; `is_open` says that the year has clusters already."""

    year: int
    owner: Named
    is_open: bool
    clusters: tuple[ProposedCluster, ...]


def rotation(session: Session, *, actor: Actor, owner: str, year: int, now: datetime) -> RotationView:
    """Return the clusters proposed for a year out of those of the year before.

    Raises `NotFound` for an unknown owner, `Forbidden` unless the reader oversees or heads the owner: the
    reasons say who was not considered.
    """
    today = local_day(session, now)
    names = _names(session, today)
    owner = stored_code(session, Unit.code, owner)
    owner_id = session.scalar(select(Unit.id).where(Unit.code == owner))
    if owner_id is None:
        raise NotFound(f"There is no unit '{owner}'.")
    if not may_read_bars(actor, owner_unit_id=owner_id, owner=owner):
        raise Forbidden("Only who oversees or heads the owner of clusters sees how their heads rotate.")
    facts = load_rotation(session, owner_unit_id=owner_id, year=year, today=today)
    proposals = propose(
        facts.clusters, year=year, alive=facts.alive, barred=facts.barred, headed=facts.headed
    )
    taken = session.scalar(
        select(func.count()).where(Cluster.owner_unit_id == owner_id, Cluster.year == year)
    )
    clusters = tuple(_cluster(proposal, names) for proposal in proposals)
    return RotationView(year, _named(owner, names), bool(taken), clusters)


def _cluster(proposal: Proposal, names: Mapping[str, str]) -> ProposedCluster:
    return ProposedCluster(
        number=proposal.number,
        name=proposal.name,
        kind=proposal.kind,
        members=tuple(_named(code, names) for code in proposal.members),
        left_out=proposal.left_out,
        head=_turn(proposal.head, names),
        deputy=_turn(proposal.deputy, names),
    )


def _turn(turn: Turn, names: Mapping[str, str]) -> TurnView:
    return TurnView(None if turn.unit is None else _named(turn.unit, names), turn.reasons)


def _named(code: str, names: Mapping[str, str]) -> Named:
    return Named(code, names.get(code, code))


def _names(session: Session, today: date) -> Mapping[str, str]:
    rows = session.execute(
        select(Unit.code, UnitEdition.name).join(UnitEdition, named_edition(today)).order_by(Unit.code_sort)
    )
    return {row.code: row.name for row in rows}
