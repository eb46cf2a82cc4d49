"""Undoing what was just decided: what can be undone, by whom and until when; so long its mails wait."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from workflow.domain.errors import Forbidden, MoveNotOpen, Reason, Refusal
from workflow.domain.facts import Facts
from workflow.domain.rights.policy import NOT_YOURS, Actor, refuse_subject
from workflow.domain.route.definition import Definition
from workflow.domain.vocabulary import UNDONE, BuiltIn, Via


@dataclass(frozen=True, slots=True)
class LastAct:
    """What changed a nomination last, no longer ago than may be undone.

    `is_followed`: somebody did something since that changed no version, as a nudge or a date asked for.
    `is_told`: it was signed with a number, and a letter of whatever that number covers has left.
    """

    event_id: UUID
    seq: int
    action: str
    source: str | None
    dest: str | None
    via: str
    actor_id: int | None
    at: datetime
    is_followed: bool = False
    is_told: bool = False
    data: dict[str, Any] = field(default_factory=dict)


def can_be_undone(definition: Definition, action: str, source: str, dest: str, *, via: str) -> bool:
    """Return whether what was done is a decision that whoever made it may undo: a move of the definition.

    What was taken back, withdrawn or handed over has ways of its own, and an import is undone as a whole.
    """
    is_move = definition.has_step(source) and any(
        move.name == action for move in definition.moves_from(source)
    )
    return is_move and via != Via.IMPORT and not _is_switched_off(definition, source, dest)


def refuse_undo(
    actor: Actor, facts: Facts, definition: Definition, last: LastAct, *, keys: frozenset[str]
) -> tuple[Refusal, ...]:
    """Return every reason why the actor cannot undo what was done last, gravest first; none when they may.

    `keys` are those by which it was theirs to do. Only whoever acted undoes it, a substitute what they did in
    another's place; and never the nominee.
    """
    source, dest = last.source or "", last.dest or ""
    if last.action == UNDONE:
        return (_no(MoveNotOpen, "undone_already", "It was undone already."),)
    if _is_switched_off(definition, source, dest):
        return (_no(MoveNotOpen, "switched_off", "It is switched off at this step, or at the one before."),)
    if not can_be_undone(definition, last.action, source, dest, via=last.via):
        return (nothing_to_undo(),)
    own = refuse_subject(facts, is_drafting=False)
    told = "Its number was sent out already; correct it by a new decision."
    is_another, has_left = last.actor_id != actor.account_id, actor.keys.isdisjoint(keys)
    tests = (
        (is_another, _no(Forbidden, "undo_not_yours", "Only whoever decided may undo it.")),
        (has_left, _no(Forbidden, NOT_YOURS, "You no longer sit where it was decided.")),
        (own is not None, _no(Forbidden, own.code if own else "", own.message if own else "")),
        (last.is_followed, _no(MoveNotOpen, "acted_since", "Somebody has acted on it since.")),
        (last.is_told, _no(MoveNotOpen, "number_told", told)),
    )
    return tuple(refusal for holds, refusal in tests if holds)


def nothing_to_undo() -> Refusal:
    """Return the refusal where nothing was decided lately, or not by a move: it says what to do instead."""
    message = (
        "Nothing was decided here so lately that it could be undone. Take it back while nobody has begun, "
        "ask for its return, or have a correcting entry made."
    )
    return _no(MoveNotOpen, "nothing_to_undo", message)


def _is_switched_off(definition: Definition, source: str, dest: str) -> bool:
    """Whether the step that was decided, or the one it came to, leaves no undoing."""
    steps = (definition.step(name) for name in (source, dest) if definition.has_step(name))
    return any(not step.allows(BuiltIn.UNDO) for step in steps)


def _no(kind: type[Refusal], code: str, message: str) -> Refusal:
    return kind(message, reasons=[Reason(code, message)])
