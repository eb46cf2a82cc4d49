"""What differs between two versions of a route, in the words of the file, in the order of the newer one."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from workflow.domain.route.definition import Definition, Move, RungEntry, Step


class DifferenceKind(StrEnum):
    """What of a route is another one, or there in one version alone."""

    CALENDAR = "calendar"
    STEP_GONE = "step_gone"
    STEP_NEW = "step_new"
    DUE = "due"
    DOUBLED = "doubled"
    OWNER = "owner"
    PARTY = "party"
    LADDER = "ladder"
    DUE_RETURNED = "due_returned"
    DOUBLED_RETURNED = "doubled_returned"
    LADDER_RETURNED = "ladder_returned"
    LADDER_OWED = "ladder_owed"
    MOVE_GONE = "move_gone"
    MOVE_NEW = "move_new"
    MOVE = "move"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs: of which step or move (empty: of the route), what it was and would be."""

    kind: DifferenceKind
    name: str
    was: str = ""
    now: str = ""


_OF_STEP: Final[Sequence[tuple[DifferenceKind, Callable[[Step], str]]]] = (
    (DifferenceKind.DUE, lambda step: str(step.due or "")),
    (DifferenceKind.DOUBLED, lambda step: step.doubled_when or ""),
    (DifferenceKind.OWNER, lambda step: str(step.owner or "")),
    (DifferenceKind.PARTY, lambda step: step.party or ""),
    (DifferenceKind.LADDER, lambda step: _ladder(step.rungs)),
    (DifferenceKind.DUE_RETURNED, lambda step: str(step.returned.due) if step.returned else ""),
    (
        DifferenceKind.DOUBLED_RETURNED,
        lambda step: (step.returned.doubled_when or "") if step.returned else "",
    ),
    (DifferenceKind.LADDER_RETURNED, lambda step: _ladder(step.returned.rungs) if step.returned else ""),
)


def differences(one: Definition, other: Definition, renamed: Mapping[str, str]) -> Iterator[Difference]:
    """Yield what differs; `renamed` says what steps of the first are called in the other."""
    if one.calendar != other.calendar:
        yield Difference(DifferenceKind.CALENDAR, "", one.calendar, other.calendar)
    owed, would_be = (_ladder(each.owed.rungs) if each.owed else "" for each in (one, other))
    if owed != would_be:
        yield Difference(DifferenceKind.LADDER_OWED, "", owed, would_be)
    before = {renamed.get(step.name, step.name): step for step in one.steps}
    after = {step.name: step for step in other.steps}
    yield from (Difference(DifferenceKind.STEP_GONE, name) for name in before if name not in after)
    for name, step in after.items():
        if name not in before:
            yield Difference(DifferenceKind.STEP_NEW, name)
            continue
        for kind, text in _OF_STEP:
            was, now = text(before[name]), text(step)
            if was != now:
                yield Difference(kind, name, was, now)
    yield from _moves(one, other, renamed)


def _moves(one: Definition, other: Definition, renamed: Mapping[str, str]) -> Iterator[Difference]:
    before, after = _by_name(one, renamed), _by_name(other, {})
    yield from (Difference(DifferenceKind.MOVE_GONE, name) for name in before if name not in after)
    for name, now in after.items():
        was = before.get(name)
        if was is None:
            yield Difference(DifferenceKind.MOVE_NEW, name)
        elif was != now:
            yield Difference(DifferenceKind.MOVE, name, was, now)


def _by_name(definition: Definition, renamed: Mapping[str, str]) -> dict[str, str]:
    """Return what the moves of each name say; two may share one where their guards exclude each other."""
    found: dict[str, str] = {}
    for move in definition.moves:
        found[move.name] = "; ".join(filter(None, (found.get(move.name), _spelt(move, renamed))))
    return found


def _spelt(move: Move, renamed: Mapping[str, str]) -> str:
    sources, dests = (
        ", ".join(renamed.get(one, one) for one in names) for names in (move.sources, move.dests)
    )
    flags = (
        (move.reason_required, "reason_required"),
        (bool(move.by_substitute), "by_substitute"),
        (move.by_code, "by_code"),
    )
    extras = [*move.guards, *(word for is_set, word in flags if is_set)]
    return f"{sources} -> {dests} by {move.by}" + (f" ({', '.join(extras)})" if extras else "")


def _ladder(rungs: Sequence[RungEntry]) -> str:
    return "; ".join(f"{rung.at} {rung.do} {rung.to}{'' if rung.warn else ' unwarned'}" for rung in rungs)
