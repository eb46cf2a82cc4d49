"""Who is meant: from a role in a definition to a named seat, and from a seat to whom it answers.

An owner key is `role@seat`, for example `unit_reviewer@unit:VKS-AG`; a seat is `unit:CODE`,
`cluster:YEAR/OWNER/NUMBER`, `council:CODE` (the code of the unit the council advises) or `all`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from workflow.domain.errors import NoSuchSeat
from workflow.domain.facts import Facts, Seats
from workflow.domain.vocabulary import Role, RoleScope, SubjectKind

_KEPT = 4096


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody who holds a key today and could do the work or, where a mail reaches them, get the mail.

    Where somebody who holds it is away, whoever stands in for them (`absent`); `before` are those who do so
    before them, where they are not set aside.
    """

    key: str
    account_id: int
    person_id: int | None
    unit_id: int | None = None
    is_reachable: bool = True
    absent: "Holder | None" = None
    before: tuple["Holder", ...] = ()

    def standing_in(self, absent: "Holder", before: tuple["Holder", ...], *, key: str) -> "Holder":
        """Return the same person in a seat of somebody who is away."""
        return replace(self, key=key, absent=absent, before=before)


@dataclass(frozen=True, slots=True)
class SetAside:
    """Who does not judge a nomination: the nominee, and where clusters compare units, the unit's people."""

    person_id: int | None = None
    unit_id: int | None = None

    def takes_in(self, holder: Holder) -> bool:
        """Return whether this holder of a seat is set aside there.

        Who stands in for somebody is so where either of them is, and where somebody before them is not.
        """
        if self.bars(holder, holder.key):
            return True
        if holder.absent is None:
            return False
        is_anothers = not all(self.bars(one, holder.key) for one in holder.before)
        return is_anothers or self.bars(holder.absent, holder.key)

    def bars(self, holder: Holder, key: str) -> bool:
        """Return whether somebody is set aside themselves in a seat, whomever they stand in for."""
        if self.person_id is not None and holder.person_id == self.person_id:
            return True
        is_of_unit = self.unit_id is not None and holder.unit_id == self.unit_id
        return is_of_unit and split_key(key)[1].startswith(CLUSTER_SEAT)


def with_ties(facts: Facts, person: Holder) -> Facts:
    """Return the facts with what this person has to do with the nomination, beside whoever acts already.

    Of the unit is who belongs to the collective that is nominated, as in the facts themselves.
    """
    is_subject = person.person_id is not None and person.person_id == facts.subject_person_id
    is_of_unit = facts.subject_kind is SubjectKind.COLLECTIVE and person.unit_id == facts.unit_id
    return replace(
        facts,
        actor_is_subject=facts.actor_is_subject or is_subject,
        actor_is_of_unit=facts.actor_is_of_unit or is_of_unit,
    )


CLUSTER_SEAT = "cluster:"
OFFICE_ROLES = (Role.COUNCIL_SECRETARY, Role.APPRAISER)
"""Who keeps the office of a council, nearest to its papers first."""
_LAST = f"{Role.SUPERVISOR}@all"


def acting(people: Iterable[Holder], aside: SetAside) -> list[Holder]:
    """Return those who sit there, and of those who stand in for somebody who is away only who acts here."""
    return [one for one in people if one.absent is None or not aside.takes_in(one)]


def in_charge(facts: Facts, holders: Mapping[str, Sequence[Holder]]) -> tuple[int, ...]:
    """Return the accounts that have the open work in hand: who took it, else the group, or their stand-ins.

    `holders` says who holds its key today.
    """
    people = acting(holders.get(facts.owner_key or "", ()), set_aside_of(facts))
    if facts.assignee_id is None:
        return tuple(dict.fromkeys(one.account_id for one in people))
    theirs = (one for one in people if (one.absent or one).account_id == facts.assignee_id)
    return tuple(dict.fromkeys(one.account_id for one in theirs)) or (facts.assignee_id,)


def set_aside_of(facts: Facts) -> SetAside:
    """Return who does not judge this nomination."""
    unit_id = facts.unit_id if facts.subject_kind is SubjectKind.COLLECTIVE else None
    return SetAside(facts.subject_person_id, unit_id)


