"""Office hours out of a file: from which day on an office opens and closes when, everywhere or in one unit.

What was counted before stays: the due dates of open visits do not move by it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from itertools import pairwise
from typing import Final, TypeAlias

from sqlalchemy.orm import Session

from workflow.domain.time.hours import (
    USUAL_HOURS,
    WORKING_DAY_MINUTES,
    HoursError,
    HoursPeriod,
    OfficeHours,
    hours_of_unit,
)
from workflow.domain.time.typed_days import read_hour
from workflow.imports.kinds.revision import EVERYWHERE, known_days, known_hours, write_revision
from workflow.imports.kinds.units import KnownUnit, load_units
from workflow.imports.ledger import added, changed
from workflow.imports.plan import ImportPlan
from workflow.imports.reading.bad_cells import BadCells
from workflow.imports.reading.cells import Cells

_Place: TypeAlias = tuple[str, date]
_Hours: TypeAlias = Mapping[_Place, HoursPeriod]
_FIELDS: Final = ("opens", "closes", "noon_from", "noon_to")


def plan_hours(session: Session, rows: Sequence[Cells], problems: BadCells) -> ImportPlan:
    """Return what the rows change; a place that has hours from that day already has those of the file."""
    units = load_units(session) if any(cells.raw("unit") for cells in rows) else None
    read = _Read({}, {}, {})
    for cells in rows:
        day, name, hours = cells.day("from"), cells.text("name"), _hours(cells)
        unit = units.find(cells, "unit") if units is not None else None
        if day is None or hours is None:
            continue
        place = (unit.code if unit else EVERYWHERE, day)
        if place in read.lines:
            cells.bad("from", f"is there twice; the first is in line {read.lines[place]}")
            continue
        read.lines[place] = cells.line
        read.hours[place] = HoursPeriod(day, hours, name, cells.text("source"))
        if unit is not None:
            read.units[unit.code] = unit
    problems.demand_none()
    return _plan(session, read)


@dataclass(frozen=True, slots=True)
class _Read:
    """What a file says: the hours by place and day, the line of each, and the units that it names."""

    hours: dict[_Place, HoursPeriod]
    lines: dict[_Place, int]
    units: dict[str, KnownUnit]


def _hours(cells: Cells) -> OfficeHours | None:
    """Return the hours of a row, None where they are noted as bad."""
    opens, closes, noon_from, noon_to = (_hour(cells, field) for field in _FIELDS)
    is_read = all(
        (at is None) == (not cells.raw(field))
        for field, at in (("noon_from", noon_from), ("noon_to", noon_to))
    )
    if opens is None or closes is None or not is_read:
        return None
    try:
        return OfficeHours(opens, closes, noon_from, noon_to)
    except HoursError as problem:
        cells.bad(problem.field, problem.message)
        return None


def _hour(cells: Cells, field: str) -> time | None:
    said = cells.text(field)
    at = read_hour(said) if said else None
    if said and at is None:
        cells.bad(field, "must be an hour of the day, such as 7:30 or 7h30")
    return at


def _plan(session: Session, read: _Read) -> ImportPlan:
    plan = ImportPlan()
    known = known_hours(session)
    then = known | read.hours
    for (unit, day), one in read.hours.items():
        now = known.get((unit, day))
        name = f"{day} {unit}".rstrip()
        table = "unit_hours" if unit else "office_hours"
        key: dict[str, object] = {"from_day": day}
        if unit:
            key["unit_id"] = read.units[unit].unit_id
        if now is None:
            plan.new.append(name)
            plan.writes.append(added(table, {**key, **_values(one)}))
        else:
            plan.note_change(name, _changes(now, one))
            write = changed(table, key, _values(now), _values(one))
            plan.writes += [write] if write else []
    if plan.writes:
        write_revision(session, plan, days=known_days(session), hours=then)
        plan.notes += _told(read.hours, then)
    return plan


def _values(one: HoursPeriod) -> dict[str, object]:
    return {field: getattr(one.hours, field) for field in _FIELDS} | {"name": one.name, "source": one.source}


def _changes(now: HoursPeriod, then: HoursPeriod) -> dict[str, tuple[object, object]]:
    return {
        "hours": (str(now.hours), str(then.hours)),
        "name": (now.name, then.name),
        "source": (now.source, then.source),
    }


def _told(read: _Hours, then: _Hours) -> Iterator[str]:
    """Yield what the hours of each place are before and from then on, and what does not move."""
    everywhere = [one for (unit, _), one in sorted(then.items()) if not unit]
    for place in sorted({unit for unit, _ in read}):
        own = [one for (unit, _), one in sorted(then.items()) if unit and unit == place]
        periods = hours_of_unit(everywhere, own) if place else everywhere
        where = f"In unit {place}" if place else "In all units without hours of their own"
        usual = HoursPeriod(date.min, USUAL_HOURS)
        for before, one in pairwise([usual, *periods]):
            if (place, one.from_day) in read:
                yield f"{where} from {one.from_day}: {one.hours} (until then {before.hours})."
    if any(one.hours.minutes != WORKING_DAY_MINUTES for one in read.values()):
        yield "A working day counts as one whole day, however many hours it has."
    yield (
        "Due dates that stand do not move yet; what starts from now on counts by these hours. "
        "See what would move: Count dates by the calendar, or commendo calendar replan."
    )
