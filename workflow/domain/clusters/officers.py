"""Who may head a cluster or block, and which grants follow from it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from workflow.domain.errors import Reason
from workflow.domain.rights.policy import Actor, is_over
from workflow.domain.rights.scope import Tree, scope_of
from workflow.domain.vocabulary import Role


class ClusterKind(StrEnum):
    """A cluster groups territorial units, a block functional ones."""

    CLUSTER = "cluster"
    BLOCK = "block"


class Headed(StrEnum):
    """How head and deputy came to office: by the owner's word or by the members' vote."""

    APPOINTED = "appointed"
    ELECTED = "elected"


@dataclass(frozen=True, slots=True)
class Officers:
    """The codes of the units that head a cluster and stand in for the head; there may be no deputy."""

    head: str
    deputy: str | None = None


def refuse_officers(
    officers: Officers, *, members: Collection[str], barred: Collection[str], year: int
) -> list[Reason]:
    """Return every reason why these units may not be head and deputy of a cluster of that year.

    Both must be members and differ. A unit that was not considered for emulation in the year before may not
    be proposed as head or deputy (the sector's guidance on clusters; global rule
    `unit_refused_last_year_not_cluster_head` of the catalogue of rules). `barred` holds those of year - 1.
    """
    reasons = []
    named = [code for code in (officers.head, officers.deputy) if code is not None]
    if officers.head == officers.deputy:
        message = f"{officers.head} cannot be head and deputy at once."
        reasons.append(Reason("officers_same", message, {"unit": officers.head}))
    for code in dict.fromkeys(named):
        if code not in members:
            reasons.append(
                Reason("officer_not_member", f"{code} is not a member of this cluster.", {"unit": code})
            )
        if code in barred:
            message = f"{code} was not considered for emulation in {year - 1}, so it may not head in {year}."
            reasons.append(
                Reason("unit_barred", message, {"unit": code, "year": str(year - 1), "next": str(year)})
            )
    return reasons


def runs_clusters(actor: Actor, owner_unit_id: int) -> bool:
    """Return whether the actor supervises or administers the unit that owns the clusters."""
    return is_over(actor, owner_unit_id)


def oversees_from_above(actor: Actor, unit_code: str, unit_id: int, tree: Tree) -> bool:
    """Return whether the actor supervises or administers the unit from above it, by no seat of its own."""
    keys = frozenset(key for key in actor.keys if not key.endswith(f"@unit:{unit_code}"))
    if keys == actor.keys:
        return runs_clusters(actor, unit_id)
    from_above = replace(actor, keys=keys, scope=scope_of(actor.account_id, keys, tree))
    return runs_clusters(from_above, unit_id)


def may_set_officers(actor: Actor, *, owner_unit_id: int, owner: str, cluster: str, how: Headed) -> bool:
    """Return whether the actor may say who heads: the owner's head and overseers, of a vote the cluster head.

    `owner` and `cluster` are codes.
    """
    return (
        runs_clusters(actor, owner_unit_id)
        or f"{Role.HEAD}@unit:{owner}" in actor.keys
        or (how is Headed.ELECTED and f"{Role.CLUSTER_HEAD}@cluster:{cluster}" in actor.keys)
    )


@dataclass(frozen=True, slots=True)
class Term:
    """Somebody's time in a seat: from a day until the day before another; None is until further notice."""

    account_id: int
    since: date
    until: date | None

    def covers(self, day: date) -> bool:
        """Return whether the term includes the day."""
        return self.since <= day and (self.until is None or self.until > day)


@dataclass(frozen=True, slots=True)
class HeldTerm:
    """A term that is a grant already, with the grant's id."""

    grant_id: int
    term: Term


Endings: TypeAlias = dict[int, date | None]


def follow(
    held: Sequence[HeldTerm], wanted: Sequence[Term], *, since: date
) -> tuple[Endings, tuple[Term, ...]]:
    """Return which grants of a seat get another end and which terms begin, so that it follows `wanted`.

    Nothing before `since` changes: what somebody held then, they held. A grant that has not begun ends on its
    first day, so that the row stays as history and gives nothing.
    """
    clipped = [
        Term(term.account_id, max(term.since, since), term.until)
        for term in wanted
        if term.until is None or term.until > since
    ]
    endings: Endings = {}
    begun: set[tuple[int, date]] = set()
    for row in held:
        term = row.term
        first = max(term.since, since)
        if term.until is not None and term.until <= first:
            continue
        match = next(
            (one for one in clipped if one.account_id == term.account_id and one.covers(first)), None
        )
        until = match.until if match else first
        if match is not None and first == match.since:
            begun.add((match.account_id, match.since))
        if until != term.until:
            endings[row.grant_id] = until
    return endings, tuple(term for term in clipped if (term.account_id, term.since) not in begun)
