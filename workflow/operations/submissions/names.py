"""The names of a list acted on together, some left out, each answered for itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict, NotFound, Reason, Refusal
from workflow.domain.facts import MoveRequest
from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import BuiltIn, Via
from workflow.operations.history.streams import append_event
from workflow.operations.keys import Claim, claim_key, settle_key
from workflow.operations.nominations.answers import ItemResult, ListOutcome, RefusedItem
from workflow.operations.nominations.commands import Command
from workflow.operations.nominations.decide_many import decide_list, demand_size
from workflow.operations.submissions.versions import bump, take_submission
from workflow.store.awards import WorkflowDefinition
from workflow.store.nominations import Nomination
from workflow.store.visible import visible


@dataclass(frozen=True, slots=True)
class ListOrder:
    """One action on the names of a list, at the version of the list that was seen.

    `nominations` None means every open name the actor sees; `leave_out` are the exceptions. With `state` a
    name that stands in another step than the one seen is refused, with `workflow`, the key of a route, one
    that runs on another.
    """

    submission_id: int
    version: int
    request: MoveRequest
    via: Via
    nominations: Sequence[int] | None = None
    leave_out: frozenset[int] = frozenset()
    state: str | None = None
    workflow: str | None = None
    assignee_id: int | None = None
    claim: Claim | None = None


@dataclass(frozen=True, slots=True)
class _Standing:
    """Where a name of the list stands, and on which route."""

    state: str
    workflow: str
    is_closed: bool


def act_on_submission(session: Session, *, actor: Actor, order: ListOrder, now: datetime) -> ListOutcome:
    """Act on the names of a list at once, commit, and answer each of them.

    The list's version moves on with every order that moved a name, so that the same order sent twice is
    stale and not carried out on the next step. Raises `NotFound`, `StaleSubmission`, `InvalidField` for too
    many names; whatever stands against one name is its own answer.
    """
    answered = claim_key(session, order.claim, actor=actor, now=now)
    if answered is not None:
        return ListOutcome.again(answered)
    taken = take_submission(session, order.submission_id, order.version, actor=actor)
    listed = _listed(session, taken.id, actor)
    named = _named(order, listed)
    demand_size(len(named))
    foreign = {
        nomination_id: refused
        for nomination_id in named
        if (refused := _refuse_name(order, listed.get(nomination_id))) is not None
    }
    commands = [
        Command(nomination_id, None, order.request, order.via, assignee_id=order.assignee_id)
        for nomination_id in named
        if nomination_id not in foreign
    ]
    results = iter(decide_list(session, actor=actor, commands=commands, now=now))
    items = tuple(
        ItemResult(nomination_id, None, None, RefusedItem.of(foreign[nomination_id]))
        if nomination_id in foreign
        else next(results)
        for nomination_id in named
    )
    outcome = ListOutcome(items)
    if outcome.done:
        data: dict[str, object] = {"nominations": [item.nomination_id for item in outcome.done]}
        stream = f"submission:{taken.id}"
        append_event(session, stream, order.request.action, actor=actor, via=order.via, now=now, data=data)
        bump(session, taken.id)
    settle_key(session, order.claim, actor=actor, result=outcome.as_result())
    session.commit()
    return outcome


def _listed(session: Session, submission_id: int, actor: Actor) -> Mapping[int, _Standing]:
    """Return where each name of a list that the actor sees stands, in order of id.

    Of a name that has not left its unit nobody above is told that it is there, nor where it stands.
    """
    rows = session.execute(
        select(
            Nomination.id,
            Nomination.state,
            WorkflowDefinition.key,
            Nomination.closed_at.is_not(None).label("is_closed"),
        )
        .join(WorkflowDefinition, WorkflowDefinition.id == Nomination.definition_id)
        .where(Nomination.submission_id == submission_id, visible(actor.scope))
        .order_by(Nomination.id)
    )
    return {row.id: _Standing(row.state, row.key, row.is_closed) for row in rows}


def _named(order: ListOrder, listed: Mapping[int, _Standing]) -> list[int]:
    if order.nominations is not None:
        return [name for name in dict.fromkeys(order.nominations) if name not in order.leave_out]
    # What ended a name may be undone as well.
    takes_closed = order.request.action == BuiltIn.UNDO
    return [
        name
        for name, at in listed.items()
        if (takes_closed or not at.is_closed) and name not in order.leave_out
    ]


def _refuse_name(order: ListOrder, standing: _Standing | None) -> Refusal | None:
    if standing is None:
        message = "This nomination is not on the list."
        return NotFound(message, reasons=[Reason("not_on_this_list", message)])
    if order.state is not None and standing.state != order.state:
        message = f"It stands in '{standing.state}', not in '{order.state}' where you saw it."
        return Conflict(message, reasons=[Reason("not_in_this_step", message)])
    if order.workflow is not None and standing.workflow != order.workflow:
        message = f"It runs on the route '{standing.workflow}', not on '{order.workflow}' as you saw it."
        return Conflict(message, reasons=[Reason("not_on_this_route", message)])
    return None
