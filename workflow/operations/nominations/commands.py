"""What the edge hands to an operation, and what it gets back."""

from dataclasses import dataclass
from typing import Self

from workflow.domain.facts import MoveRequest
from workflow.domain.rights.policy import Actor
from workflow.domain.route.definition import Definition
from workflow.domain.vocabulary import Via
from workflow.operations.keys import Claim
from workflow.store.locked import Locked


@dataclass(frozen=True, slots=True)
class Command:
    """An action on one nomination at the version its author saw. `assignee_id` is for reassign alone."""

    nomination_id: int
    version: int
    request: MoveRequest
    via: Via
    claim: Claim | None = None
    assignee_id: int | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """A command in hand: the nomination is locked, its definition loaded, the actor sees it."""

    locked: Locked
    definition: Definition
    actor: Actor
    command: Command


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an action led to. `was_answered_before` is true when its key had been seen."""

    nomination_id: int
    version: int
    seq: int
    was_answered_before: bool = False

    def as_result(self) -> dict[str, object]:
        """Return what a request key remembers."""
        return {"nomination_id": self.nomination_id, "version": self.version, "seq": self.seq}

    @classmethod
    def again(cls, result: dict[str, object]) -> Self:
        """Return the outcome a request key remembered."""
        nomination_id, version, seq = (int(str(result[name])) for name in ("nomination_id", "version", "seq"))
        return cls(nomination_id, version, seq, was_answered_before=True)
