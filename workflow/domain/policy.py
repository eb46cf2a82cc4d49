"""The one place that says who may see and do what.

Grants resolve to a `Scope`; `may_see` tests membership in it and `store.visible` renders the same value to
SQL. Acting roles match their seat exactly; supervisor, admin and auditor cover the subtree of today's tree.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TypeAlias

from workflow.domain.errors import AlreadyClaimed, Forbidden, NotFound, Reason
from workflow.domain.facts import Facts
from workflow.domain.routing import resolve, split_key, unit_of
from workflow.domain.vocabulary import BuiltIn, Role

SUBTREE_ROLES = frozenset({Role.SUPERVISOR, Role.ADMIN, Role.AUDITOR})
EVERYWHERE = "all"


@dataclass(frozen=True, slots=True)
class UnitNode:
    """A unit in today's tree: its id and its children's codes."""

    id: int
    children: tuple[str, ...] = ()


Tree: TypeAlias = Mapping[str, UnitNode]


@dataclass(frozen=True, slots=True)
class Scope:
    """What somebody sees: whole units (by id), seats files have reached, and what they drafted themselves."""

    units: frozenset[int] = frozenset()
    seats: frozenset[str] = frozenset()
    own: int | None = None
    is_everything: bool = False


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account, the person behind it, the keys it holds today and what that lets it see."""

    account_id: int
    name: str
    email: str = ""
    locale: str = "vi"
    person_id: int | None = None
    keys: frozenset[str] = frozenset()
    scope: Scope = field(default_factory=Scope)

    def holds(self, role: Role) -> bool:
        """Return whether the actor has this role anywhere."""
        return any(key.startswith(f"{role}@") for key in self.keys)


def needs_tree(keys: Iterable[str]) -> bool:
    """Return whether resolving these keys needs today's tree of units."""
    return any(split_key(key)[0] in SUBTREE_ROLES and not key.endswith(f"@{EVERYWHERE}") for key in keys)


def scope_of(account_id: int, keys: Iterable[str], tree: Tree) -> Scope:
    """Resolve the keys somebody holds to what they see. A key naming an unknown unit sees nothing."""
    units: set[int] = set()
    seats: set[str] = set()
    is_everything = False
    for key in keys:
        role, seat = split_key(key)
        if role not in SUBTREE_ROLES:
            seats.add(seat)
        elif seat == EVERYWHERE:
            is_everything = True
        else:
            units |= _subtree(unit_of(seat) or "", tree)
    return Scope(frozenset(units), frozenset(seats), account_id, is_everything)


def _subtree(code: str, tree: Tree) -> set[int]:
    """Collect a unit's id and those of everything below it; a circle in the tree ends the walk."""
    found: set[int] = set()
    waiting = [code]
    while waiting:
        node = tree.get(waiting.pop())
        if node is not None and node.id not in found:
            found.add(node.id)
            waiting.extend(node.children)
    return found


def sees(scope: Scope, *, unit_id: int, audience: frozenset[str], created_by: int) -> bool:
    """Return whether a nomination of this unit, audience and author lies in the scope."""
    return (
        scope.is_everything
        or unit_id in scope.units
        or not scope.seats.isdisjoint(audience)
        or created_by == scope.own
    )


def demand_sight(actor: Actor, facts: Facts) -> None:
    """Raise `NotFound` when the actor may not see the nomination: nobody learns that it exists."""
    if not sees(actor.scope, unit_id=facts.unit_id, audience=facts.audience, created_by=facts.created_by):
        raise NotFound(f"There is no nomination {facts.nomination_id} among those you may see.")


class Relation(Enum):
    """How somebody stands to a nomination's open work."""

    NOMINATOR = auto()
    GROUP = auto()
    ASSIGNEE = auto()
    SENDER = auto()
    HEAD = auto()
    OVERSEER = auto()


