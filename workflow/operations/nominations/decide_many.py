"""Many nominations decided at once: weighed as a single one is, written set-wise, answered one by one.

Those that are refused are answered and left as they are; the rest is written with one set of statements. See
docs/adr/0021.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy.orm import Session

from workflow.domain.errors import FieldError, InvalidField, NotFound, Refusal
from workflow.domain.rights.policy import Actor
from workflow.operations.keys import Claim, claim_key, settle_key
from workflow.operations.nominations.answers import ItemResult, ListOutcome, RefusedItem
from workflow.operations.nominations.apply import apply_moves
from workflow.operations.nominations.commands import Command
from workflow.operations.nominations.plans import MovePlan
from workflow.operations.nominations.weigh import Allowed, Denied, weigh
from workflow.store.ids import uuid7
from workflow.store.locked import Locked

MOST_AT_ONCE: Final = 1000
"""How many nominations one request may name: what fits well into the time one statement may take."""


def decide_inbox(
    session: Session,
    *,
    actor: Actor,
    items: Sequence[Command],
    now: datetime,
    claim: Claim | None = None,
) -> ListOutcome:
    """Carry out each action that is allowed, commit, and answer each of them in the order given.

    Raises `InvalidField` for none or too many; whatever stands against one item is its own answer.
    """
    answered = claim_key(session, claim, actor=actor, now=now)
    if answered is not None:
        return ListOutcome.again(answered)
    demand_size(len(items))
    outcome = ListOutcome(tuple(decide_list(session, actor=actor, commands=items, now=now)))
    settle_key(session, claim, actor=actor, result=outcome.as_result())
    session.commit()
    return outcome


def decide_list(
    session: Session, *, actor: Actor, commands: Sequence[Command], now: datetime
) -> list[ItemResult]:
    """Carry out each action that is allowed and answer each of them, in the order given. Never commits.

    Refusals are answers here, of the kinds `decide` raises; a nomination named twice is taken once.
    """
    weighed = weigh(session, commands, actor=actor, now=now)
    allowed = [one for one in weighed if isinstance(one, Allowed)]
    moves = [one.effect for one in allowed if isinstance(one.effect, MovePlan)]
    denied = _apply(session, moves, slot=str(uuid7(now)) if len(moves) > 1 else None)
    states = _act(session, allowed, denied, now)
    return [
        _result(one if isinstance(one, Denied) else denied.get(one.nomination_id, one), states)
        for one in weighed
    ]


def demand_size(count: int) -> None:
    """Raise `InvalidField` unless a request names at least one nomination and no more than fit."""
    if not 1 <= count <= MOST_AT_ONCE:
        message = f"{count} are named; a request takes from 1 to {MOST_AT_ONCE}"
        raise InvalidField(f"nominations: {message}.", errors=[FieldError("nominations", message)])


def _apply(session: Session, plans: Sequence[MovePlan], *, slot: str | None) -> dict[int, Denied]:
    """Write the plans in one set; of a set that is refused each half is tried by itself, down to one name."""
    if not plans:
        return {}
    try:
        with session.begin_nested():
            apply_moves(session, plans, slot=slot)
    except Refusal as refusal:
        if len(plans) == 1:
            return _denied(plans[0].locked, refusal)
        middle = len(plans) // 2
        first = _apply(session, plans[:middle], slot=slot)
        return first | _apply(session, plans[middle:], slot=slot)
    return {}


def _act(
    session: Session, allowed: Sequence[Allowed], denied: dict[int, Denied], now: datetime
) -> dict[int, str]:
    """Carry out what is no move, one by one, and return the states it left; refusals join those denied."""
    states: dict[int, str] = {}
    for one in allowed:
        if isinstance(one.effect, MovePlan):
            continue
        try:
            with session.begin_nested():
                recorded = one.effect(session, one.attempt, now=now)
        except Refusal as refusal:
            denied |= _denied(one.attempt.locked, refusal)
        else:
            states[one.nomination_id] = recorded.state or one.attempt.locked.facts.state
    return states


def _denied(locked: Locked, refusal: Refusal) -> dict[int, Denied]:
    """Return what the writing itself refused, by its number."""
    nomination_id = locked.facts.nomination_id
    return {nomination_id: Denied(nomination_id, locked, refusal)}


def _result(one: Allowed | Denied, states: Mapping[int, str]) -> ItemResult:
    """Return the answer; of what is not to be seen neither version nor state are told."""
    if isinstance(one, Allowed):
        effect = one.effect
        state = effect.dest if isinstance(effect, MovePlan) else states[one.nomination_id]
        return ItemResult(one.nomination_id, one.version_after, state)
    told = RefusedItem.of(one.refusal)
    if one.locked is None or isinstance(one.refusal, NotFound):
        return ItemResult(one.nomination_id, None, None, told)
    return ItemResult(one.nomination_id, one.locked.facts.version, one.locked.facts.state, told)
