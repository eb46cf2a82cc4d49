"""What an action does to a nomination: planned here, written elsewhere.

Who may act is the policy's question; this module answers only what the pinned definition allows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final

from transitions import Machine

from workflow.domain.errors import MoveNotOpen, NominationHeld, Reason, RequirementsMissing, UnknownStep
from workflow.domain.facts import Facts, MoveRequest
from workflow.domain.route.definition import Definition, Label, Move, Step
from workflow.domain.route.guards import DECISION_GUARD, FROM_THE_FORM, REQUIREMENTS, VOTE_GUARD
from workflow.domain.route.predicates import PREDICATES
from workflow.domain.route.role_at import RoleAt
from workflow.domain.vocabulary import Stage

_MACHINES_KEPT: Final = 256


class Direction(StrEnum):
    """What a move means to the people it concerns."""

    FORWARD = "forward"
    RETURN = "return"
    REJECT = "reject"
    APPROVE = "approve"


@dataclass(frozen=True, slots=True)
class PlannedMove:
    """A move that the definition allows: where it leads, and what that means."""

    dest: str
    direction: Direction


@dataclass(frozen=True, slots=True)
class Offer:
    """A button: a move that leaves the present state, and why it cannot be made now, if so.

    What its form asks for (comment, reason, step, decision, counts) does not count as unmet.
    """

    name: str
    label: Label
    dests: tuple[Step, ...]
    by: RoleAt | None
    reason_required: bool
    needs_decision: bool
    needs_vote: bool
    is_personal: bool
    direction: Direction
    unmet: tuple[Reason, ...]


def plan_move(definition: Definition, facts: Facts, request: MoveRequest, move: Move | None) -> PlannedMove:
    """Find where the move that the request asks for leads; `move` is what `open_move` gave for it.

    Raises NominationHeld, MoveNotOpen when the action does not leave this state for this kind of subject,
    UnknownStep when the destination is not one of the move's, and RequirementsMissing with every unmet rule.
    """
    if facts.is_held:
        raise NominationHeld("The nomination is on hold; release the hold first.")
    if move is None:
        raise _not_open(definition, facts, request.action)
    dest = _destination(definition, move, facts.state, request)
    unmet = _unmet_requirements(definition, move, facts, request)
    if unmet:
        raise RequirementsMissing(
            f"'{request.action}' needs more: " + " ".join(reason.message for reason in unmet), reasons=unmet
        )
    _run_machine(definition, facts, request, dest)
    return PlannedMove(dest, direction_of(definition, facts.state, dest))


def offers(definition: Definition, facts: Facts) -> tuple[Offer, ...]:
    """List every move that leaves the present state for this subject, with the rules not met so far.

    A move of the other branch (for collectives, when a person is nominated) is no offer. On hold, each offer
    says so; nothing is offered in a final or closed state.
    """
    if facts.is_closed or definition.is_final(facts.state):
        return ()
    empty = MoveRequest(action="")
    held = (Reason("on_hold", "The nomination is on hold; release the hold first."),) if facts.is_held else ()
    found = []
    for move in definition.moves_from(facts.state):
        if _closed_branch(move, facts):
            continue
        unmet = _unmet_guards(move, facts, empty, without=FROM_THE_FORM)
        dests = move.dests_from(facts.state)
        found.append(
            Offer(
                name=move.name,
                label=move.label,
                dests=tuple(definition.step(dest) for dest in dests),
                by=definition.by_of(move, facts.state),
                reason_required=move.reason_required,
                needs_decision=DECISION_GUARD in move.guards,
                needs_vote=VOTE_GUARD in move.guards,
                is_personal=is_personal(move),
                direction=direction_of(definition, facts.state, dests[0]),
                unmet=(*held, *unmet),
            )
        )
    return tuple(found)


def is_personal(move: Move) -> bool:
    """Tell whether nobody makes the move for somebody who is away: a signature, unless the route allows it.

    Signing for another is the law's business (KT., TL., TUQ. before the name), not that of a substitute here.
    """
    return DECISION_GUARD in move.guards if move.by_substitute is None else not move.by_substitute


def direction_of(definition: Definition, source: str, dest: str) -> Direction:
    """Tell what going from one step to another means: a step listed earlier is a return."""
    stage = definition.stage_of(dest)
    if stage is Stage.APPROVED:
        return Direction.APPROVE
    if stage is Stage.REJECTED:
        return Direction.REJECT
    is_back = definition.position(dest) < definition.position(source)
    return Direction.RETURN if is_back else Direction.FORWARD


def open_move(definition: Definition, facts: Facts, action: str) -> Move | None:
    """Give the move of that name that leaves the present state for this kind of subject, if there is one.

    Who may make it (`by`) belongs to this branch, so authority is asked about this move and no other.
    """
    if facts.is_closed or definition.is_final(facts.state):
        return None
    named = [move for move in definition.moves_from(facts.state) if move.name == action]
    found = [move for move in named if not _closed_branch(move, facts)]
    if len(found) > 1:
        message = f"'{definition.key}' has two moves '{action}' open from '{facts.state}'"
        raise RuntimeError(message)
    return found[0] if found else None


def is_of_other_branch(move: Move, facts: Facts) -> bool:
    """Tell whether the move is for another kind of subject than this one."""
    return bool(_closed_branch(move, facts))


def _not_open(definition: Definition, facts: Facts, action: str) -> MoveNotOpen:
    """Say that an action is not open here, which are, and why a move of its name is not for this subject."""
    is_over = facts.is_closed or definition.is_final(facts.state)
    leaving = () if is_over else definition.moves_from(facts.state)
    choices = sorted({move.name for move in leaving if not _closed_branch(move, facts)})
    offered = f"open now: {', '.join(choices)}" if choices else "no action is open there"
    return MoveNotOpen(
        f"'{action}' is not open in the step '{facts.state}'; {offered}.",
        reasons=[reason for move in leaving if move.name == action for reason in _closed_branch(move, facts)],
        action=action,
        state=facts.state,
    )


def _closed_branch(move: Move, facts: Facts) -> tuple[Reason, ...]:
    return tuple(
        reason for guard in move.guards if guard in PREDICATES for reason in PREDICATES[guard](facts)
    )


def _destination(definition: Definition, move: Move, state: str, request: MoveRequest) -> str:
    """Give the step the request names, or the only one there is.

    Where neither is, the refusal tells too what else is not said: nobody is sent back twice for one form.
    """
    dests = move.dests_from(state)
    if request.to_step in dests:
        return request.to_step
    choices = ", ".join(dests)
    if request.to_step is not None:
        message = f"'{move.name}' does not lead from '{state}' to '{request.to_step}' but to {choices}."
    elif len(dests) == 1:
        return dests[0]
    else:
        message = f"'{move.name}' can lead to several steps; say in to_step which: {choices}."
    unsaid = unmet_reason(definition, move, request)
    raise UnknownStep(message, reasons=unsaid, action=move.name, choices=choices)


def _unmet_requirements(
    definition: Definition, move: Move, facts: Facts, request: MoveRequest
) -> tuple[Reason, ...]:
    return (*_unmet_guards(move, facts, request), *unmet_reason(definition, move, request))


def _unmet_guards(
    move: Move, facts: Facts, request: MoveRequest, *, without: frozenset[str] = frozenset()
) -> list[Reason]:
    """Return what the requirements of a move say no for, each reason once."""
    found: list[Reason] = []
    for guard in move.guards:
        if guard in REQUIREMENTS and guard not in without:
            found += [reason for reason in REQUIREMENTS[guard](facts, request) if reason not in found]
    return found


def unmet_reason(definition: Definition, move: Move | Offer, request: MoveRequest) -> tuple[Reason, ...]:
    """Ask for reason code and words where the move needs them; a code that is given must exist anyway."""
    codes = [reason.code for reason in definition.reason_choices]
    unmet = []
    if request.reason_code:
        if request.reason_code not in codes:
            message = f"There is no reason '{request.reason_code}'; choose one of {', '.join(codes)}."
            unmet.append(Reason("reason_code_unknown", message, {"reason_code": request.reason_code}))
    elif move.reason_required:
        unmet.append(Reason("reason_code_missing", f"Choose a reason: {', '.join(codes)}."))
    if move.reason_required and not request.comment.strip():
        unmet.append(Reason("comment_missing", "Write what has to be done or why."))
    return tuple(unmet)


class _Token:
    """What the machine moves instead of a row: made for one question and thrown away."""

    __slots__ = ("state",)

    def __init__(self, state: str) -> None:
        self.state = state


def _run_machine(definition: Definition, facts: Facts, request: MoveRequest, dest: str) -> None:
    """Make the move on a token: machine and plan must agree before anything is written.

    A false condition returns False silently in `transitions`, hence the comparison.
    """
    token = _Token(facts.state)
    _machine(definition).events[request.action].trigger(token, facts, request)
    if token.state != dest:
        message = (
            f"'{request.action}' of '{definition.key}' was planned to '{dest}' and reached '{token.state}'"
        )
        raise RuntimeError(message)


class _ByContent:
    """A definition as the cache sees it: equal when the content is."""

    __slots__ = ("definition",)

    def __init__(self, definition: Definition) -> None:
        self.definition = definition

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByContent) and self.definition.machine_key == other.definition.machine_key

    def __hash__(self) -> int:
        return hash(self.definition.machine_key)


def _machine(definition: Definition) -> Machine:
    """Give the compiled machine of a definition; there is one for each content, shared by all threads."""
    return _compile(_ByContent(definition))


@lru_cache(maxsize=_MACHINES_KEPT)
def _compile(wrapped: _ByContent) -> Machine:
    """Build a machine without models, without `to_...` shortcuts past the guards and without a queue."""
    definition = wrapped.definition
    machine = Machine(
        model=None,
        states=[step.name for step in definition.steps],
        initial=definition.initial,
        auto_transitions=False,
        queued=False,
        send_event=False,
    )
    for move in definition.moves:
        for source in move.sources:
            for dest in move.dests_from(source):
                is_only = len(move.dests_from(source)) == 1
                condition = _condition(definition, move, dest, is_only=is_only)
                machine.add_transition(move.name, source, dest, conditions=[condition])
    return machine


def _condition(
    definition: Definition, move: Move, dest: str, *, is_only: bool
) -> Callable[[Facts, MoveRequest], bool]:
    def is_met(facts: Facts, request: MoveRequest) -> bool:
        named = request.to_step == dest or (is_only and request.to_step is None)
        return (
            named
            and not _closed_branch(move, facts)
            and not _unmet_requirements(definition, move, facts, request)
        )

    return is_met
