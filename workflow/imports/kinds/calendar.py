"""Days of the calendar out of a file: days off, and weekend days worked in their place.

They lie on top of the calendar that ships; a day that the file names is as the file says. What was counted
before stays: the due dates of open visits do not move.
"""

import hashlib
from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.time.workdays import CalendarName
from workflow.imports.ledger import added, changed
from workflow.imports.plan import ImportPlan
from workflow.imports.reading.bad_cells import BadCells
from workflow.imports.reading.cells import Cells
from workflow.store.calendars import DATED, CalendarDay, imported_days, overlaid, shipped_days
from workflow.store.database import timezone_of
from workflow.store.imports import CalendarRevision

_KINDS = {
    "off": True, "nghỉ": True, "ngày nghỉ": True, "no": True,
    "work": False, "workday": False, "làm bù": False, "làm việc": False, "yes": False,
}  # fmt: skip


def plan_calendar(session: Session, rows: Sequence[Cells], problems: BadCells) -> ImportPlan:
    """Return what the rows change. A day that ships is kept as well: it may ship in one calendar alone."""
    days: dict[date, CalendarDay] = {}
    lines: dict[date, int] = {}
    for cells in rows:
        day, is_off, name = cells.day("day"), cells.choice("kind", _KINDS), cells.text("name")
        if day is not None and day in days:
            cells.bad("day", f"is there twice; the first is in line {lines[day]}")
        if day is not None and is_off is not None:
            lines.setdefault(day, cells.line)
            days.setdefault(day, CalendarDay(day, is_off, name, cells.text("source")))
    problems.demand_none()
    return _plan(session, list(days.values()))


def _plan(session: Session, days: Sequence[CalendarDay]) -> ImportPlan:
    plan = ImportPlan()
    imported = {entry.day: entry for entry in imported_days(session)}
    shipped = {entry.day: entry for entry in shipped_days()}
    then = dict(imported)
    for entry in days:
        now = imported.get(entry.day)
        over = now or shipped.get(entry.day)
        if over is not None and (over == now or over != entry):
            plan.note_change(entry.day.isoformat(), _fields(over, entry))
        else:
            plan.new.append(entry.day.isoformat())
        if now == entry:
            continue
        then[entry.day] = entry
        values = {"is_off": entry.is_off, "name": entry.name, "source": entry.source}
        if entry.day in imported:
            before = imported[entry.day]
            old = {"is_off": before.is_off, "name": before.name, "source": before.source}
            one = changed("calendar_day", {"day": entry.day}, old, values)
            plan.writes += [one] if one else []
        else:
            plan.writes.append(added("calendar_day", {"day": entry.day, **values}))
    if plan.writes:
        _note_revision(session, plan, list(imported.values()), list(then.values()))
    return plan


def _note_revision(
    session: Session, plan: ImportPlan, before: Sequence[CalendarDay], then: Sequence[CalendarDay]
) -> None:
    """Give the days a new revision, by which every process knows that it has to read them."""
    ordered = sorted(then, key=lambda entry: entry.day)
    content = "\n".join(f"{one.day}\t{one.is_off}\t{one.name}\t{one.source}" for one in ordered)
    revision = hashlib.sha256(content.encode()).hexdigest()
    key = {"calendar": str(CalendarName.VN)}
    now = session.scalar(
        select(CalendarRevision.revision).where(CalendarRevision.calendar == CalendarName.VN)
    )
    if now is None:
        plan.writes.append(added("calendar_revision", {**key, "revision": revision}))
    elif one := changed("calendar_revision", key, {"revision": now}, {"revision": revision}):
        plan.writes.append(one)
    zone = timezone_of(session)
    told = []
    for name in DATED:
        old, new = (overlaid(name, above, zone) for above in (before, ordered))
        count = sum(old.is_working(one.day) != new.is_working(one.day) for one in ordered)
        years = f" (known from {new.first_day} to {new.last_day})" if new.first_day else ""
        told.append(f"{count} days count differently from now on in the calendar {name}{years}")
    plan.notes.append(f"{'; '.join(told)}; {CalendarName.NONE} counts every day as before.")
    plan.notes.append("Due dates that stand do not move; only what starts from now on counts by these days.")


def _fields(now: CalendarDay, then: CalendarDay) -> dict[str, tuple[object, object]]:
    kinds = {True: "off", False: "work"}
    return {
        "kind": (kinds[now.is_off], kinds[then.is_off]),
        "name": (now.name, then.name),
        "source": (now.source, then.source),
    }
