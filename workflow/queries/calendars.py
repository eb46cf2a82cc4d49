"""The days and hours by which this installation counts: what each rests on, and how well a year is known."""

from dataclasses import dataclass
from datetime import date, time

from sqlalchemy.orm import Session

from workflow.domain.time.days import CalendarDay, YearState
from workflow.domain.time.hours import HoursPeriod
from workflow.domain.time.workdays import CalendarName
from workflow.queries.paging import Page, cut, decode_cursor, encode_cursor, name_of, text
from workflow.store.calendars import calendar_in_force
from workflow.store.database import local_calendar
from workflow.store.imported_days import unit_closures
from workflow.store.office_hours import office_hours

_NAME = "calendar_days"
_HOURS = "office_hours"


@dataclass(frozen=True, slots=True)
class CalendarDayView:
    """A day that differs from its weekday, everywhere or (`unit`) in one unit alone.

    `is_off` false is a day worked in place of another; of an estimate no decision was seen yet.
    """

    day: date
    unit: str | None
    is_off: bool
    name: str
    source: str
    is_estimate: bool


@dataclass(frozen=True, slots=True)
class OfficeHoursView:
    """The hours of offices from a day on, everywhere or (`unit`) in one unit alone; `hours` in one line."""

    from_day: date
    unit: str | None
    opens: time
    closes: time
    noon_from: time | None
    noon_to: time | None
    hours: str
    name: str
    source: str


@dataclass(frozen=True, slots=True)
class YearView:
    """A year of a calendar, and whether its days off are decided, estimated, or not known at all."""

    year: int
    state: YearState
    days_off: int
    days_worked: int


@dataclass(frozen=True, slots=True)
class CalendarView:
    """The calendar that the installation counts by: its version now, and each of its years."""

    calendar: CalendarName
    version: str
    first_day: date | None
    last_day: date | None
    years: tuple[YearView, ...]
    units: tuple[str, ...]


def list_calendar_days(
    session: Session, *, year: int | None, limit: int, cursor: str | None
) -> Page[CalendarDayView]:
    """Return one page of the days that differ, in order of date; of one year where that is asked for."""
    everywhere = calendar_in_force(session, CalendarName.LOCAL).days
    found = [_view(entry, None) for entry in everywhere]
    found += [_view(entry, code) for code, entries in unit_closures(session).items() for entry in entries]
    rows = sorted(
        (one for one in found if year is None or one.day.year == year),
        key=lambda one: (one.day, one.unit or ""),
    )
    name = name_of(_NAME, year)
    if cursor is not None:
        day, unit = decode_cursor(name, cursor, lambda place: date.fromisoformat(text(place)), text)
        rows = [one for one in rows if (one.day, one.unit or "") > (day, unit)]
    return cut(
        rows[: limit + 1],
        limit,
        item=lambda one: one,
        cursor=lambda one: encode_cursor(name, one.day.isoformat(), one.unit or ""),
    )


def list_office_hours(session: Session, *, limit: int, cursor: str | None) -> Page[OfficeHoursView]:
    """Return one page of the office hours that were brought in, in order of the day they begin on."""
    everywhere, own = office_hours(session)
    found = [_hours_view(one, None) for one in everywhere]
    found += [_hours_view(one, code) for code, periods in own.items() for one in periods]
    rows = sorted(found, key=lambda one: (one.from_day, one.unit or ""))
    if cursor is not None:
        day, unit = decode_cursor(_HOURS, cursor, lambda place: date.fromisoformat(text(place)), text)
        rows = [one for one in rows if (one.from_day, one.unit or "") > (day, unit)]
    return cut(
        rows[: limit + 1],
        limit,
        item=lambda one: one,
        cursor=lambda one: encode_cursor(_HOURS, one.from_day.isoformat(), one.unit or ""),
    )


def describe_calendar(session: Session, *, today: date) -> CalendarView:
    """Return the calendar of the installation with its years, to the one after next."""
    calendar = calendar_in_force(session, CalendarName.LOCAL)
    days = calendar.days
    first = min((entry.day.year for entry in days), default=today.year)
    last = max(today.year + 2, *(entry.day.year for entry in days)) if days else today.year + 2
    years = tuple(
        YearView(
            year,
            calendar.year_state(year),
            sum(entry.is_off for entry in days if entry.day.year == year),
            sum(not entry.is_off for entry in days if entry.day.year == year),
        )
        for year in range(first, last + 1)
    )
    return CalendarView(
        local_calendar(session),
        calendar.version,
        calendar.first_day,
        calendar.last_day,
        years,
        tuple(sorted(unit_closures(session))),
    )


def _view(entry: CalendarDay, unit: str | None) -> CalendarDayView:
    return CalendarDayView(entry.day, unit, entry.is_off, entry.name, entry.source, entry.is_estimate)


def _hours_view(one: HoursPeriod, unit: str | None) -> OfficeHoursView:
    hours = one.hours
    return OfficeHoursView(
        one.from_day,
        unit,
        hours.opens,
        hours.closes,
        hours.noon_from,
        hours.noon_to,
        str(hours),
        one.name,
        one.source,
    )
