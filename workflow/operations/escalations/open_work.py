"""Open work of a nomination, locked for whoever decides on its date or asks for another one."""

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from workflow.domain.errors import MoveNotOpen, NominationHeld, NotFound, Reason
from workflow.domain.rights.late_work import above_work, refuse_more_time, waits_for_an_answer
from workflow.domain.rights.policy import Actor, demand_sight
from workflow.domain.route.definition import Definition
from workflow.domain.time.new_day import demand_new_day
from workflow.domain.time.workdays import Calendar
from workflow.domain.vocabulary import RoundDate
from workflow.store.calendars import calendar_of_seat
from workflow.store.definitions import load_definition
from workflow.store.locked import Locked, lock_nominations


def lock_work(
    session: Session, nomination_id: int, *, actor: Actor, now: datetime
) -> tuple[Locked, Actor, Definition]:
    """Lock a nomination whose work is open; return it, the actor with what they hold by now, its route.

    Raises `NotFound` when the actor may not see it, `MoveNotOpen` when it is closed.
    """
    locked = lock_nominations(session, [nomination_id], actor=actor, now=now).get(nomination_id)
    if locked is None:
        raise NotFound(f"There is no nomination {nomination_id} among those you may see.")
    demand_sight(actor, locked.facts)
    if locked.facts.is_closed or locked.work_item_id is None:
        message = "The nomination is closed; nobody has anything to do with it."
        raise MoveNotOpen(message, reasons=[Reason("closed", message)])
    held = replace(actor, keys=actor.keys & locked.actor_keys)
    return locked, held, load_definition(session, locked.definition_id)


def calendar_of(session: Session, locked: Locked, definition: Definition) -> Calendar:
    """Return the calendar by which the open work is counted."""
    return calendar_of_seat(session, definition.calendar, locked.facts.owner_key)


def demand_day(locked: Locked, calendar: Calendar, day: date, *, now: datetime) -> None:
    """Raise `InvalidField` unless the open work may become due on that day, asked for or given."""
    demand_new_day(
        day,
        due_on=calendar.local_day(locked.due_at) if locked.due_at else None,
        upper_on=locked.round_dates.get(RoundDate.UPPER_DEADLINE),
        calendar=calendar,
        today=calendar.local_day(now),
    )


def demand_running(locked: Locked) -> None:
    """Raise `NominationHeld` for work on hold, `MoveNotOpen` while who nominates is asked something."""
    if locked.facts.is_asked:
        raise waits_for_an_answer()
    if locked.facts.is_held:
        held = Reason("on_hold", "The nomination is on hold; release the hold first.")
        raise NominationHeld(held.message, reasons=[held])


def demand_above(actor: Actor, locked: Locked, definition: Definition, asked_key: str | None) -> Actor:
    """Return the actor as whom they answer for a date that was asked of this seat.

    Raises the refusal that whoever gives more time would get, reported or not.
    """
    starter = str(definition.starter)
    refusal = refuse_more_time(actor, locked.facts, starter=starter, was_reported=True, asked_key=asked_key)
    if refusal is not None:
        raise refusal
    return above_work(actor, locked.facts, starter=starter, asked_key=asked_key) or actor
