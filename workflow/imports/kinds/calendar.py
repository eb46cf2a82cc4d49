"""Days of the calendar out of a file: days off, and weekend days worked in their place.

They lie on top of the calendar that ships; a day that the file names is as the file says, in all units or in
the one its row names. What was counted before stays: the due dates of open visits do not move.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TypeAlias

from sqlalchemy.orm import Session

from workflow.domain.time.days import CalendarDay, overlay
from workflow.domain.time.workdays import Calendar, CalendarName
from workflow.imports.kinds.revision import EVERYWHERE, known_days, known_hours, write_revision
from workflow.imports.kinds.units import KnownUnit, load_units
from workflow.imports.ledger import added, changed
from workflow.imports.plan import ImportPlan
from workflow.imports.reading.bad_cells import BadCells
from workflow.imports.reading.cells import Cells
from workflow.store.calendars import DATED, overlaid
from workflow.store.database import timezone_of
from workflow.store.shipped_days import shipped_days

_KINDS = {
    "off": True, "nghỉ": True, "ngày nghỉ": True, "no": True,
    "work": False, "workday": False, "làm bù": False, "làm việc": False, "yes": False,
}  # fmt: skip


_Place: TypeAlias = tuple[str, date]
_Days: TypeAlias = Mapping[_Place, CalendarDay]


def plan_calendar(session: Session, rows: Sequence[Cells], problems: BadCells) -> ImportPlan:
    """Return what the rows change. A day that ships is kept as well: it may ship in one calendar alone."""
    units = load_units(session) if any(cells.raw("unit") for cells in rows) else None
    days: dict[_Place, CalendarDay] = {}
    lines: dict[_Place, int] = {}
    named: dict[str, KnownUnit] = {}
    for cells in rows:
        day, is_off, name = cells.day("day"), cells.choice("kind", _KINDS), cells.text("name")
        unit = units.find(cells, "unit") if units is not None else None
        place = (unit.code if unit else EVERYWHERE, day) if day is not None else None
        if place in days:
            cells.bad("day", f"is there twice; the first is in line {lines[place]}")
        if place is not None and is_off is not None:
            lines.setdefault(place, cells.line)
            days.setdefault(place, CalendarDay(place[1], is_off, name, cells.text("source")))
        if unit is not None:
            named[unit.code] = unit
    problems.demand_none()
    return _plan(session, days, {code: unit.unit_id for code, unit in named.items()})


def _plan(session: Session, days: _Days, unit_ids: Mapping[str, int]) -> ImportPlan:
    plan = ImportPlan()
    imported = known_days(session)
    shipped = {entry.day: entry for entry in shipped_days()}
    then = dict(imported)
    for (unit, day), entry in days.items():
        now = imported.get((unit, day))
        over = now or imported.get((EVERYWHERE, day)) or shipped.get(day)
        name = f"{day} {unit}".rstrip()
        if over is not None and (over == now or over != entry):
            plan.note_change(name, _fields(over, entry))
        else:
            plan.new.append(name)
        then[unit, day] = entry
        table = "unit_closure" if unit else "calendar_day"
        key: dict[str, object] = {"unit_id": unit_ids[unit], "day": day} if unit else {"day": day}
        values = {"is_off": entry.is_off, "name": entry.name, "source": entry.source}
        if now is None:
            plan.writes.append(added(table, {**key, **values}))
        else:
            before = {"is_off": now.is_off, "name": now.name, "source": now.source}
            one = changed(table, key, before, values)
            plan.writes += [one] if one else []
    if plan.writes:
        write_revision(session, plan, days=then, hours=known_hours(session))
        plan.notes += _told(timezone_of(session), imported, then)
    return plan


def _told(zone: str, before: _Days, then: _Days) -> Iterable[str]:
    """Yield how many days count differently, everywhere and in single units, and what does not move."""
    told = []
    for name in DATED:
        old, new = (overlaid(name, _of(days, EVERYWHERE), zone) for days in (before, then))
        years = f" (known from {new.first_day} to {new.last_day})" if new.first_day else ""
        count = _differ(old, new, {day for unit, day in then if not unit})
        told.append(f"Days that count differently from now on in the calendar {name}: {count}{years}")
    yield f"{'; '.join(told)}; {CalendarName.NONE} counts every day as before."
    own: dict[str, set[date]] = defaultdict(set)
    for unit, day in then:
        if unit and before.get((unit, day)) != then[unit, day]:
            own[unit].add(day)
    for unit, days in sorted(own.items()):
        old, new = (
            overlaid(CalendarName.VN, overlay(_of(all_days, EVERYWHERE), _of(all_days, unit)), zone)
            for all_days in (before, then)
        )
        yield f"Days that count differently from now on in unit {unit} alone: {_differ(old, new, days)}."
    yield (
        "Due dates that stand do not move yet; what starts from now on counts by these days. "
        "See what would move: Count dates by the calendar, or commendo calendar replan."
    )


def _of(days: _Days, unit: str) -> list[CalendarDay]:
    return [entry for (code, _), entry in sorted(days.items()) if code == unit]


def _differ(old: Calendar, new: Calendar, days: Iterable[date]) -> int:
    return sum(old.is_working(day) != new.is_working(day) for day in days)


def _fields(now: CalendarDay, then: CalendarDay) -> dict[str, tuple[object, object]]:
    kinds = {True: "off", False: "work"}
    return {
        "kind": (kinds[now.is_off], kinds[then.is_off]),
        "name": (now.name, then.name),
        "source": (now.source, then.source),
    }
