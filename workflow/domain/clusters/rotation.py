"""The clusters of the next year out of this year's: who stays, whose turn it is to head, and why.

The head rotates yearly, one unit a year, and last year's deputy tends to be the next head (practice of the
sector, clusters' year-end meetings 2020 to 2024). Nothing here is law: it is a proposal that people change.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from workflow.domain.clusters.officers import ClusterKind
from workflow.domain.errors import Reason


@dataclass(frozen=True, slots=True)
class YearsCluster:
    """A cluster as it stands in its year; units by code, members in the order of their codes."""

    number: int
    name: str
    kind: ClusterKind
    members: tuple[str, ...]
    head: str | None
    deputy: str | None


@dataclass(frozen=True, slots=True)
class Turn:
    """The unit whose turn it is, None where nobody may, and why it and not another."""

    unit: str | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A cluster of the next year: members carried over, those left out with the reason, head and deputy."""

    number: int
    name: str
    kind: ClusterKind
    members: tuple[str, ...]
    left_out: tuple[Reason, ...]
    head: Turn
    deputy: Turn


def propose(
    clusters: Sequence[YearsCluster],
    *,
    year: int,
    alive: Collection[str],
    barred: Collection[str],
    headed: Mapping[str, int],
) -> tuple[Proposal, ...]:
    """Return the clusters of `year` proposed from those of the year before.

    `alive` are the units that exist today, `barred` those not considered in year - 1, `headed` the last year
    in which a unit headed any cluster of the same owner.
    """
    return tuple(_propose(cluster, year, alive, barred, headed) for cluster in clusters)


def _propose(
    cluster: YearsCluster,
    year: int,
    alive: Collection[str],
    barred: Collection[str],
    headed: Mapping[str, int],
) -> Proposal:
    members = tuple(code for code in cluster.members if code in alive)
    left_out = tuple(
        Reason("rotation_unit_ended", f"{code} does not exist any more, so it is left out.", {"unit": code})
        for code in cluster.members
        if code not in alive
    )
    seen = dict(headed)
    if cluster.head is not None:
        seen[cluster.head] = max(year - 1, seen.get(cluster.head, year - 1))
    # Whoever headed longest ago first, those who never did before all; units of the same year by code.
    queue = sorted(members, key=lambda code: (seen.get(code, 0), code))
    head = _head(cluster, queue, barred, seen, year)
    deputy = _first([code for code in queue if code != head.unit], barred, seen, year)
    return Proposal(cluster.number, cluster.name, cluster.kind, members, left_out, head, deputy)


def _head(
    cluster: YearsCluster, queue: Sequence[str], barred: Collection[str], seen: Mapping[str, int], year: int
) -> Turn:
    """Return this year's deputy as the next head, or the first in the queue who may, and why."""
    deputy = cluster.deputy
    if deputy is None:
        return _first(queue, barred, seen, year)
    if deputy in queue and deputy not in barred:
        message = f"{deputy} was deputy in {year - 1}; the deputy of a year heads the next."
        reason = Reason("rotation_was_deputy", message, {"unit": deputy, "year": str(year - 1)})
        return Turn(deputy, (reason,))
    if deputy in queue:
        passed = _barred(deputy, year)
    else:
        message = f"{deputy}, deputy in {year - 1}, is no member any more."
        passed = Reason("rotation_deputy_gone", message, {"unit": deputy, "year": str(year - 1)})
    turn = _first([code for code in queue if code != deputy], barred, seen, year)
    return Turn(turn.unit, (passed, *turn.reasons))


def _first(queue: Sequence[str], barred: Collection[str], seen: Mapping[str, int], year: int) -> Turn:
    """Return the first in the queue who may, and why, after everybody who was passed over."""
    passed: list[Reason] = []
    for code in queue:
        if code not in barred:
            return Turn(code, (*passed, _turn(code, seen)))
        passed.append(_barred(code, year))
    return Turn(None, (*passed, Reason("rotation_nobody", "No member may take this office.")))


def _turn(code: str, seen: Mapping[str, int]) -> Reason:
    if code not in seen:
        message = f"{code} has not headed a cluster yet as far as the record goes."
        return Reason("rotation_never_headed", message, {"unit": code})
    message = f"{code} headed longest ago of those who may, in {seen[code]}."
    return Reason("rotation_longest_ago", message, {"unit": code, "year": str(seen[code])})


def _barred(code: str, year: int) -> Reason:
    message = f"{code} was not considered for emulation in {year - 1}, so it is passed over."
    return Reason("rotation_barred", message, {"unit": code, "year": str(year - 1)})
