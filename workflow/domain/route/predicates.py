"""The guards that choose a branch: each looks at one dimension of a nomination and takes one value of it.

Two predicates of one dimension exclude each other, those of different dimensions do not: what `check` proves
its statements with. A requirement (`guards`) is met by whoever asks; a predicate nobody can come to meet.
"""

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from itertools import product
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from workflow.domain.errors import Reason
from workflow.domain.facts import Facts
from workflow.domain.rights.authority import is_decided_here
from workflow.domain.vocabulary import SubjectKind

Predicate = Callable[[Facts], tuple[Reason, ...]]


class Dimension(StrEnum):
    """What a predicate asks about."""

    SUBJECT = "subject"
    DECIDER = "decider"


class Decider(StrEnum):
    """Whether the head of the round's owner decides, or somebody above."""

    HERE = "here"
    ABOVE = "above"


class Branch(NamedTuple):
    """The one value of one dimension that a predicate lets pass."""

    dimension: Dimension
    value: str


Combination: TypeAlias = frozenset[Branch]


def subject_is_collective(facts: Facts) -> tuple[Reason, ...]:
    """Say why not when the award does not honour a collective.

    Clusters and blocks assess member units; titles of individuals go from the unit to the council.
    """
    if facts.subject_kind is SubjectKind.COLLECTIVE:
        return ()
    return (Reason("subject_is_collective", "This way is for collectives; the nominee is an individual."),)


def subject_is_individual(facts: Facts) -> tuple[Reason, ...]:
    """Say why not when the award does not honour a person."""
    if facts.subject_kind is SubjectKind.PERSON:
        return ()
    return (Reason("subject_is_individual", "This way is for individuals; the nominee is a collective."),)


def decided_here(facts: Facts) -> tuple[Reason, ...]:
    """Say why not when somebody above the round's owner decides."""
    if is_decided_here(facts.decider, round_owner=facts.seats.round_owner):
        return ()
    return (Reason("decided_here", "This award is decided above; it is submitted upward, not decided here."),)


def decided_above(facts: Facts) -> tuple[Reason, ...]:
    """Say why not when the head of the round's owner decides."""
    if not is_decided_here(facts.decider, round_owner=facts.seats.round_owner):
        return ()
    return (Reason("decided_above", "This award is decided here; it is not submitted upward."),)


PREDICATES: Final[Mapping[str, Predicate]] = MappingProxyType(
    {
        "subject_is_collective": subject_is_collective,
        "subject_is_individual": subject_is_individual,
        "decided_here": decided_here,
        "decided_above": decided_above,
    }
)
"""Guards that choose a branch."""

BRANCHES: Final[Mapping[str, Branch]] = MappingProxyType(
    {
        "subject_is_collective": Branch(Dimension.SUBJECT, SubjectKind.COLLECTIVE),
        "subject_is_individual": Branch(Dimension.SUBJECT, SubjectKind.PERSON),
        "decided_here": Branch(Dimension.DECIDER, Decider.HERE),
        "decided_above": Branch(Dimension.DECIDER, Decider.ABOVE),
    }
)
"""What each predicate lets pass."""

_VALUES: Final[Mapping[Dimension, tuple[str, ...]]] = MappingProxyType(
    {Dimension.SUBJECT: tuple(SubjectKind), Dimension.DECIDER: tuple(Decider)}
)

COMBINATIONS: Final[tuple[Combination, ...]] = tuple(
    frozenset(branches)
    for branches in product(*([Branch(of, value) for value in values] for of, values in _VALUES.items()))
)
"""Every kind of nomination there can be, as far as predicates tell them apart."""


def branches_of(guards: Iterable[str]) -> list[Branch]:
    """Return the branches that the predicates among some guards take, in their order."""
    return [BRANCHES[guard] for guard in guards if guard in BRANCHES]


def lets_pass(guards: Iterable[str], combination: Combination) -> bool:
    """Return whether the predicates among some guards let this kind of nomination pass."""
    return combination.issuperset(branches_of(guards))


def exclude_each_other(guards: Iterable[str], others: Iterable[str]) -> bool:
    """Return whether no nomination passes both: in some dimension each takes values, and they share none."""
    taken, taken_by_others = _taken(guards), _taken(others)
    shared = taken.keys() & taken_by_others.keys()
    return any(taken[dimension].isdisjoint(taken_by_others[dimension]) for dimension in shared)


def contradicting(guards: Iterable[str]) -> list[str]:
    """Return the predicates among some guards of which no nomination passes all; none where one can."""
    known = [guard for guard in guards if guard in BRANCHES]
    torn = {dimension for dimension, values in _taken(known).items() if len(values) > 1}
    return [guard for guard in known if BRANCHES[guard].dimension in torn]


def _taken(guards: Iterable[str]) -> dict[Dimension, set[str]]:
    taken: dict[Dimension, set[str]] = {}
    for branch in branches_of(guards):
        taken.setdefault(branch.dimension, set()).add(branch.value)
    return taken
