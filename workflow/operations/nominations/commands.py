"""What the edge hands to an operation, how it looks in hand, and what the edge gets back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self, TypeVar

from sqlalchemy.orm import Session

from workflow.domain.errors import AlreadyClaimed, Forbidden, Refusal, RequirementsMissing
from workflow.domain.facts import MoveRequest
from workflow.domain.moves.engine import open_move
from workflow.domain.rights.policy import NOT_YOURS, Actor, guises
from workflow.domain.route.definition import Definition, Move
from workflow.domain.vocabulary import Stage, Via
from workflow.operations.history.record import Change, Recorded, write_changes
from workflow.operations.keys import Claim
from workflow.store.locked import Locked

Asked = TypeVar("Asked")


@dataclass(frozen=True, slots=True)
class Command:
    """An action on one nomination at the version its author saw. `assignee_id` is for reassign alone.

    In a list `version` None stands for the version as locked, where that of the whole list was given, and the
    claim is the list's. `is_by_code`: its author proved who they are by a code that was mailed to them.
    """

    nomination_id: int
    version: int | None
    request: MoveRequest
    via: Via
    claim: Claim | None = None
    assignee_id: int | None = None
    is_by_code: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """A command in hand: the nomination is locked, its definition loaded, the actor sees it.

    `move` is the open move that the command names, None for a built-in action and for what is not open.
    """

    locked: Locked
    definition: Definition
    actor: Actor
    command: Command
    move: Move | None

    @classmethod
    def of(cls, locked: Locked, definition: Definition, actor: Actor, command: Command) -> Self:
        """Return the attempt, with the move looked up that it is about."""
        move = open_move(definition, locked.facts, command.request.action)
        return cls(locked, definition, actor, command, move)


def for_first_allowed(attempt: Attempt, ask: Callable[[Attempt], Asked]) -> tuple[Attempt, Asked]:
    """Return the attempt with what the rules answer: of the actor themselves, else in an absent's place.

    Raises what the rules say to the actor, unless they have more to say of one in another's place than that
    it is not theirs.
    """
    locked, refused = attempt.locked, list[Refusal]()
    for guise, facts in guises(attempt.actor, locked.facts, is_drafting=locked.stage is Stage.DRAFT):
        is_so = guise is attempt.actor and facts is locked.facts
        tried = attempt if is_so else replace(attempt, actor=guise, locked=replace(locked, facts=facts))
        try:
            return tried, ask(tried)
        except (Forbidden, AlreadyClaimed, RequirementsMissing) as refusal:
            refused.append(refusal)
    raise next((one for one in refused if not _is_not_theirs(one)), refused[0])


def _is_not_theirs(refusal: Refusal) -> bool:
    return any(reason.code == NOT_YOURS for reason in refusal.reasons)


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


def write_attempt(
    session: Session,
    attempt: Attempt,
    *,
    now: datetime,
    is_held: bool | None = None,
    seat: str | None = None,
    data: Mapping[str, object] | None = None,
    words: str = "",
) -> Recorded:
    """Write that what was attempted is done, the nomination staying where it is; never commits.

    A `seat` that it reaches with this sees it from now on. `words` are kept where nobody said any.
    """
    command = attempt.command
    change = Change(
        attempt.locked,
        replace(command.request, comment=command.request.comment or words),
        attempt.actor,
        command.via,
        now,
        is_held=is_held,
        seat=seat,
        data=data or {},
    )
    return write_changes(session, [change])[0]
