"""The hours that were imported for offices, and how a version of a calendar keeps them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from typing import Any, Final

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from workflow.domain.time.hours import HoursPeriod, OfficeHours
from workflow.store.imports import ImportedHours, UnitHours
from workflow.store.organisation import Unit
from workflow.store.statements import Statement

# Ready-made statements, because they may be asked in the middle of a block that sends its writes at once.
_EVERYWHERE: Final = Statement(
    select(
        ImportedHours.from_day,
        *(ImportedHours.opens, ImportedHours.closes, ImportedHours.noon_from, ImportedHours.noon_to),
        *(ImportedHours.name, ImportedHours.source),
    ).order_by(ImportedHours.from_day)
)
_OF_UNITS: Final = Statement(
    select(
        Unit.code,
        UnitHours.from_day,
        *(UnitHours.opens, UnitHours.closes, UnitHours.noon_from, UnitHours.noon_to),
        *(UnitHours.name, UnitHours.source),
    )
    .join(Unit, Unit.id == UnitHours.unit_id)
    .order_by(Unit.code, UnitHours.from_day)
)


def office_hours(session: Session) -> tuple[tuple[HoursPeriod, ...], Mapping[str, Sequence[HoursPeriod]]]:
    """Give the hours of all offices in order of date, and by the unit's code those that units have alone."""
    own: dict[str, list[HoursPeriod]] = defaultdict(list)
    for row in _OF_UNITS.fetch(session, {}):
        own[row.code].append(_period(row))
    return tuple(_period(row) for row in _EVERYWHERE.fetch(session, {})), dict(own)


def hours_as_json(hours: Iterable[HoursPeriod]) -> list[dict[str, object]]:
    """Give hours as `CalendarVersion` holds them."""
    return [
        {"from_day": one.from_day.isoformat(), "name": one.name, "source": one.source}
        | {
            field: at and at.isoformat("minutes")
            for field, at in (
                ("opens", one.hours.opens),
                ("closes", one.hours.closes),
                ("noon_from", one.hours.noon_from),
                ("noon_to", one.hours.noon_to),
            )
        }
        for one in hours
    ]


def hours_from_json(kept: Iterable[Mapping[str, Any]]) -> tuple[HoursPeriod, ...]:
    """Give back the hours that `hours_as_json` wrote."""
    return tuple(
        HoursPeriod(
            date.fromisoformat(one["from_day"]),
            OfficeHours(
                *(one[name] and time.fromisoformat(one[name]) for name in ("opens", "closes")),
                *(one[name] and time.fromisoformat(one[name]) for name in ("noon_from", "noon_to")),
            ),
            one["name"],
            one["source"],
        )
        for one in kept
    )


def _period(row: Row[Any]) -> HoursPeriod:
    hours = OfficeHours(row.opens, row.closes, row.noon_from, row.noon_to)
    return HoursPeriod(row.from_day, hours, row.name, row.source)
