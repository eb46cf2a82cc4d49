"""What was imported of days and hours, by place and date, and the one word by which processes know of it."""

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Final, TypeAlias

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.time.days import CalendarDay
from workflow.domain.time.hours import HoursPeriod
from workflow.domain.time.workdays import CalendarName
from workflow.imports.ledger import added, changed
from workflow.imports.plan import ImportPlan
from workflow.store.imported_days import imported_days, unit_closures
from workflow.store.imports import CalendarRevision
from workflow.store.office_hours import office_hours

EVERYWHERE: Final = ""
"""The place of what counts in all units."""
_Place: TypeAlias = tuple[str, date]


def known_days(session: Session) -> dict[_Place, CalendarDay]:
    """Return the days that were imported."""
    found = {(EVERYWHERE, entry.day): entry for entry in imported_days(session)}
    of_units = unit_closures(session)
    return found | {(unit, entry.day): entry for unit, entries in of_units.items() for entry in entries}


def known_hours(session: Session) -> dict[_Place, HoursPeriod]:
    """Return the hours that were imported."""
    everywhere, own = office_hours(session)
    found = {(EVERYWHERE, one.from_day): one for one in everywhere}
    return found | {(unit, one.from_day): one for unit, periods in own.items() for one in periods}


def write_revision(
    session: Session,
    plan: ImportPlan,
    *,
    days: Mapping[_Place, CalendarDay],
    hours: Mapping[_Place, HoursPeriod],
) -> None:
    """Give what was imported a new revision, by which every process knows that it has to read it."""
    # The days of all units are written as they ever were: their revision is no other because units have some.
    lines = [
        f"{one.day}\t{one.is_off}\t{one.name}\t{one.source}" + (f"\t{unit}" if unit else "")
        for (unit, _), one in sorted(days.items())
    ]
    lines += [
        f"{one.from_day}\t{one.hours}\t{one.name}\t{one.source}\t{unit}"
        for (unit, _), one in sorted(hours.items())
    ]
    revision = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    key = {"calendar": str(CalendarName.VN)}
    now = session.scalar(
        select(CalendarRevision.revision).where(CalendarRevision.calendar == CalendarName.VN)
    )
    if now is None:
        plan.writes.append(added("calendar_revision", {**key, "revision": revision}))
    elif one := changed("calendar_revision", key, {"revision": now}, {"revision": revision}):
        plan.writes.append(one)
