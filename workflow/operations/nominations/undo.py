"""Undoing a decision shortly after it was made: everything stands again as if it had not been.

Until then the mails that tell of it wait. See docs/adr/0074.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import null, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict, Reason
from workflow.domain.history.attested import FACTS, SIGNED, StreamFacts
from workflow.domain.moves.undoing import LastAct, can_be_undone, nothing_to_undo
from workflow.domain.vocabulary import UNDONE, NoticeKind
from workflow.operations.deadlines.called_back import CalledBack, call_back, tell_of_work_again
from workflow.operations.deadlines.reopen import EndedStay, last_stay, reopen_stay, void_stay
from workflow.operations.history.record import Change, Recorded, append_changes, update_nominations
from workflow.operations.mail.notify import PromisedMail, write_notices
from workflow.operations.nominations.commands import Attempt
from workflow.operations.nominations.plans import MovePlan
from workflow.operations.rounds.unsent import lock_closed, reopen_return
from workflow.store.database import undo_window
from workflow.store.last_acts import read_last_act
from workflow.store.nominations import Nomination
from workflow.store.told import told_until

_OF_A_VOTE: Final = ("vote", "recommendation", "voted_on")


@dataclass(frozen=True, slots=True)
class _Undoing:
    """A decision on its way to being undone: the act, the stay it ended, and what was told before it."""

    attempt: Attempt
    last: LastAct
    stay: EndedStay
    before: StreamFacts
    now: datetime

    @property
    def nomination_id(self) -> int:
        """Whose it is."""
        return self.attempt.locked.facts.nomination_id

    @property
    def source(self) -> str:
        """The step in which it was decided, and stands again."""
        return self.last.source or ""

    @property
    def facts(self) -> dict[str, Any]:
        """The facts that the decision had changed, as they were."""
        names = (*(("decision",) if SIGNED in self.last.data else ()),)
        names += _OF_A_VOTE if "vote" in self.last.data else ()
        return {name: self.before.values.get(name) for name in names}


def undo(session: Session, attempt: Attempt, *, now: datetime) -> Recorded:
    """Undo what was decided last; it was asked already whether that is open.

    Raises `MoveNotOpen` where the stay cannot go on, `Conflict` where the nominee was proposed anew.
    """
    undoing = _begin(session, attempt, now)
    change = Change(
        locked=attempt.locked,
        request=replace(attempt.command.request, action=UNDONE),
        actor=attempt.actor,
        via=attempt.command.via,
        at=now,
        to=(undoing.source, attempt.definition.stage_of(undoing.source)),
        is_held=False,
    )
    _stand_again(session, undoing, change)
    mails = _take_back(session, undoing)
    [recorded] = append_changes(session, [replace(change, data=_told(undoing, mails))])
    _tell(session, undoing, mails, recorded)
    return recorded


def held_back(
    session: Session, plans: Sequence[MovePlan], notices: Sequence[PromisedMail]
) -> list[PromisedMail]:
    """Return the mails of moves, those of a decision that may be undone held until that is over."""
    window = undo_window(session)
    if not window:
        return list(notices)
    held = {plan.locked.facts.nomination_id: plan.at + window for plan in plans if _may_be_undone(plan)}
    return [replace(one, held_until=held.get(one.nomination_id or 0)) for one in notices]


def _may_be_undone(plan: MovePlan) -> bool:
    """Whether somebody may undo the move: no nominee does, of what concerns them."""
    facts, action = plan.locked.facts, plan.request.action
    is_decision = can_be_undone(plan.definition, action, facts.state, plan.dest, via=plan.via)
    return is_decision and not facts.actor_is_subject


def _begin(session: Session, attempt: Attempt, now: datetime) -> _Undoing:
    number = attempt.locked.facts.nomination_id
    last = read_last_act(session, attempt.locked, now=now)
    stay = last_stay(session, number, last.source) if last and last.source else None
    if last is None or stay is None:
        raise nothing_to_undo()
    return _Undoing(attempt, last, stay, told_until(session, number, last.seq - 1), now)


def write_if_free(session: Session, change: Change) -> None:
    """Put what was over back where it stood. Raises `Conflict` where its subject was proposed anew."""
    try:
        with session.begin_nested():
            update_nominations(session, [change])
    except IntegrityError as problem:
        message = "The nominee was proposed anew for this award meanwhile; this one stays as it is."
        raise Conflict(message, reasons=[Reason("proposed_anew", message)]) from problem


def _stand_again(session: Session, undoing: _Undoing, change: Change) -> None:
    """Put the nomination back where it stood, with the vote and the decision it had there."""
    write_if_free(session, change)
    if not (facts := undoing.facts):
        return
    values = {_COLUMN.get(name, name): null() if value is None else value for name, value in facts.items()}
    if isinstance(day := facts.get("voted_on"), str):
        values["voted_on"] = date.fromisoformat(day)
    session.execute(update(Nomination).where(Nomination.id == undoing.nomination_id).values(values))


_COLUMN: Final[Mapping[str, str]] = {"decision": "decision_id"}


def _take_back(session: Session, undoing: _Undoing) -> CalledBack:
    """Let the old stay go on in the place of the new one, and call back the mails."""
    attempt, locked, last, now = undoing.attempt, undoing.attempt.locked, undoing.last, undoing.now
    owed = lock_closed(session, locked, acted_at=last.at)
    gone = void_stay(session, locked.visit_id, now=now) if locked.visit_id else []
    work = reopen_stay(session, undoing.stay, action=last.action)
    if owed is not None:
        reopen_return(session, owed, locked, actor=attempt.actor, via=attempt.command.via, now=now)
    mails = call_back(session, undoing.nomination_id, last.event_id, gone, now=now)
    tell_of_work_again(session, undoing.nomination_id, work, now=now)
    return mails


def _told(undoing: _Undoing, mails: CalledBack) -> dict[str, object]:
    """Return what history says of the undoing: what it undid, the facts as they were, the mails' fate."""
    data: dict[str, object] = {
        "undoes": undoing.last.seq,
        "undone": undoing.last.action,
        "mails_cancelled": mails.cancelled,
        "mails_left": mails.left,
    }
    if facts := undoing.facts:
        data[FACTS] = facts
    return data


def _tell(session: Session, undoing: _Undoing, mails: CalledBack, recorded: Recorded) -> None:
    """Tell whoever was told of work that it is gone again."""
    number, event, actor = undoing.nomination_id, recorded.event_id, undoing.attempt.actor
    notices = [
        PromisedMail(NoticeKind.WORK_GONE, one, event, number, undoing.now, event_id=event)
        for one in mails.readers
        if one != actor.account_id
    ]
    write_notices(session, notices)
