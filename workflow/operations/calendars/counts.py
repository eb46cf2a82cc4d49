"""What a changed calendar moves, in numbers and a few examples."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Self

from workflow.operations.calendars.anew import CountedAnew, ReturnAnew
from workflow.operations.deadlines.replan import RungMove

_SHOWN: Final = 20
_NUMBERS: Final = (
    *("looked_at", "later", "earlier", "kept", "returns", "left"),
    *("rungs_moved", "rungs_gone", "rungs_new", "letters_cancelled"),
)


@dataclass(frozen=True, slots=True)
class CountedDate:
    """One due date that moves, as an example of them."""

    nomination_id: int
    unit_code: str
    step: str
    was_at: datetime | None
    due_at: datetime | None


@dataclass(slots=True)
class Replanned:
    """What a changed calendar moves: due dates, promises and letters; `left` was in somebody's hands.

    `kept` would be due in the past by now and stays as it is. `examples` are the first that move.
    """

    looked_at: int = 0
    later: int = 0
    earlier: int = 0
    kept: int = 0
    returns: int = 0
    rungs_moved: int = 0
    rungs_gone: int = 0
    rungs_new: int = 0
    letters_cancelled: int = 0
    left: int = 0
    units: set[str] = field(default_factory=set)
    people: set[int] = field(default_factory=set)
    examples: list[CountedDate] = field(default_factory=list)

    @property
    def has_changed_something(self) -> bool:
        """Whether anything was counted anew."""
        return bool(self.looked_at or self.returns)

    def note(self, counted: Sequence[CountedAnew]) -> None:
        """Count what became of some nominations."""
        for one in counted:
            facts = one.locked.facts
            self.kept += one.is_kept
            self.looked_at += not one.is_kept
            self.note_rungs(one.rungs)
            if one.has_moved:
                self.later += one.is_later
                self.earlier += not one.is_later
                self.units.add(facts.seats.unit)
                self.people.update(one.people)
                if len(self.examples) < _SHOWN:
                    place = (facts.nomination_id, facts.seats.unit, facts.state)
                    self.examples.append(CountedDate(*place, one.locked.due_at, one.clock.due_at))

    def note_rungs(self, moves: Sequence[RungMove]) -> None:
        """Count what became of some promises."""
        for move in moves:
            self.rungs_new += move.was_at is None and move.at is not None
            self.rungs_gone += move.was_at is not None and move.at is None
            self.rungs_moved += None not in {move.was_at, move.at} and move.was_at != move.at

    def note_returns(self, counted: Sequence[ReturnAnew]) -> None:
        """Count what became of what units owe, and of the promises about it."""
        for one in counted:
            self.returns += one.has_moved or any(move.was_at != move.at for move in one.rungs)
            self.note_rungs(one.rungs)

    def add(self, other: Self) -> None:
        """Count what another batch came to as well."""
        for name in _NUMBERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.units |= other.units
        self.people |= other.people
        self.examples += other.examples[: _SHOWN - len(self.examples)]

    def counts(self) -> dict[str, object]:
        """Give the numbers alone."""
        numbers: dict[str, object] = {name: getattr(self, name) for name in _NUMBERS}
        return numbers | {"units": len(self.units), "people": len(self.people)}