def relations(actor: Actor, facts: Facts, *, starter: str, sent_by: int | None) -> frozenset[Relation]:
    """Return every relation the actor has to the nomination as it stands.

    `starter` is the definition's `role@scope` that drafts; `sent_by` whoever sent it to the present step.
    """
    seat = split_key(facts.owner_key)[1] if facts.owner_key else ""
    tests = {
        Relation.NOMINATOR: resolve(starter, facts.seats) in actor.keys,
        Relation.GROUP: facts.owner_key in actor.keys,
        Relation.ASSIGNEE: facts.assignee_id == actor.account_id,
        Relation.SENDER: sent_by == actor.account_id,
        Relation.HEAD: f"{Role.HEAD}@unit:{unit_of(seat)}" in actor.keys,
        Relation.OVERSEER: _oversees(actor, facts),
    }
    return frozenset(relation for relation, holds in tests.items() if holds)


def _oversees(actor: Actor, facts: Facts) -> bool:
    """Return whether the actor supervises or administers a tree that contains the nomination's unit."""
    is_over = actor.holds(Role.SUPERVISOR) or actor.holds(Role.ADMIN)
    return is_over and (actor.scope.is_everything or facts.unit_id in actor.scope.units)


AUTHORITY: Mapping[BuiltIn, frozenset[Relation]] = {
    BuiltIn.EDIT: frozenset({Relation.NOMINATOR}),
    BuiltIn.WITHDRAW: frozenset({Relation.NOMINATOR}),
    BuiltIn.RECALL: frozenset({Relation.SENDER}),
    BuiltIn.CLAIM: frozenset({Relation.GROUP}),
    BuiltIn.RELEASE: frozenset({Relation.ASSIGNEE, Relation.HEAD, Relation.OVERSEER}),
    BuiltIn.REASSIGN: frozenset({Relation.ASSIGNEE, Relation.HEAD, Relation.OVERSEER}),
    BuiltIn.HOLD: frozenset({Relation.GROUP, Relation.ASSIGNEE, Relation.HEAD, Relation.OVERSEER}),
    BuiltIn.RELEASE_HOLD: frozenset({Relation.GROUP, Relation.ASSIGNEE, Relation.HEAD, Relation.OVERSEER}),
}


def refuse_built_in(
    actor: Actor, facts: Facts, action: BuiltIn, *, starter: str, sent_by: int | None
) -> Reason | None:
    """Return why the actor may not do a built-in action here, None when they may."""
    if AUTHORITY[action] & relations(actor, facts, starter=starter, sent_by=sent_by):
        return None
    return Reason(
        "not-your-role", f"You may not {action.replace('_', ' ')} this nomination.", {"action": action}
    )


def refuse_move(actor: Actor, facts: Facts, *, by: str, owner: str) -> Reason | None:
    """Return why the actor may not make a move of the definition, None when they may.

    `by` and `owner` are the move's and the step's `role@scope`. Where they are the same, the work belongs to
    whoever it was opened for (a stand-in of the owner's seat) or handed to, and to nobody else.
    """
    is_owners = by == owner
    key = facts.owner_key if is_owners else resolve(by, facts.seats)
    if key not in actor.keys and not (is_owners and facts.assignee_id == actor.account_id):
        return Reason("not-your-role", f"Only {key or by} may do this.", {"owner": key or by})
    if is_owners and facts.assignee_id not in {None, actor.account_id}:
        return Reason("already-claimed", "Somebody else is working on it; ask them, or have it reassigned.")
    return None


def demand(reason: Reason | None) -> None:
    """Raise the refusal that a reason stands for; do nothing without one."""
    if reason is None:
        return
    refusal = AlreadyClaimed if reason.code == "already-claimed" else Forbidden
    raise refusal(reason.message, reasons=[reason])


def may_administer(actor: Actor) -> bool:
    """Return whether the actor runs the whole installation."""
    return f"{Role.ADMIN}@{EVERYWHERE}" in actor.keys


def nominating_units(actor: Actor) -> frozenset[str]:
    """Return the codes of the units for which the actor may draft nominations."""
    prefix = f"{Role.NOMINATOR}@{_UNIT_SEAT}"
    return frozenset(key.removeprefix(prefix) for key in actor.keys if key.startswith(prefix))


_UNIT_SEAT = "unit:"
