"""The actions every nomination knows beside its definition's moves: one table of what each of them writes."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final, Protocol

from sqlalchemy.orm import Session

from workflow.domain.errors import Reason, RequirementsMissing
from workflow.domain.moves.built_ins import demand_built_in
from workflow.domain.moves.standing import Standing
from workflow.domain.moves.undoing import LastAct
from workflow.domain.route.states import WITHDRAWN_STATE
from workflow.domain.vocabulary import BuiltIn
from workflow.operations.deadlines.pauses import pause, resume
from workflow.operations.history.record import Recorded
from workflow.operations.mail.withheld import tell_again
from workflow.operations.nominations.annulling import annul, reinstate
from workflow.operations.nominations.assign import claim, prepare, prepare_again, reassign, release, take_over
from workflow.operations.nominations.commands import Attempt, for_first_allowed, write_attempt
from workflow.operations.nominations.decisions import record_outcome
from workflow.operations.nominations.opinions import ask_opinion, receive_opinion
from workflow.operations.nominations.plans import MovePlan, plan_to
from workflow.operations.nominations.questions import answer_info, request_info
from workflow.operations.nominations.undo import undo
from workflow.store.database import local_day
from workflow.store.last_acts import read_last_act
from workflow.store.people import load_loans


class Act(Protocol):
    """What a built-in action does to a nomination that stays in its step, or stands again where it stood."""

    def __call__(self, session: Session, attempt: Attempt, *, now: datetime) -> Recorded:
        """Write it; it was asked already whether it is open. Raises what only its own form is refused for."""


def hold(session: Session, attempt: Attempt, *, now: datetime) -> Recorded:
    """Stop the nomination where it is, with a reason; the clock and the reminders pause.

    While discipline or verification is pending nothing moves: Decree 152/2025, principles of consideration.

    Raises `MoveNotOpen` when it is on hold already, `RequirementsMissing` without a comment.
    """
    if not attempt.command.request.comment:
        reason = Reason("comment_missing", "Say why it has to wait.")
        raise RequirementsMissing(reason.message, reasons=[reason])
    recorded = write_attempt(session, attempt, now=now, is_held=True)
    pause(session, attempt.locked, attempt.definition, now=now)
    return recorded


def release_hold(session: Session, attempt: Attempt, *, now: datetime) -> Recorded:
    """Let the nomination go on; the remaining minutes give the new due date and the reminders left.

    Who was not told of the work because it was on hold is told now.
    """
    recorded = write_attempt(session, attempt, now=now, is_held=False)
    resume(session, attempt.locked, attempt.definition, now=now)
    tell_again(session, attempt.locked, now=now)
    return recorded


ACTS: Final[Mapping[str, Act | None]] = {
    BuiltIn.RECALL: None,
    BuiltIn.WITHDRAW: None,
    BuiltIn.CLAIM: claim,
    BuiltIn.RELEASE: release,
    BuiltIn.REASSIGN: reassign,
    BuiltIn.TAKE_OVER: take_over,
    BuiltIn.HOLD: hold,
    BuiltIn.RELEASE_HOLD: release_hold,
    BuiltIn.REQUEST_INFO: request_info,
    BuiltIn.ANSWER_INFO: answer_info,
    BuiltIn.ASK_OPINION: ask_opinion,
    BuiltIn.RECEIVE_OPINION: receive_opinion,
    BuiltIn.RECORD_OUTCOME: record_outcome,
    BuiltIn.ANNUL: annul,
    BuiltIn.REINSTATE: reinstate,
    BuiltIn.PREPARE: prepare,
    BuiltIn.PREPARE_AGAIN: prepare_again,
    BuiltIn.UNDO: undo,
}
"""What each writes; None for those that lead elsewhere: they are written as moves are."""


def plan_built_in(session: Session, attempt: Attempt, action: BuiltIn, *, at: datetime) -> MovePlan | Act:
    """Return what a built-in action does: the move it makes, or its act. Raises unless it is open.

    A recall takes the nomination back to the step it was sent from; a withdrawal ends it for good.
    """
    last = read_last_act(session, attempt.locked, now=at) if action is BuiltIn.UNDO else None
    demand_open(attempt, action, last=last)
    act = ACTS[action]
    if act is not None:
        return act
    sender = attempt.locked.sent_from or attempt.definition.initial
    return plan_to(attempt, sender if action is BuiltIn.RECALL else WITHDRAWN_STATE, at=at)


def open_attempt(session: Session, attempt: Attempt, action: BuiltIn, *, now: datetime) -> Attempt:
    """Return the attempt as whoever may do a built-in action now: the actor, or in whose place they are.

    Raises unless the nomination is open, its step allows the action, and it is theirs.
    """
    actor = load_loans(session, attempt.actor, today=local_day(session, now))
    return for_first_allowed(replace(attempt, actor=actor), lambda one: demand_open(one, action))[0]


def demand_open(attempt: Attempt, action: BuiltIn, *, last: LastAct | None = None) -> None:
    """Raise unless the nomination is open, its step allows the action, and the actor may do it now.

    `last` is what was done last, for undoing it.
    """
    locked = attempt.locked
    standing = Standing(
        definition=attempt.definition,
        facts=locked.facts,
        sent_by=locked.sent_by,
        sent_from=locked.sent_from,
        has_begun=locked.first_claimed_at is not None,
        last=last,
    )
    demand_built_in(attempt.actor, standing, action)
