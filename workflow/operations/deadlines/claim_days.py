"""Until when work that somebody took is theirs: so many working days, by the calendar of its seat."""

from datetime import date, datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from workflow.domain.time.workdays import CalendarName
from workflow.store.calendars import calendar_of_seat
from workflow.store.database import claim_days
from workflow.store.locked import Locked
from workflow.store.nominations import WorkItem


def claimed_until(
    session: Session, calendar: CalendarName, owner_key: str | None, *, now: datetime
) -> date | None:
    """Return the last day of a claim that begins now, None where claims do not end by themselves."""
    days = claim_days(session)
    if not days:
        return None
    counted_by = calendar_of_seat(session, calendar, owner_key)
    return counted_by.shift(counted_by.local_day(now), days)


def begin_claim_anew(session: Session, locked: Locked, calendar: CalendarName, *, now: datetime) -> None:
    """Let a claim count from now on again, where there is one: while its clock stood, so did it."""
    until = claimed_until(session, calendar, locked.facts.owner_key, now=now)
    session.execute(
        update(WorkItem)
        .where(WorkItem.id == locked.work_item_id, WorkItem.claimed_until.is_not(None))
        .values(claimed_until=until)
    )