def sits_for_own_unit(facts: Facts, key: str | None) -> bool:
    """Return whether the actor, of the nominated unit, would judge it from this seat of a cluster."""
    is_own = facts.actor_is_of_unit and facts.subject_kind is SubjectKind.COLLECTIVE
    return is_own and key is not None and split_key(key)[1].startswith(CLUSTER_SEAT)


def split_key(key: str) -> tuple[str, str]:
    """Return the role and the seat of an owner key."""
    role, _, seat = key.partition("@")
    return role, seat


def seat_of(scope: str, seats: Seats) -> str | None:
    """Return the seat that an `@scope` word means for one nomination, None where there is none."""
    return {
        RoleScope.SUBJECT_UNIT: f"unit:{seats.unit}",
        RoleScope.PARENT_UNIT: seats.parent_unit and f"unit:{seats.parent_unit}",
        RoleScope.CLUSTER: seats.cluster and f"cluster:{seats.cluster}",
        RoleScope.COUNCIL: seats.council and f"council:{seats.council}",
        RoleScope.ROUND: f"unit:{seats.round_owner}",
        RoleScope.ALL: "all",
    }[RoleScope(scope)]


# The names of one list ask the same of the same seats, thousands at a time.
@lru_cache(maxsize=_KEPT)
def resolve(owner: str, seats: Seats) -> str | None:
    """Return the owner key that `role@scope` of a definition means for one nomination."""
    role, _, scope = owner.partition("@")
    seat = seat_of(scope, seats)
    return seat and f"{role}@{seat}"


_PLACES: Mapping[RoleScope, str] = {
    RoleScope.SUBJECT_UNIT: "seat",
    RoleScope.PARENT_UNIT: "unit above it",
    RoleScope.CLUSTER: "cluster",
    RoleScope.COUNCIL: "council",
    RoleScope.ROUND: "owner",
    RoleScope.ALL: "office",
}


def resolve_or_refuse(owner: str, seats: Seats) -> str:
    """Return the owner key, or raise `NoSuchSeat` saying what is not set up."""
    key = resolve(owner, seats)
    if key is None:
        role, _, scope = owner.partition("@")
        raise NoSuchSeat(
            f"Unit {seats.unit} has no {_PLACES[RoleScope(scope)]} in this round, so nobody is next.",
            role=role,
            scope=scope,
            unit=seats.unit,
        )
    return key


def unit_of(seat: str) -> str | None:
    """Return the code of the unit that answers for a seat: itself, a cluster's owner, a council's unit."""
    kind, _, name = seat.partition(":")
    if kind == "cluster":
        return name.split("/")[1]
    return name or None


# When everybody who holds the key is set aside, the work opens for the next seat of this list.
_STAND_INS: Mapping[str, Sequence[tuple[Role, RoleScope]]] = {
    Role.UNIT_REVIEWER: (
        (Role.UNIT_DEPUTY, RoleScope.SUBJECT_UNIT),
        (Role.UNIT_REVIEWER, RoleScope.PARENT_UNIT),
    ),
    Role.HEAD: ((Role.UNIT_DEPUTY, RoleScope.SUBJECT_UNIT), (Role.HEAD, RoleScope.PARENT_UNIT)),
    Role.CLUSTER_HEAD: ((Role.CLUSTER_DEPUTY, RoleScope.CLUSTER),),
}


def deputy_keys(key: str) -> tuple[str, ...]:
    """Return the keys of those who stand in for a key at its own seat, in order."""
    role, seat = split_key(key)
    return tuple(
        f"{stand_in}@{seat}"
        for stand_in, scope in _STAND_INS.get(role, ())
        if scope is not RoleScope.PARENT_UNIT
    )


