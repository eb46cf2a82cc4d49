"""Pressing whoever holds a nomination's open work, in one transaction."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict, NotFound, Reason
from workflow.domain.history.chain import ChainedEvent
from workflow.domain.rights.nudges import nobody_else, read_words, refuse_press
from workflow.domain.rights.policy import Actor, demand_sight
from workflow.domain.vocabulary import NUDGE, Recipient, Via
from workflow.operations.deadlines.empty_seats import show_to
from workflow.operations.deadlines.recipients import resolve_recipients
from workflow.operations.history.record import Deed, append_events
from workflow.operations.keys import Claim, claim_key, settle_key
from workflow.operations.nudges.ledger import Pressed, counted_on, enter, promise_letters, told_data
from workflow.store.database import local_day
from workflow.store.definitions import load_definition
from workflow.store.locked import Locked, lock_nominations


@dataclass(frozen=True, slots=True)
class Nudged:
    """How many were told; `was_answered_before` says that the same request was carried out already."""

    told_count: int
    was_answered_before: bool = False

    @classmethod
    def again(cls, result: dict[str, Any]) -> Self:
        """Return the answer as it was given."""
        return cls(**result | {"was_answered_before": True})


def nudge(
    session: Session,
    *,
    actor: Actor,
    nomination_id: int,
    words: str,
    via: Via,
    now: datetime,
    claim: Claim | None = None,
) -> Nudged:
    """Press whoever holds the open work of a nomination, and commit.

    Raises `NotFound` when the actor may not see it, `Forbidden` when it is not theirs to press or their own,
    `MoveNotOpen` and `NominationHeld` when it waits for nobody, `Conflict` when there is nobody else to tell
    or somebody pressed for this working day already, saying who and when, `InvalidField` for such words.
    """
    answered = claim_key(session, claim, actor=actor, now=now)
    if answered is not None:
        return Nudged.again(answered)
    said = read_words(words)
    locked = lock_nominations(session, [nomination_id], actor=actor, now=now).get(nomination_id)
    if locked is None:
        raise NotFound(f"There is no nomination {nomination_id} among those you may see.")
    demand_sight(actor, locked.facts)
    locked = locked.in_front()
    actor = replace(actor, keys=actor.keys & locked.actor_keys)
    definition = load_definition(session, locked.definition_id)
    refusal = refuse_press(actor, locked.facts, starter=str(definition.starter))
    if refusal is not None:
        raise refusal
    pressed = pressed_of(session, actor, locked, now=now)
    day = counted_on(session, definition.calendar, pressed.owner_key, now)
    rung_id, place = enter(session, pressed, day=day, now=now)
    if pressed.shown_seat is not None:
        show_to(session, {nomination_id: pressed.shown_seat})
    entry = ChainedEvent.of(
        pressed.stream,
        locked.last_seq + 1,
        NUDGE,
        via=via,
        at=now,
        actor_id=actor.account_id,
        places=(locked.facts.state, locked.facts.state),
        data=told_data(pressed, place),
    )
    [event] = append_events(session, [Deed(entry, locked.last_hash, said)])
    promise_letters(session, [(pressed, rung_id, event)], actor=actor, now=now)
    nudged = Nudged(len(pressed.told))
    settle_key(session, claim, actor=actor, result={"told_count": nudged.told_count})
    session.commit()
    return nudged


def pressed_of(session: Session, actor: Actor, locked: Locked, *, now: datetime) -> Pressed:
    """Return who would be told now, never whoever presses. Raises `Conflict` where that is nobody."""
    facts, number = locked.facts, locked.facts.nomination_id
    people = resolve_recipients(session, {number: (facts, {Recipient.HOLDER})}, today=local_day(session, now))
    recipients = people[number][Recipient.HOLDER]
    reason = nobody_else(recipients.account_ids, actor)
    if reason is not None or locked.work_item_id is None or facts.owner_key is None:
        reason = reason or Reason("nobody_to_nudge", "Nobody holds it.")
        raise Conflict(reason.message, reasons=[reason])
    told = tuple(one for one in recipients.account_ids if one != actor.account_id)
    return Pressed(locked.work_item_id, facts.owner_key, recipients, told, nomination_id=number)
