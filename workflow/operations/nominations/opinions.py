"""An outside office asked for its opinion, and its answer; the nomination stays in its step.

Where the route says so, asking doubles the period of the stay, once. Its clock runs on; from the day on which
the office was asked until its answer came that time is the office's, in the two clocks.
"""

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from workflow.domain.errors import Reason, RequirementsMissing
from workflow.domain.facts import Opinion
from workflow.domain.time.clocks import double_clock
from workflow.domain.time.workdays import Calendar
from workflow.operations.deadlines.clocks import timing_of_stay
from workflow.operations.deadlines.moved import (
    MovedStay,
    moved_notices,
    moves_of_stay,
    people_of,
    running_clock,
    write_clocks,
)
from workflow.operations.deadlines.replan import read_rungs, silence_reminders, write_moves
from workflow.operations.history.record import Recorded
from workflow.operations.mail.notify import write_notices
from workflow.operations.nominations.commands import Attempt, write_attempt
from workflow.store.calendars import calendar_of_seat
from workflow.store.database import local_day
from workflow.store.nominations import Visit
from workflow.store.people import load_holders


def ask_opinion(session: Session, attempt: Attempt, *, now: datetime) -> Recorded:
    """Record that an outside office was asked, and by which letter: the period of the stay is doubled.

    It counts from where it counted, so what a hold used up stays used up, and a date of the round stays.
    Others who have the work hear of the new date. Raises `RequirementsMissing` without the office or words,
    for a day before the nomination came here, and for one after it was due.
    """
    locked, calendar = attempt.locked, _calendar(session, attempt)
    opinion = _asked(attempt, calendar, now)
    asked = replace(attempt, locked=replace(locked, facts=replace(locked.facts, opinion=opinion)))
    moved, has_more_time = _doubled(session, asked, calendar, now)
    dates = {"was": moved.was_at, "due": moved.due_at} if moved else {}
    data = {name: at.isoformat() for name, at in dates.items() if at is not None}
    recorded = write_attempt(session, attempt, now=now, data={"office": opinion.office, **data})
    session.execute(
        update(Visit)
        .where(Visit.id == locked.visit_id)
        .values(opinion_office=opinion.office, opinion_asked_at=opinion.asked_at, has_more_time=has_more_time)
    )
    if moved is not None:
        _write_moved(session, moved, recorded, attempt.actor.account_id, now)
    return recorded


def receive_opinion(session: Session, attempt: Attempt, *, now: datetime) -> Recorded:
    """Record that the answer of an outside office is there: from that day on its time is the step's again.

    No date moves. Raises `RequirementsMissing` for a day before the office was asked.
    """
    opinion = attempt.locked.facts.opinion
    if opinion is None:
        raise RuntimeError("an opinion that nobody asked for")
    calendar = _calendar(session, attempt)
    day = attempt.command.request.occurred_on or calendar.local_day(now)
    if day < calendar.local_day(opinion.asked_at):
        reason = Reason("answered_before_asked", "The office was asked later than that.")
        raise RequirementsMissing(reason.message, reasons=[reason])
    recorded = write_attempt(session, attempt, now=now, data={"office": opinion.office})
    came_at = max(opinion.asked_at, _by_the_end_of(day, calendar, now))
    session.execute(update(Visit).where(Visit.id == attempt.locked.visit_id).values(opinion_came_at=came_at))
    return recorded


def _calendar(session: Session, attempt: Attempt) -> Calendar:
    return calendar_of_seat(session, attempt.definition.calendar, attempt.locked.facts.owner_key)


def _by_the_end_of(day: date, calendar: Calendar, now: datetime) -> datetime:
    return min(now, calendar.closes_at(day))


def _asked(attempt: Attempt, calendar: Calendar, now: datetime) -> Opinion:
    """Return what is asked and from when it counts: the end of the day on the letter, at the latest now."""
    locked, request = attempt.locked, attempt.command.request
    day, entered_at = request.occurred_on or calendar.local_day(now), locked.visit_entered_at or now
    unmet = []
    if not request.office:
        unmet.append(Reason("office_missing", "Name the office that is asked."))
    if not request.comment:
        unmet.append(Reason("comment_missing", "Say by which letter it is asked, and what."))
    if day < calendar.local_day(entered_at):
        unmet.append(Reason("asked_before_step", "The nomination came to this step later than that."))
    if locked.due_at is not None and day > calendar.local_day(locked.due_at):
        message = "It was due before that: asking doubles no time that is over."
        unmet.append(Reason("asked_after_due", message))
    if unmet:
        raise RequirementsMissing(unmet[0].message, reasons=unmet)
    return Opinion(request.office or "", max(entered_at, _by_the_end_of(day, calendar, now)))


def _doubled(
    session: Session, asked: Attempt, calendar: Calendar, now: datetime
) -> tuple[MovedStay | None, bool]:
    """Return the stay with its period doubled, None without a clock, and whether a day given above stands."""
    locked, definition = asked.locked, asked.definition
    running, due = running_clock(locked, calendar), timing_of_stay(definition, locked).due
    if running is None or due is None or locked.due_at is None:
        return None, locked.has_more_time
    clock, is_given = double_clock(
        due, calendar, running, due_at=locked.due_at, round_dates=locked.round_dates
    )
    work = locked.work_item_id
    there = read_rungs(session, [work]).get(work, ()) if work is not None else ()
    renews = clock.due_at is not None and clock.due_at > locked.due_at
    rungs = moves_of_stay(definition, locked, clock, calendar, there, renews=renews, now=now)
    owners = [locked.facts.owner_key] if locked.facts.owner_key else []
    holders = load_holders(session, owners, today=local_day(session, now))
    return MovedStay(locked, clock, calendar.version, rungs, people_of(locked, holders)), is_given


def _write_moved(
    session: Session, moved: MovedStay, recorded: Recorded, actor_id: int, now: datetime
) -> None:
    """Write the clock, the promises and the letters of a stay that was doubled; whoever did it knows."""
    write_clocks(session, [moved])
    write_moves(session, moved.rungs)
    if moved.due_at == moved.was_at:
        return
    silence_reminders(session, [moved.locked.work_item_id])
    others = tuple(one for one in moved.people if one != actor_id)
    write_notices(
        session, moved_notices(replace(moved, people=others), recorded, str(recorded.event_id), now)
    )
