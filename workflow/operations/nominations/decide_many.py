"""Many nominations decided at once: locked, read and written set-wise, answered one by one.

Every name is weighed by the same policy and engine as a single decision. Those that are refused are answered
and left as they are; the rest is written with one set of statements. See docs/adr/0021.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict, FieldError, InvalidField, NotFound, Reason, Refusal
from workflow.domain.facts import MoveRequest
from workflow.domain.moves.asked import demand_asked
from workflow.domain.moves.engine import open_move
from workflow.domain.rights.policy import Actor, demand_sight
from workflow.domain.vocabulary import BuiltIn, Via
from workflow.operations.nominations.answers import ItemResult, RefusedItem
from workflow.operations.nominations.apply import apply_moves
from workflow.operations.nominations.commands import Attempt, Command
from workflow.operations.nominations.decide import (
    BUILT_IN,
    as_of_now,
    clean_request,
    demand_past,
    plan_attempt,
    stale,
)
from workflow.operations.nominations.plans import MovePlan
from workflow.operations.nominations.steer import plan_recall, plan_withdrawal
from workflow.store.database import local_day
from workflow.store.definitions import load_definition
from workflow.store.ids import uuid7
from workflow.store.locked import LastChange, Locked, last_changes, lock_nominations

MOST_AT_ONCE: Final = 1000
"""How many nominations one request may name: what fits well into the time one statement may take."""


@dataclass(frozen=True, slots=True)
class ListItem:
    """One action on one nomination of a list.

    `version` None stands for the version as locked: only where the version of the whole list was given.
    """

    nomination_id: int
    version: int | None
    request: MoveRequest
    via: Via
    assignee_id: int | None = None


@dataclass(slots=True)
class _Weighed:
    """One item after the rules have spoken: a plan to write, a built-in act to carry out, or a refusal."""

    item: ListItem
    locked: Locked | None
    plan: MovePlan | None = None
    attempt: Attempt | None = None
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class _Table:
    """What the weighing of one list shares: who acts, when, and what was read once for all."""

    actor: Actor
    now: datetime
    locked: Mapping[int, Locked]
    changes: Mapping[int, LastChange]
    requests: dict[MoveRequest, MoveRequest | Refusal] = field(default_factory=dict)


_PLANNED: Final[Mapping[str, Callable[..., MovePlan]]] = {
    BuiltIn.RECALL: plan_recall,
    BuiltIn.WITHDRAW: plan_withdrawal,
}


def decide_list(
    session: Session, *, actor: Actor, commands: Sequence[ListItem], now: datetime
) -> list[ItemResult]:
    """Carry out each action that is allowed and answer each of them, in the order given. Never commits.

    Refusals are answers here, of the kinds `decide` raises; a nomination named twice is taken once.
    """
    locked = lock_nominations(session, [item.nomination_id for item in commands], actor=actor, now=now)
    table = _Table(actor, now, locked, _changes(session, commands, locked))
    seen: set[int] = set()
    weighed = []
    for item in commands:
        weighed.append(_weigh(session, table, item, is_twin=item.nomination_id in seen))
        seen.add(item.nomination_id)
    _write(session, weighed, now)
    return [_result(one) for one in weighed]


def demand_size(count: int) -> None:
    """Raise `InvalidField` unless a request names at least one nomination and no more than fit."""
    if not 1 <= count <= MOST_AT_ONCE:
        message = f"{count} are named; a request takes from 1 to {MOST_AT_ONCE}"
        raise InvalidField(f"nominations: {message}.", errors=[FieldError("nominations", message)])


def _changes(
    session: Session, commands: Sequence[ListItem], locked: Mapping[int, Locked]
) -> Mapping[int, LastChange]:
    """Return who changed what somebody saw in another version, in one look-up for all of them."""
    late = [
        item.nomination_id
        for item in commands
        if item.nomination_id in locked
        and item.version not in {None, locked[item.nomination_id].facts.version}
    ]
    return last_changes(session, late) if late else {}


def _weigh(session: Session, table: _Table, item: ListItem, *, is_twin: bool) -> _Weighed:
    one = _Weighed(item, table.locked.get(item.nomination_id))
    try:
        if is_twin:
            message = "The same nomination is named twice in one request."
            raise Conflict(message, reasons=[Reason("named_twice", message)])
        one.attempt = _take(session, table, item)
        one.plan = _plan(one.attempt, table.now)
    except Refusal as refusal:
        one.refusal = refusal
    return one


def _take(session: Session, table: _Table, item: ListItem) -> Attempt:
    """Return the attempt once it is seen, at the version seen, asking for nothing that is not asked for."""
    locked = table.locked.get(item.nomination_id)
    if locked is None:
        raise NotFound(f"There is no nomination {item.nomination_id} among those you may see.")
    demand_sight(table.actor, locked.facts)
    version = locked.facts.version if item.version is None else item.version
    if version != locked.facts.version:
        raise stale(locked, version, table.changes.get(item.nomination_id))
    request = _clean(table, item.request, today=local_day(session, table.now))
    definition = load_definition(session, locked.definition_id)
    candidate = open_move(definition, locked.facts, request.action)
    demand_asked(definition, candidate, request, assignee_id=item.assignee_id)
    command = Command(item.nomination_id, version, request, item.via, assignee_id=item.assignee_id)
    return Attempt(locked, definition, as_of_now(table.actor, locked), command)


def _clean(table: _Table, request: MoveRequest, *, today: date) -> MoveRequest:
    """Return the request with clean words; one that many items share is looked at once."""
    known = table.requests.get(request)
    if known is None:
        try:
            known = clean_request(request)
            demand_past(known, today=today)
        except Refusal as refusal:
            known = refusal
        table.requests[request] = known
    if isinstance(known, Refusal):
        raise known
    return known


def _plan(attempt: Attempt, now: datetime) -> MovePlan | None:
    """Return the plan of what moves; None for a built-in act that moves nothing."""
    action = attempt.command.request.action
    if action in _PLANNED:
        return _PLANNED[action](attempt, at=now)
    return None if action in BUILT_IN else plan_attempt(attempt, at=now)


def _write(session: Session, weighed: Sequence[_Weighed], now: datetime) -> None:
    """Write all plans in one set, then the built-in acts; note what the writing itself refused."""
    moving = [one for one in weighed if one.plan is not None]
    _apply(session, moving, slot=str(uuid7(now)) if len(moving) > 1 else None)
    for one in weighed:
        if one.refusal is None and one.plan is None and one.attempt is not None:
            _act(session, one, one.attempt, now)


def _apply(session: Session, moving: Sequence[_Weighed], *, slot: str | None) -> None:
    """Write the plans in one set; of a set that is refused each half is tried by itself, down to one name."""
    plans = [one.plan for one in moving if one.plan is not None]
    if not plans:
        return
    try:
        with session.begin_nested():
            apply_moves(session, plans, slot=slot)
    except Refusal as refusal:
        if len(moving) == 1:
            moving[0].refusal = refusal
            return
        middle = len(moving) // 2
        _apply(session, moving[:middle], slot=slot)
        _apply(session, moving[middle:], slot=slot)


def _act(session: Session, one: _Weighed, attempt: Attempt, now: datetime) -> None:
    try:
        with session.begin_nested():
            BUILT_IN[attempt.command.request.action](session, attempt, now=now)
    except Refusal as refusal:
        one.refusal = refusal


def _result(one: _Weighed) -> ItemResult:
    nomination_id, locked = one.item.nomination_id, one.locked
    if one.refusal is not None:
        hides = locked is None or isinstance(one.refusal, NotFound)
        version, state = (
            (None, None) if hides or locked is None else (locked.facts.version, locked.facts.state)
        )
        return ItemResult(nomination_id, version, state, RefusedItem.of(one.refusal))
    if locked is None:
        raise RuntimeError("what was not locked cannot have been decided")
    state = one.plan.dest if one.plan is not None else locked.facts.state
    return ItemResult(nomination_id, locked.facts.version + 1, state)