@lru_cache(maxsize=_KEPT)
def candidate_keys(owner: str, seats: Seats) -> tuple[str, ...]:
    """Return the owner key first, then the keys that stand in for it, in order.

    The stand-ins of a unit's seat are those of that seat's own unit, which for `@round` is the round's owner.
    """
    key = resolve_or_refuse(owner, seats)
    role, seat = split_key(key)
    at_home = seat == f"unit:{seats.unit}"
    stand_ins = [
        f"{stand_in}@{place}"
        for stand_in, scope in _STAND_INS.get(role, ())
        if (place := _stand_in_place(scope, seat, seats, at_home=at_home))
    ]
    return (key, *stand_ins)


def _stand_in_place(scope: RoleScope, seat: str, seats: Seats, *, at_home: bool) -> str | None:
    if scope is RoleScope.PARENT_UNIT:
        return f"unit:{seats.parent_unit}" if at_home and seats.parent_unit else None
    return seat


def route(owner: str, seats: Seats, *, set_aside: SetAside, holders: Mapping[str, Sequence[Holder]]) -> str:
    """Return the key the work opens for: the owner's, unless all its holders are set aside.

    `holders` maps each candidate key to those who hold it today. A key nobody holds is kept: an empty chair
    is shown to supervisors, not skipped. When no stand-in is free the owner's key is kept, and the guards
    `not_own_subject` and `not_own_unit` stay the last refusal.
    """
    candidates = candidate_keys(owner, seats)
    if not _all_set_aside(holders.get(candidates[0], ()), set_aside):
        return candidates[0]
    for key in candidates[1:]:
        people = holders.get(key, ())
        if people and not _all_set_aside(people, set_aside):
            return key
    return candidates[0]


def _all_set_aside(people: Sequence[Holder], set_aside: SetAside) -> bool:
    return bool(people) and all(set_aside.takes_in(holder) for holder in people)


def keys_above(owner_key: str, ancestors: Sequence[str]) -> tuple[str, ...]:
    """Return the keys of who could fill an empty seat, nearest first: heads up to the root, then supervisors.

    `ancestors` are unit codes from the unit that answers for the seat up to the root.
    """
    return _each_other(owner_key, (*_at(Role.HEAD, ancestors), *_at(Role.SUPERVISOR, ancestors), _LAST))


def escalation_keys(owner_key: str, ancestors: Sequence[str], *, above_head: bool) -> tuple[str, ...]:
    """Return the keys to tell when work at `owner_key` is late, nearest first: those of its own house.

    `ancestors` are unit codes from the unit that answers for the work up to the root. `head` starts at that
    unit's head; `next_level` one unit higher. Neither leaves the house (docs/adr/0058): where it ends, who
    oversees it hears of it, its office, the head once more. The last is a supervisor of everything.
    """
    house, start = own_house(ancestors), 1 if above_head else 0
    heads, overseers = _at(Role.HEAD, house), _at(Role.SUPERVISOR, house)
    root = ancestors[-1:]
    own = () if house == root else (*_office(house), *heads[:start])
    return _each_other(owner_key, (*heads[start:], *overseers, *own, *_at(Role.SUPERVISOR, root), _LAST))


def top_keys(owner_key: str, ancestors: Sequence[str]) -> tuple[str, ...]:
    """Return the keys to tell where a route says that late work is reported to the very top."""
    root = ancestors[-1:]
    return _each_other(owner_key, (*_at(Role.HEAD, root), *_at(Role.SUPERVISOR, root), _LAST))


def own_house(ancestors: Sequence[str]) -> Sequence[str]:
    """Return of the units on a way to the root those of one house: all below it; the root is its own."""
    return ancestors[:-1] or ancestors


def _at(role: Role, codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{role}@unit:{code}" for code in codes)


def _office(house: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{role}@council:{code}" for code in house for role in OFFICE_ROLES)


def _each_other(owner_key: str, keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(key for key in dict.fromkeys(keys) if key != owner_key)


def first_staffed(
    keys: Iterable[str], holders: Mapping[str, Sequence[Holder]], *, told_already: frozenset[int]
) -> tuple[str, tuple[Holder, ...]] | None:
    """Return the first key with somebody who does not hold the late work themselves, and those people."""
    for key in keys:
        people = tuple(holder for holder in holders.get(key, ()) if holder.account_id not in told_already)
        if people:
            return key, people
    return None
