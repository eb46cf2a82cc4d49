"""Asking for another date for a nomination's open work, and refusing it. Granting one is giving more time.

A date that was asked for moves nothing: reminders and reports go on by the date that stands until somebody
above gives it. Lock order: the nomination, then proposal, outbox.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from workflow.domain.rights.late_work import asking_for_date
from workflow.domain.rights.policy import Actor
from workflow.domain.route.definition import Definition
from workflow.domain.text import normalise
from workflow.domain.vocabulary import Recipient, RungKind, Via
from workflow.operations.deadlines.proposals import (
    AskedDate,
    DatedWork,
    ask_for_date,
    dated_work,
    demand_asked_once,
    demand_others,
    demand_waiting,
    demand_why_not,
    refuse_proposal,
    standing_proposal,
)
from workflow.operations.deadlines.recipients import RungRecipients, resolve_recipients
from workflow.operations.deadlines.replan import read_rungs
from workflow.operations.escalations.open_work import (
    calendar_of,
    demand_above,
    demand_day,
    demand_running,
    lock_work,
)
from workflow.operations.keys import Claim, claim_key, settle_key
from workflow.store.database import local_day
from workflow.store.locked import Locked


@dataclass(frozen=True, slots=True)
class ProposeDate:
    """Until which day whoever holds a nomination's open work can do it, and why not before."""

    nomination_id: int
    day: date
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RefuseDate:
    """Which date that was asked for is not given, and why."""

    nomination_id: int
    proposal_id: UUID
    reason: str


def propose_date(
    session: Session,
    *,
    actor: Actor,
    wanted: ProposeDate,
    via: Via,
    now: datetime,
    claim: Claim | None = None,
) -> bool:
    """Ask whoever the work would be reported to for another date, and commit; whether it was answered before.

    One that waits for an answer is replaced. Raises `NotFound` when the actor may not see it, `Forbidden`
    when it is not theirs to do or their own file, `MoveNotOpen` and `NominationHeld` when it waits for
    nobody, `Conflict` when nothing is due, that very day was asked for or nobody above could answer,
    `InvalidField` for a day that cannot be given.
    """
    if claim_key(session, claim, actor=actor, now=now) is not None:
        return True
    reason = normalise(wanted.reason, field="reason")
    locked, actor, definition = lock_work(session, wanted.nomination_id, actor=actor, now=now)
    asker = asking_for_date(actor, locked.facts, starter=str(definition.starter))
    demand_running(locked)
    work = _dated(locked)
    demand_asked_once(standing_proposal(session, work.id, now=now), wanted.day)
    asked = _asked(session, locked, definition, wanted.day, asker=asker, now=now)
    ask_for_date(session, work, asked, actor=asker, reason=reason, via=via, now=now)
    settle_key(session, claim, actor=actor, result={"nomination": wanted.nomination_id})
    session.commit()
    return False


def refuse_date(
    session: Session, *, actor: Actor, wanted: RefuseDate, via: Via, now: datetime, claim: Claim | None = None
) -> bool:
    """Refuse a date that was asked for, with a reason, and commit; whether it was answered before.

    Whoever asked gets a letter. Raises as `give_more_time`, and `Conflict` when it does not wait any more.
    """
    if claim_key(session, claim, actor=actor, now=now) is not None:
        return True
    reason = demand_why_not(wanted.reason)
    locked, actor, definition = lock_work(session, wanted.nomination_id, actor=actor, now=now)
    found = standing_proposal(session, locked.work_item_id, now=now)
    above = demand_above(actor, locked, definition, found.asked_key if found is not None else None)
    demand_others(found, actor)
    proposal = demand_waiting(found, wanted.proposal_id)
    refuse_proposal(session, _dated(locked), proposal, actor=above, reason=reason, via=via, now=now)
    settle_key(session, claim, actor=actor, result={"nomination": wanted.nomination_id})
    session.commit()
    return False


def _dated(locked: Locked) -> DatedWork:
    """Return a nomination's open work as a date is asked for it. Raises `Conflict` when nothing is due."""
    return dated_work(
        locked.work_item_id,
        locked.due_at,
        nomination_id=locked.facts.nomination_id,
        clock_started_at=locked.clock_started_at,
    )


def _asked(
    session: Session, locked: Locked, definition: Definition, day: date, *, asker: Actor, now: datetime
) -> AskedDate:
    calendar = calendar_of(session, locked, definition)
    demand_day(locked, calendar, day, now=now)
    told = _whom_to_ask(session, locked, asker, now)
    return AskedDate(day, calendar.closes_at(day), told.key, told.account_ids)


def _whom_to_ask(session: Session, locked: Locked, asker: Actor, now: datetime) -> RungRecipients:
    """Return whom the work would be reported to first, or who sits above those where that is who asks."""
    work, number = locked.work_item_id, locked.facts.nomination_id
    ladder = read_rungs(session, [work]).get(work, ()) if work is not None else ()
    reports = [rung.recipient for rung in ladder if rung.kind == RungKind.ESCALATE]
    words = (Recipient(reports[0]) if reports else Recipient.HEAD, Recipient.NEXT_LEVEL)
    found = resolve_recipients(session, {number: (locked.facts, words)}, today=local_day(session, now))[
        number
    ]
    hands = {asker.account_id, asker.hand}
    for word in words:
        others = tuple(one for one in found[word].account_ids if one not in hands)
        if others:
            return RungRecipients(found[word].key, others)
    return RungRecipients(None, ())
