"""Working time counted by the database: the twin of `Calendar.minutes_between`, proved equal by a test.

For stays of which nobody has written it: those that are open, and those that ended before it was written.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Date,
    SQLColumnExpression,
    Time,
    all_,
    and_,
    any_,
    bindparam,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.types import BigInteger, Integer

from workflow.domain.time.hours import MICROSECONDS, USUAL_HOURS, WORKING_DAY_MINUTES, OfficeHours
from workflow.domain.time.workdays import Calendar, CalendarName
from workflow.store.awards import WorkflowDefinition
from workflow.store.calendars import calendar_in_force
from workflow.store.definitions import shown_definition

_FIRST_MONDAY: Final = date(1, 1, 1)
_WEEK: Final = 7
_WORKDAYS: Final = 5
# Whole microseconds, as instants are stored: sums of them lose nothing.
_SECOND: Final = 1_000_000
_DAY: Final = WORKING_DAY_MINUTES * MICROSECONDS


@dataclass(frozen=True, slots=True)
class LocalTime:
    """An instant as a calendar meets it: the day it falls on, and the time of it.

    Each is looked at several times, so whoever counts for many rows has both worked out once for a row.
    """

    day: ColumnElement[Any]
    clock: ColumnElement[Any]


def local_time(zone: str, at: SQLColumnExpression[Any]) -> LocalTime:
    """Return an instant in a zone."""
    local = func.timezone(zone, at)
    return LocalTime(cast(local, Date), cast(local, Time))


def calendars_of_routes(session: Session) -> Mapping[Calendar, Sequence[int]]:
    """Return each calendar that a published route counts by, with the ids of those routes."""
    calendars: dict[str, Calendar] = {}
    ids: dict[str, list[int]] = defaultdict(list)
    for definition_id in session.scalars(select(WorkflowDefinition.id).order_by(WorkflowDefinition.id)):
        calendar = calendar_in_force(session, shown_definition(session, definition_id).calendar)
        calendars[calendar.version] = calendar
        ids[calendar.version].append(definition_id)
    return {calendar: ids[version] for version, calendar in calendars.items()}


def working_minutes(
    calendars: Mapping[Calendar, Sequence[int]],
    definition_id: SQLColumnExpression[int],
    start: LocalTime,
    end: LocalTime,
) -> ColumnElement[Any]:
    """Return the whole working minutes from start to a later end, by the calendar of a definition.

    Both in the zone of the calendars.
    """
    ways = [
        (definition_id.in_(ids), (_worked(calendar, end) - _worked(calendar, start)) // MICROSECONDS)
        for calendar, ids in calendars.items()
    ]
    return case(*ways, else_=None) if ways else cast(null(), BigInteger)


def _worked(calendar: Calendar, at: LocalTime) -> ColumnElement[Any]:
    """Return the working microseconds that passed from the calendar's beginning until an instant."""
    day, clock = at.day, at.clock
    past = cast(day - literal(_FIRST_MONDAY, Date), Integer)
    within = _of_the_day(calendar, day, clock)
    if calendar.name is CalendarName.NONE:
        return cast(past, BigInteger) * _DAY + within
    off = sorted(one for one in calendar.off - calendar.made_up if one.weekday() < _WORKDAYS)
    made_up = sorted(one for one in calendar.made_up if one.weekday() >= _WORKDAYS)
    rest = func.mod(past, _WEEK)
    whole = (
        past // _WEEK * _WORKDAYS + func.least(rest, _WORKDAYS) - _before(day, off) + _before(day, made_up)
    )
    works = or_(and_(rest < _WORKDAYS, day != all_(_days(off))), day == any_(_days(made_up)))
    return cast(whole, BigInteger) * _DAY + case((works, within), else_=0)


def _of_the_day(calendar: Calendar, day: ColumnElement[Any], clock: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return how much of a working day is over at a time of it, by the hours that count on that day."""
    usual = _share(USUAL_HOURS, clock)
    if not calendar.hours:
        return usual
    # The latest first: the first that has begun is the one that counts.
    ways = [(day >= literal(one.from_day, Date), _share(one.hours, clock)) for one in calendar.hours[::-1]]
    return case(*ways, else_=usual)


def _share(hours: OfficeHours, clock: ColumnElement[Any]) -> ColumnElement[Any]:
    first, *rest = (_passed(clock, opens, closes) for opens, closes in hours.windows)
    opened: ColumnElement[Any] = sum(rest, start=first)
    if hours.minutes == WORKING_DAY_MINUTES:
        return opened
    return opened * WORKING_DAY_MINUTES // hours.minutes


def _before(day: ColumnElement[Any], days: Sequence[date]) -> ColumnElement[int]:
    """Return how many of the days, which are in order, lie before one."""
    return func.width_bucket(day - 1, _days(days), type_=Integer)


def _days(days: Sequence[date]) -> ColumnElement[Any]:
    return bindparam(None, list(days), type_=ARRAY(Date), unique=True)


def _passed(clock: ColumnElement[Any], opens: time, closes: time) -> ColumnElement[Any]:
    inside = func.least(func.greatest(clock, literal(opens, Time)), literal(closes, Time))
    return cast(func.extract("epoch", inside - literal(opens, Time)) * _SECOND, BigInteger)
