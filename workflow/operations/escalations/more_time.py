"""More time for one piece of work that was reported as late: another date, with a reason, in one transaction.

Lock order: the nomination, then visit, work item, rung, outbox.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from workflow.domain.errors import FieldError, InvalidField, NotFound
from workflow.domain.rights.late_work import MOST_MORE, refuse_more_time
from workflow.domain.rights.policy import Actor, demand_sight
from workflow.domain.route.definition import Definition
from workflow.domain.text import normalise
from workflow.domain.time.clocks import VisitClock
from workflow.domain.time.workdays import CLOSES, Calendar, TimeUnit
from workflow.domain.vocabulary import MORE_TIME, Via
from workflow.operations.deadlines.moved import (
    MovedStay,
    moved_entry,
    moved_notices,
    moves_of_stay,
    people_of,
    write_clocks,
)
from workflow.operations.deadlines.replan import read_rungs, silence_reminders, write_moves
from workflow.operations.history.record import Deed, append_events
from workflow.operations.keys import Claim, claim_key, settle_key
from workflow.operations.mail.notify import write_notices
from workflow.store.calendars import calendar_of_seat
from workflow.store.database import local_day
from workflow.store.definitions import load_definition
from workflow.store.locked import Locked, lock_nominations
from workflow.store.nominations import Visit
from workflow.store.offices import was_reported
from workflow.store.people import load_holders


@dataclass(frozen=True, slots=True)
class MoreTime:
    """Which nomination's open work is due on which other day from now on, and why."""

    nomination_id: int
    day: date
    reason: str


def give_more_time(
    session: Session, *, actor: Actor, wanted: MoreTime, via: Via, now: datetime, claim: Claim | None = None
) -> bool:
    """Move the due date of open work that was reported as late, and commit; whether it was answered before.

    Both dates stay on the record, reminders are promised anew, whoever holds the work gets a letter. Raises
    `NotFound` when the actor may not see it, `Forbidden` when they are not above it, `MoveNotOpen` and
    `NominationHeld` when it waits for nobody, `Conflict` before it was ever reported, `InvalidField` without
    a reason and for a day that is none to come.
    """
    if claim_key(session, claim, actor=actor, now=now) is not None:
        return True
    reason = normalise(wanted.reason, field="reason")
    if not reason:
        _refuse("reason", "say why it gets more time")
    locked = lock_nominations(session, [wanted.nomination_id], actor=actor, now=now).get(wanted.nomination_id)
    if locked is None:
        raise NotFound(f"There is no nomination {wanted.nomination_id} among those you may see.")
    demand_sight(actor, locked.facts)
    definition = load_definition(session, locked.definition_id)
    refusal = refuse_more_time(
        replace(actor, keys=actor.keys & locked.actor_keys),
        locked.facts,
        starter=str(definition.starter),
        was_reported=locked.has_more_time or was_reported(session, locked.work_item_id),
    )
    if refusal is not None:
        raise refusal
    calendar = calendar_of_seat(session, definition.calendar, locked.facts.owner_key)
    _demand_day(wanted.day, locked, calendar, now)
    moved = _moved(session, locked, definition, day=wanted.day, now=now)
    write_clocks(session, [moved])
    session.execute(
        update(Visit)
        .where(Visit.id == locked.visit_id)
        .values(consumed_minutes=_consumed(locked, calendar, now), has_more_time=True)
    )
    write_moves(session, moved.rungs)
    silence_reminders(session, [locked.work_item_id])
    entry = moved_entry(moved, {}, actor=actor, via=via, now=now, action=MORE_TIME)
    [event] = append_events(session, [Deed(entry, locked.last_hash, reason)])
    write_notices(session, moved_notices(moved, event, str(event.event_id), now))
    settle_key(session, claim, actor=actor, result={"nomination": wanted.nomination_id})
    session.commit()
    return False


def _demand_day(day: date, locked: Locked, calendar: Calendar, now: datetime) -> None:
    today = calendar.local_day(now)
    if day <= today or not calendar.is_working(day):
        _refuse("day", "choose a working day to come")
    if day > calendar.shift(today, MOST_MORE):
        _refuse("day", f"at most {MOST_MORE} working days from today")
    if locked.due_at is not None and day <= calendar.local_day(locked.due_at):
        _refuse("day", "choose a day after the date that stands")


def _consumed(locked: Locked, calendar: Calendar, now: datetime) -> int:
    """Return what of the stay's time is used up by now, as where a hold begins."""
    unit, started_at = TimeUnit(locked.clock_unit or TimeUnit.WORKING_DAYS), locked.clock_started_at
    if started_at is None or started_at >= now:
        return locked.consumed_minutes
    return locked.consumed_minutes + calendar.minutes_between(started_at, now, unit)


def _moved(
    session: Session, locked: Locked, definition: Definition, *, day: date, now: datetime
) -> MovedStay:
    """Return the stay as if a hold had ended now with as much time left as the new day gives.

    So a calendar that changes later counts the days that were given, and not those of the route again.
    """
    calendar = calendar_of_seat(session, definition.calendar, locked.facts.owner_key)
    unit, ends_at = TimeUnit(locked.clock_unit or TimeUnit.WORKING_DAYS), calendar.local(day, CLOSES)
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


def _refuse(field: str, message: str) -> None:
    raise InvalidField(f"{field}: {message}.", errors=[FieldError(field, message)])
