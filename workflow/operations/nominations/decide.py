"""The approve path: one action on one nomination, in one transaction.

`decide` locks, checks that nothing moved, asks the policy and the engine, writes, and commits as its last
line. What an action writes is the business of `apply`, `steer`, `assign`, `hold` and `outcome`.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from workflow.domain.errors import FieldError, InvalidField, NotFound, Reason, StaleNomination
from workflow.domain.facts import DecisionEntry, MoveRequest, Paper, PaperStep
from workflow.domain.moves.asked import demand_asked
from workflow.domain.moves.engine import open_move, plan_move
from workflow.domain.moves.paper_steps import refuse_on_paper
from workflow.domain.rights.policy import Actor, demand, demand_sight, refuse_move
from workflow.domain.route.definition import Move
from workflow.domain.route.guards import DECISION_GUARD
from workflow.domain.text import normalise
from workflow.domain.vocabulary import BuiltIn, Stage
from workflow.operations.history.record import Recorded
from workflow.operations.keys import claim_key, settle_key
from workflow.operations.nominations.apply import apply_moves
from workflow.operations.nominations.assign import claim, reassign, release
from workflow.operations.nominations.commands import Attempt, Command, Outcome
from workflow.operations.nominations.hold import hold, release_hold
from workflow.operations.nominations.outcome import record_outcome
from workflow.operations.nominations.plans import MovePlan
from workflow.operations.nominations.steer import recall, withdraw
from workflow.store.database import local_day
from workflow.store.definitions import load_definition
from workflow.store.locked import LastChange, Locked, last_changes, lock_nominations

BUILT_IN: Mapping[str, Callable[..., Recorded]] = {
    BuiltIn.RECALL: recall,
    BuiltIn.WITHDRAW: withdraw,
    BuiltIn.CLAIM: claim,
    BuiltIn.RELEASE: release,
    BuiltIn.REASSIGN: reassign,
    BuiltIn.HOLD: hold,
    BuiltIn.RELEASE_HOLD: release_hold,
    BuiltIn.RECORD_OUTCOME: record_outcome,
}


def decide(session: Session, *, actor: Actor, command: Command, now: datetime) -> Outcome:
    """Carry out one action on one nomination and commit.

    Raises `NotFound` when the actor may not see it, `StaleNomination` when it changed since they looked,
    `Forbidden` or `AlreadyClaimed` when it is not theirs to act, `MoveNotOpen`, `NominationHeld`,
    `UnknownStep`, `RequirementsMissing` when the definition says no, `InvalidField` for unreadable words.
    """
    answered = claim_key(session, command.claim, actor=actor, now=now)
    if answered is not None:
        return Outcome.again(answered)
    command = replace(command, request=clean_request(command.request))
    demand_past(command.request, today=local_day(session, now))
    attempt = _take(session, actor, command, now)
    candidate = open_move(attempt.definition, attempt.locked.facts, command.request.action)
    demand_asked(attempt.definition, candidate, command.request, assignee_id=command.assignee_id)
    act = BUILT_IN.get(command.request.action, move)
    recorded = act(session, attempt, now=now)
    outcome = Outcome(command.nomination_id, attempt.locked.facts.version + 1, recorded.seq)
    settle_key(session, command.claim, actor=actor, result=outcome.as_result())
    session.commit()
    return outcome


def move(session: Session, attempt: Attempt, *, now: datetime) -> Recorded:
    """Make one move of the definition."""
    plan = plan_attempt(attempt, at=now)
    return apply_moves(session, [plan])[0]


def plan_attempt(attempt: Attempt, *, at: datetime) -> MovePlan:
    """Ask the policy, then the engine, what the attempt leads to."""
    locked, definition, request = attempt.locked, attempt.definition, attempt.command.request
    candidate = open_move(definition, locked.facts, request.action)
    if candidate is not None:
        demand(_refuse(attempt, candidate))
        request = _signed_as_done(request, candidate)
    planned = plan_move(definition, locked.facts, request)
    return MovePlan(
        locked=locked,
        definition=definition,
        actor=attempt.actor,
        request=request,
        via=attempt.command.via,
        at=at,
        dest=planned.dest,
        direction=planned.direction,
    )


def _refuse(attempt: Attempt, candidate: Move) -> Reason | None:
    """Return why the actor may not make the move, or may not enter that it was made on paper."""
    definition, facts = attempt.definition, attempt.locked.facts
    by, owner = str(definition.by_of(candidate, facts.state)), str(definition.step(facts.state).owner)
    is_drafting = definition.stage_of(facts.state) is Stage.DRAFT
    paper = attempt.command.request.on_paper
    if paper is None:
        return refuse_move(attempt.actor, facts, by=by, owner=owner, is_drafting=is_drafting)
    seat = paper.on_behalf_of
    return refuse_on_paper(
        attempt.actor, facts, by=by, owner=owner, on_behalf_of=seat, is_drafting=is_drafting
    )


def _signed_as_done(request: MoveRequest, candidate: Move) -> MoveRequest:
    """Return the request; a move that asks for a decision and was made on paper has the paper for one."""
    paper = request.on_paper and request.on_paper.paper
    if request.decision or not paper or not paper.signed_on or DECISION_GUARD not in candidate.guards:
        return request
    return replace(request, decision=DecisionEntry(paper.number, paper.signed_on, paper.signer))


def clean_request(request: MoveRequest) -> MoveRequest:
    """Return the request with its words in one Unicode form, or raise `InvalidField` naming the field."""
    decision = request.decision and DecisionEntry(
        number=normalise(request.decision.number, field="decision.number", single_line=True),
        decided_on=request.decision.decided_on,
        signer=normalise(request.decision.signer, field="decision.signer", single_line=True),
    )
    return replace(
        request,
        comment=normalise(request.comment, field="comment"),
        reason_code=_code(request.reason_code, "reason_code"),
        to_step=_code(request.to_step, "to_step"),
        decision=decision,
        **_clean_paper(request),
    )


def _clean_paper(request: MoveRequest) -> dict[str, Any]:
    """Return the clean parts of a step done on paper: it took place on the day it was signed, unless said."""
    step = request.on_paper
    if step is None:
        return {}
    paper = Paper(
        number=normalise(step.paper.number, field="on_paper.number", single_line=True),
        signed_on=step.paper.signed_on,
        signer=normalise(step.paper.signer, field="on_paper.signer", single_line=True),
    )
    parts = (("number", paper.number), ("signed_on", paper.signed_on), ("signer", paper.signer))
    errors = [FieldError(f"on_paper.{name}", "is required") for name, part in parts if not part]
    if errors:
        raise InvalidField("A step done on paper needs number, date and signer.", errors=errors)
    on_behalf_of = normalise(step.on_behalf_of, field="on_paper.on_behalf_of", single_line=True)
    return {
        "on_paper": PaperStep(on_behalf_of, paper, step.scan_id),
        "occurred_on": request.occurred_on or paper.signed_on,
    }


def _code(text: str | None, field: str) -> str | None:
    return None if text is None else normalise(text, field=field, single_line=True)


def demand_past(request: MoveRequest, *, today: date) -> None:
    """Raise `InvalidField` for a paper dated after `today`: it cannot have been signed yet."""
    dates = (
        ("occurred_on", request.occurred_on),
        ("decision.decided_on", request.decision.decided_on if request.decision else None),
        ("on_paper.signed_on", request.on_paper.paper.signed_on if request.on_paper else None),
    )
    message = f"lies in the future; today is {today.isoformat()}"
    errors = [FieldError(field, message) for field, day in dates if day is not None and day > today]
    if errors:
        raise InvalidField(f"{errors[0].field} {message}.", errors=errors)


def _take(session: Session, actor: Actor, command: Command, now: datetime) -> Attempt:
    locked = lock_nominations(session, [command.nomination_id], actor=actor, now=now).get(
        command.nomination_id
    )
    if locked is None:
        raise NotFound(f"There is no nomination {command.nomination_id} among those you may see.")
    demand_sight(actor, locked.facts)
    demand_version(session, locked, command.version)
    definition = load_definition(session, locked.definition_id)
    return Attempt(locked, definition, as_of_now(actor, locked), command)


def as_of_now(actor: Actor, locked: Locked) -> Actor:
    """Return the actor without the keys that ended while they waited for the lock."""
    return replace(actor, keys=actor.keys & locked.actor_keys)


def demand_version(session: Session, locked: Locked, version: int) -> None:
    """Raise `StaleNomination`, saying who changed it and when, unless the version is the one seen."""
    if locked.facts.version != version:
        nomination_id = locked.facts.nomination_id
        raise stale(locked, version, last_changes(session, [nomination_id]).get(nomination_id))


def stale(locked: Locked, version: int, change: LastChange | None) -> StaleNomination:
    """Return the refusal of a version that is not the last one; `change` is the nomination's last."""
    # Who is nominated learns the reviewers' names with the result, not by being slow.
    hides = locked.facts.actor_is_subject and not locked.facts.is_closed
    who = "" if hides else (change and change.by) or ""
    at = change.at.isoformat(timespec="seconds") if change else "an unknown time"
    return StaleNomination(
        f"You saw version {version}; {who or ('somebody' if hides else 'the system')} changed it to version "
        f"{locked.facts.version} at {at}. Look again before you act.",
        version=str(locked.facts.version),
        changed_by=who,
        changed_at=at,
    )
