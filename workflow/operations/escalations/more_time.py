"""More time for one piece of work: another date, as it was asked for or with a reason, in one transaction.

Lock order: the nomination, then visit, work item, rung, proposal, outbox.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NoReturn
from uuid import UUID

from sqlalchemy import Row, func, update
from sqlalchemy.orm import Session

from workflow.domain.errors import FieldError, InvalidField
from workflow.domain.rights.late_work import above_work, refuse_more_time
from workflow.domain.rights.policy import Actor
from workflow.domain.route.definition import Definition
from workflow.domain.text import normalise
from workflow.domain.time.clocks import VisitClock
from workflow.domain.time.periods import TimeUnit
from workflow.domain.time.workdays import Calendar
from workflow.domain.vocabulary import MORE_TIME, Via
from workflow.operations.deadlines.moved import (
    MovedStay,
    moved_entry,
    moved_notices,
    moves_of_stay,
    people_of,
    write_clocks,
)
from workflow.operations.deadlines.proposals import (
    answer_proposals,
    demand_others,
    demand_waiting,
    standing_proposal,
)
from workflow.operations.deadlines.replan import read_rungs, silence_reminders, write_moves
from workflow.operations.escalations.open_work import calendar_of, demand_day, lock_work
from workflow.operations.history.record import Deed, append_events
from workflow.operations.keys import Claim, claim_key, settle_key
from workflow.operations.mail.notify import write_notices
from workflow.store.database import local_day
from workflow.store.locked import Locked
from workflow.store.nominations import Visit
from workflow.store.offices import was_reported
from workflow.store.people import load_holders


@dataclass(frozen=True, slots=True)
class MoreTime:
    """Which nomination's open work is due on which other day from now on, and why.

    With `proposal_id` the day that was asked for is given, and nothing has to be said to it.
    """

    nomination_id: int
    day: date | None = None
    reason: str = ""
    proposal_id: UUID | None = None


def give_more_time(
    session: Session, *, actor: Actor, wanted: MoreTime, via: Via, now: datetime, claim: Claim | None = None
) -> bool:
    """Move the due date of work that was reported, or for which a date was asked, and commit.

    Returns whether it was answered before. Both dates stay on the record, reminders are promised anew,
    whoever holds the work gets a letter. Raises `NotFound` when the actor may not see it, `Forbidden` when
    they are not above it or asked for the date themselves, `MoveNotOpen` and `NominationHeld` when it waits
    for nobody, `Conflict` before it was ever reported and without a date asked for, or when that date does
    not wait any more, `InvalidField` without a reason and for a day that cannot be given.
    """
    if claim_key(session, claim, actor=actor, now=now) is not None:
        return True
    reason = normalise(wanted.reason, field="reason")
    if not reason and wanted.proposal_id is None:
        _refuse("reason", "say why it gets more time")
    locked, actor, definition = lock_work(session, wanted.nomination_id, actor=actor, now=now)
    proposal = standing_proposal(session, locked.work_item_id, now=now)
    starter, seat = str(definition.starter), proposal.asked_key if proposal is not None else None
    refusal = refuse_more_time(
        actor,
        locked.facts,
        starter=starter,
        was_reported=seat is not None or locked.has_more_time or was_reported(session, locked.work_item_id),
        asked_key=seat,
    )
    if refusal is not None:
        raise refusal
    demand_others(proposal, actor)
    giver = above_work(actor, locked.facts, starter=starter, asked_key=seat)
    day = _day(wanted, proposal)
    calendar = calendar_of(session, locked, definition)
    demand_day(locked, calendar, day, now=now)
    moved = _moved(session, locked, definition, calendar, day=day, now=now)
    _write(session, moved, consumed=_consumed(locked, calendar, now))
    asked: dict[str, object] = {}
    if proposal is not None and locked.work_item_id is not None:
        answer_proposals(session, {locked.work_item_id: day}, now=now)
        asked = {"asked": proposal.day.isoformat()}
    entry = moved_entry(moved, asked, actor=giver, via=via, now=now, action=MORE_TIME)
    words = reason or (proposal.text if proposal is not None else "") or ""
    [event] = append_events(session, [Deed(entry, locked.last_hash, words)])
    write_notices(session, moved_notices(moved, event, str(event.event_id), now))
    settle_key(session, claim, actor=actor, result={"nomination": wanted.nomination_id})
    session.commit()
    return False


def _day(wanted: MoreTime, proposal: Row[Any] | None) -> date:
    """Return the day to give: the one that was asked for, or that of whoever gives another."""
    if wanted.proposal_id is not None:
        asked: date = demand_waiting(proposal, wanted.proposal_id).day
        return asked
    if wanted.day is None:
        _refuse("day", "choose a working day to come")
    return wanted.day


def _write(session: Session, moved: MovedStay, *, consumed: int) -> None:
    """Write the clock and the reminders of a stay that was given more time; the first date is kept."""
    write_clocks(session, [moved])
    first = func.coalesce(Visit.first_due_at, moved.was_at)
    session.execute(
        update(Visit)
        .where(Visit.id == moved.locked.visit_id)
        .values(consumed_minutes=consumed, has_more_time=True, first_due_at=first)
    )
    write_moves(session, moved.rungs)
    silence_reminders(session, [moved.locked.work_item_id])


def _consumed(locked: Locked, calendar: Calendar, now: datetime) -> int:
    """Return what of the stay's time is used up by now, as where a hold begins."""
    unit, started_at = TimeUnit(locked.clock_unit or TimeUnit.WORKING_DAYS), locked.clock_started_at
    if started_at is None or started_at >= now:
        return locked.consumed_minutes
    return locked.consumed_minutes + calendar.minutes_between(started_at, now, unit)


def _moved(
    session: Session, locked: Locked, definition: Definition, calendar: Calendar, *, day: date, now: datetime
) -> MovedStay:
    """Return the stay as if a hold had ended now with as much time left as the new day gives.

    So a calendar that changes later counts the days that were given, and not those of the route again.
    """
    unit, ends_at = TimeUnit(locked.clock_unit or TimeUnit.WORKING_DAYS), calendar.closes_at(day)
    consumed = _consumed(locked, calendar, now)
    left = calendar.minutes_between(now, ends_at, unit)
    clock = VisitClock(unit, consumed + left, now, ends_at)
    after = replace(locked, consumed_minutes=consumed)
    work = locked.work_item_id
    there = read_rungs(session, [work]).get(work, ()) if work is not None else ()
    rungs = moves_of_stay(definition, after, clock, calendar, there, renews=True, now=now)
    owners = [locked.facts.owner_key] if locked.facts.owner_key else []
    holders = load_holders(session, owners, today=local_day(session, now))
    return MovedStay(locked, clock, calendar.version, rungs, people_of(locked, holders))


def _refuse(field: str, message: str) -> NoReturn:
    raise InvalidField(f"{field}: {message}.", errors=[FieldError(field, message)])
