"""Keeping what calendars hold under their versions, so that a due date can still be explained afterwards."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from workflow.store.calendars import calendars_in_force, days_as_kept
from workflow.store.imports import CalendarVersion
from workflow.store.office_hours import hours_as_json


def keep_calendars(session: Session, *, now: datetime) -> None:
    """Write what every calendar in force holds, those known already left as they are; never commits.

    Whatever changes a calendar calls this after its days were written: an upgrade, an import, its undoing.
    """
    rows = {
        calendar.version: {
            "version": calendar.version,
            "calendar": calendar.name,
            "first_day": calendar.first_day,
            "last_day": calendar.last_day,
            "days": days_as_kept(calendar),
            "hours": hours_as_json(calendar.hours),
            "noted_at": now,
        }
        for calendar in calendars_in_force(session)
    }
    session.execute(insert(CalendarVersion).on_conflict_do_nothing(), list(rows.values()))
