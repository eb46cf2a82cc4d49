"""A move on its way to being written: asked of policy and engine, with what it is signed and counted with."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from workflow.domain.errors import Reason
from workflow.domain.facts import Facts, MoveRequest
from workflow.domain.moves.engine import Direction, is_personal, plan_move
from workflow.domain.moves.offline_steps import refuse_offline
from workflow.domain.rights.authority import is_decided_here
from workflow.domain.rights.policy import Actor, demand, refuse_move
from workflow.domain.rights.routing import split_key
from workflow.domain.route.definition import Definition, Move
from workflow.domain.route.guards import DECISION_GUARD
from workflow.domain.vocabulary import DecisionKind, Stage, Via
from workflow.operations.nominations.commands import Attempt
from workflow.operations.nominations.decisions import SignedDecision
from workflow.operations.nominations.verdicts import CouncilVerdict, verdict_of
from workflow.store.database import local_day
from workflow.store.locked import Locked


@dataclass(frozen=True, slots=True)
class Founding:
    """What a nomination begins with and keeps: the facts that history tells of it, and whose names."""

    facts: Mapping[str, object]
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class MovePlan:
    """One nomination's move, already allowed: from where it stands to `dest`, by whom and why.

    `direction` is None for what tells nobody: a recall, a withdrawal. `at` is when it is recorded;
    `occurred_at`, where it was done offline, when it took place: what clocks count from. `founding` is what
    a draft begins with.
    """

    locked: Locked
    definition: Definition
    actor: Actor
    request: MoveRequest
    via: Via
    at: datetime
    dest: str
    direction: Direction | None = None
    occurred_at: datetime | None = None
    founding: Founding | None = None
    is_by_code: bool = False

    @property
    def took_place_at(self) -> datetime:
        """When the step took place, which is when it is recorded unless it was done offline.

        Never before the stay that it ends began: a server's clock may have been put back since.
        """
        took_place_at, entered_at = self.occurred_at or self.at, self.locked.visit_entered_at
        return took_place_at if entered_at is None else max(took_place_at, entered_at)

    @property
    def is_taken_back(self) -> bool:
        """Whether it goes back to the step it was sent on from: no move, no beginning, no end."""
        is_move_or_beginning = self.direction is not None or self.founding is not None
        return not is_move_or_beginning and not self.definition.is_final(self.dest)


def plan_attempt(attempt: Attempt, *, at: datetime) -> MovePlan:
    """Ask the policy, then the engine, what the attempt leads to; raises what they refuse."""
    request, move = attempt.command.request, attempt.move
    if move is not None:
        demand(_refuse(attempt, move))
        request = _signed_as_done(request, move)
    planned = plan_move(attempt.definition, attempt.locked.facts, request, move)
    return replace(plan_to(attempt, planned.dest, planned.direction, at=at), request=request)


def plan_to(attempt: Attempt, dest: str, direction: Direction | None = None, *, at: datetime) -> MovePlan:
    """Return the plan that an attempt leads to a step."""
    return MovePlan(
        locked=attempt.locked,
        definition=attempt.definition,
        actor=attempt.actor,
        request=attempt.command.request,
        via=attempt.command.via,
        at=at,
        dest=dest,
        direction=direction,
        is_by_code=attempt.command.is_by_code,
    )


def verdict_on(session: Session, plan: MovePlan) -> CouncilVerdict:
    """Return what the counts of a plan mean; the council met on the day on the document, else today."""
    if plan.request.vote is None:
        raise RuntimeError("a plan without counts has no verdict")
    voted_on = plan.request.occurred_on or local_day(session, plan.at)
    return verdict_of(plan.request.vote, percent=plan.locked.facts.vote_percent, voted_on=voted_on)


def signed_with(plan: MovePlan) -> SignedDecision | None:
    """Return the document a plan is signed with: of the seat whose work it was, of its kind."""
    if plan.request.decision is None:
        return None
    facts = plan.locked.facts
    return SignedDecision(plan.request.decision, split_key(facts.owner_key or "")[1], _kind_of(plan, facts))


def _kind_of(plan: MovePlan, facts: Facts) -> DecisionKind:
    if plan.direction is not Direction.APPROVE:
        return DecisionKind.RECOMMENDATION
    is_here = is_decided_here(facts.decider, round_owner=facts.seats.round_owner)
    return DecisionKind.DECISION if is_here else DecisionKind.SUBMISSION_UPWARD


def _refuse(attempt: Attempt, move: Move) -> Reason | None:
    """Return why the actor may not make the move, or may not enter that it was made offline."""
    definition, facts = attempt.definition, attempt.locked.facts
    by, owner = str(definition.by_of(move, facts.state)), str(definition.step(facts.state).owner)
    is_drafting = definition.stage_of(facts.state) is Stage.DRAFT
    step = attempt.command.request.on_paper
    if step is None:
        return refuse_move(
            attempt.actor,
            facts,
            by=by,
            owner=owner,
            is_drafting=is_drafting,
            is_personal=is_personal(move),
        )
    seat = step.on_behalf_of
    return refuse_offline(
        attempt.actor, facts, by=by, owner=owner, on_behalf_of=seat, is_drafting=is_drafting
    )


def _signed_as_done(request: MoveRequest, move: Move) -> MoveRequest:
    """Return the request; a move that asks for a decision and was made offline has the document for one."""
    document = request.on_paper and request.on_paper.document
    if request.decision or not document or not document.signed_on or DECISION_GUARD not in move.guards:
        return request
    return replace(request, decision=document)
