"""What somebody sees of all nominations: which they may name, and which they may only count.

Grants resolve to a `Scope`; `sees` tests membership in it and `store.visible` renders the same value to SQL.
Supervisor, admin and auditor cover the subtree of today's tree; everybody else's seat matches exactly.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, TypeAlias

from workflow.domain.facts import Facts
from workflow.domain.rights.routing import split_key, unit_of
from workflow.domain.vocabulary import Role

SUBTREE_ROLES: Final = frozenset({Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR})
EVERYWHERE: Final = "all"


class Depth(Enum):
    """How closely somebody looks: as one of so many, or by name with everything it says.

    A level above knows how many there are and when they are due from the first day, and the names once the
    paper was sent to it. Whoever may name may count.
    """

    COUNT = auto()
    NAME = auto()


@dataclass(frozen=True, slots=True)
class UnitNode:
    """A unit in today's tree: its id and its children's codes."""

    id: int
    children: tuple[str, ...] = ()


Tree: TypeAlias = Mapping[str, UnitNode]


@dataclass(frozen=True, slots=True)
class Scope:
    """What somebody sees: whole units (by id), seats files have reached, and what they drafted themselves.

    Of the units in `counted` it counts everything and names what was sent beyond the unit; so it does of
    every unit when it `counts_everything`. A seat that runs a round counts everything in it. What supervisors
    and administrators watch over they steer as well (`steered`); what an auditor sees adds nothing to that.
    """

    units: frozenset[int] = frozenset()
    seats: frozenset[str] = frozenset()
    own: int | None = None
    is_everything: bool = False
    counted: frozenset[int] = frozenset()
    counts_everything: bool = False
    steered: frozenset[int] = frozenset()
    steers_everything: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a nomination stands, for the question who sees it.

    `round_seats` are the seats that run its round: the owning unit's and its council's.
    """

    unit_id: int
    unit: str
    audience: frozenset[str]
    created_by: int
    round_seats: frozenset[str] = frozenset()

    @property
    def was_sent(self) -> bool:
        """Whether it has reached a seat beyond its own unit."""
        return not self.audience <= {f"unit:{self.unit}"}


def needs_tree(keys: Iterable[str]) -> bool:
    """Return whether resolving these keys needs today's tree of units."""
    return any(split_key(key)[0] in SUBTREE_ROLES and not key.endswith(f"@{EVERYWHERE}") for key in keys)


def scope_of(account_id: int, keys: Iterable[str], tree: Tree) -> Scope:
    """Resolve the keys somebody holds to what they see. A key naming an unknown unit sees nothing."""
    units: set[int] = set()
    seats: set[str] = set()
    counted: set[int] = set()
    steered: set[int] = set()
    is_everything = counts_everything = steers_everything = False
    for key in keys:
        role, seat = split_key(key)
        if role not in SUBTREE_ROLES or role == Role.SUPERVISOR:
            seats.add(seat)
        if role not in SUBTREE_ROLES:
            continue
        if seat == EVERYWHERE:
            is_everything |= role != Role.SUPERVISOR
            counts_everything |= role == Role.SUPERVISOR
            steers_everything |= role != Role.AUDITOR
            continue
        code = unit_of(seat) or ""
        below = _subtree(code, tree)
        steered |= below if role != Role.AUDITOR else set()
        if role == Role.SUPERVISOR:
            units |= {tree[code].id} if code in tree else set()
            counted |= below
        else:
            units |= below
    return Scope(
        units=frozenset(units),
        seats=frozenset(seats),
        own=account_id,
        is_everything=is_everything,
        counted=frozenset(counted),
        counts_everything=counts_everything,
        steered=frozenset(steered),
        steers_everything=steers_everything,
    )


def codes_below(code: str, tree: Tree) -> set[str]:
    """Return the codes of a unit and of everything below it; a circle in the tree ends the walk."""
    found: set[str] = set()
    waiting = [code]
    while waiting:
        here = waiting.pop()
        if here in tree and here not in found:
            found.add(here)
            waiting.extend(tree[here].children)
    return found


def _subtree(code: str, tree: Tree) -> set[int]:
    return {tree[below].id for below in codes_below(code, tree)}


def place_of(facts: Facts) -> Place:
    """Return where a nomination stands as the rules were told it."""
    seats = facts.seats
    council = {f"council:{seats.council}"} if seats.council else set[str]()
    return Place(
        unit_id=facts.unit_id,
        unit=seats.unit,
        audience=facts.audience,
        created_by=facts.created_by,
        round_seats=frozenset({f"unit:{seats.round_owner}"} | council),
    )


def sees(scope: Scope, depth: Depth, place: Place) -> bool:
    """Return whether a nomination that stands there lies in the scope, looked at so closely."""
    is_overseen = scope.counts_everything or place.unit_id in scope.counted
    is_named = (
        scope.is_everything
        or place.unit_id in scope.units
        or not scope.seats.isdisjoint(place.audience)
        or place.created_by == scope.own
        or (is_overseen and place.was_sent)
    )
    if depth is Depth.NAME:
        return is_named
    return is_named or is_overseen or not scope.seats.isdisjoint(place.round_seats)


def oversees(scope: Scope, unit_id: int) -> bool:
    """Return whether the scope covers a whole unit, by name or by count."""
    return (
        scope.is_everything or scope.counts_everything or unit_id in scope.units or unit_id in scope.counted
    )


def keys_over(
    keys: Iterable[str], scope: Scope, *, unit_id: int, audience: Collection[str]
) -> frozenset[str]:
    """Return the keys without those of who watches over other units, which the file has not reached."""
    is_overseen = oversees(scope, unit_id)
    parts = ((key, *split_key(key)) for key in keys)
    return frozenset(
        key for key, role, seat in parts if role not in SUBTREE_ROLES or is_overseen or seat in audience
    )


def steers(scope: Scope, unit_id: int) -> bool:
    """Return whether a supervisor's or an administrator's seat covers a unit; an auditor's does not."""
    return scope.steers_everything or unit_id in scope.steered


def steered_part(scope: Scope) -> Scope:
    """Return the scope of what is steered alone."""
    return Scope(units=scope.steered, is_everything=scope.steers_everything)
