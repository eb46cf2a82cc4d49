"""The days that were imported: off or worked in their place, everywhere or in single units."""

from collections import defaultdict
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.time.days import CalendarDay
from workflow.store.imports import ImportedDay, UnitClosure
from workflow.store.organisation import Unit
from workflow.store.statements import Statement

# Ready-made statements, because they may be asked in the middle of a block that sends its writes at once.
_DAYS: Final = Statement(
    select(ImportedDay.day, ImportedDay.is_off, ImportedDay.name, ImportedDay.source).order_by(
        ImportedDay.day
    )
)
_CLOSURES: Final = Statement(
    select(Unit.code, UnitClosure.day, UnitClosure.is_off, UnitClosure.name, UnitClosure.source)
    .join(Unit, Unit.id == UnitClosure.unit_id)
    .order_by(Unit.code, UnitClosure.day)
)


def imported_days(session: Session) -> list[CalendarDay]:
    """Give the days that were imported, in order of date."""
    return [CalendarDay(row.day, row.is_off, row.name, row.source) for row in _DAYS.fetch(session, {})]


def unit_closures(session: Session) -> dict[str, list[CalendarDay]]:
    """Give the days on which single units differ from the rest, by the unit's code."""
    found: dict[str, list[CalendarDay]] = defaultdict(list)
    for row in _CLOSURES.fetch(session, {}):
        found[row.code].append(CalendarDay(row.day, row.is_off, row.name, row.source))
    return dict(found)
