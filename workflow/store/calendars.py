"""The calendars that ship with the project, and the days and hours that were imported on top of them.

What ships is read once a process. Imported days and hours, and those in which single units differ, are read
once a process for each revision of them; which counts comes with the locked rows of a decision, and is asked
for once a transaction elsewhere. What a version once held is kept (`CalendarVersion`).
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session, SessionTransaction

from workflow.domain.rights.routing import split_key, unit_of
from workflow.domain.time.days import CalendarDay, overlay
from workflow.domain.time.hours import HoursPeriod, hours_of_unit
from workflow.domain.time.workdays import Calendar, CalendarName
from workflow.store.base import table_of
from workflow.store.database import local_calendar, timezone_of
from workflow.store.imported_days import imported_days, unit_closures
from workflow.store.imports import CalendarRevision, CalendarVersion
from workflow.store.office_hours import hours_from_json, office_hours
from workflow.store.shipped_days import shipped_days
from workflow.store.statements import Statement

_VERSION_LENGTH: Final = 12
DATED: Final = (CalendarName.VN, CalendarName.WEEKDAYS)
"""The calendars in which imported days count."""
_KNOWN_REVISION: Final = "calendar_revision"
# An import is rare; a process that lives through this many of them reads the oldest ones' days again.
_CALENDARS_KEPT: Final = 16
# Each unit with days of its own has a version of its own.
_VERSIONS_KEPT: Final = 256
_REVISION: Final = Statement(
    select(CalendarRevision.revision).where(CalendarRevision.calendar == str(CalendarName.VN))
)
_VERSION: Final = Statement(
    select(table_of(CalendarVersion)).where(CalendarVersion.version == bindparam("version"))
)

# The calendar of all, and by code those of the units that differ.
_Everywhere: TypeAlias = tuple[Calendar, Mapping[str, Calendar]]


class _Noted(NamedTuple):
    """Which imported days count in a transaction, what was asked for in it, and of what nothing is kept."""

    transaction: SessionTransaction | None
    revision: str | None
    calendars: dict[str, _Everywhere]
    not_kept: set[str]


@lru_cache(maxsize=16)
def load_calendar(name: str, timezone: str) -> Calendar:
    """Give the calendar of that name (vn, weekdays, none) as it ships, in a time zone.

    Raises ValueError for an unknown calendar and for `local`, which only an installation can tell;
    ZoneInfoNotFoundError for an unknown zone.
    """
    calendar = CalendarName(name)
    if calendar is CalendarName.LOCAL:
        message = "which calendar is local, the installation says"
        raise ValueError(message)
    if calendar is not CalendarName.VN:
        zone = ZoneInfo(timezone)
        return Calendar(calendar, f"{calendar}-1", frozenset(), frozenset(), None, None, zone)
    return build_calendar(shipped_days(), timezone)


def calendar_in_force(session: Session, name: str, *, unit: str | None = None) -> Calendar:
    """Give the calendar of that name with the days imported into this installation, in its zone.

    `local` is the one the installation counts by. Imported days lie over those that ship in `vn` and over the
    bare week in `weekdays`; `none` counts every day. Imported hours count in all. On top of them lie the days
    and hours in which the unit of that code differs, where one is named.

    All of one transaction counts by one revision: the one it saw first.
    """
    everywhere, of_units = _calendars(session, name)
    return of_units.get(unit or "", everywhere)


def calendar_of_seat(session: Session, name: str, owner_key: str | None) -> Calendar:
    """Give the calendar by which work is due that waits in a seat: with the days of the seat's own unit."""
    return calendar_in_force(session, name, unit=unit_of(split_key(owner_key)[1]) if owner_key else None)


def calendars_in_force(session: Session) -> tuple[Calendar, ...]:
    """Give every calendar that something may be counted by now: each name's, and each unit's of its own."""
    found = [_calendars(session, name) for name in (*DATED, CalendarName.NONE)]
    return tuple(calendar for everywhere, of_units in found for calendar in (everywhere, *of_units.values()))


def calendars_by_hours(session: Session) -> tuple[Calendar, ...]:
    """Give of all calendars in force one for each row of hours there is: when offices open, and close."""
    return tuple({calendar.hours: calendar for calendar in calendars_in_force(session)}.values())


def calendar_of_version(
    session: Session, version: str, name: str, *, owner_key: str | None = None
) -> Calendar | None:
    """Give the calendar as it was when it had that version, None where nothing was kept of it.

    `name` is that of the calendar which is looked at first, and `owner_key` the seat: mostly nothing changed
    since.
    """
    now = calendar_of_seat(session, name, owner_key)
    if now.version == version:
        return now
    key, noted = (version, timezone_of(session)), _noted(session)
    if key in _ONCE_IN_FORCE or version in noted.not_kept:
        return _ONCE_IN_FORCE.get(key)
    rows = _VERSION.fetch(session, {"version": version})
    if not rows:
        noted.not_kept.add(version)
        return None
    while len(_ONCE_IN_FORCE) >= _VERSIONS_KEPT:
        _ONCE_IN_FORCE.pop(next(iter(_ONCE_IN_FORCE)), None)
    return _ONCE_IN_FORCE.setdefault(key, _as_it_was(rows[0], key[1]))


def days_as_kept(calendar: Calendar) -> list[dict[str, object]]:
    """Give the days of a calendar as `CalendarVersion` holds them."""
    return [
        {"day": one.day.isoformat(), "is_off": one.is_off, "name": one.name, "source": one.source}
        for one in calendar.days
    ]


def _calendars(session: Session, name: str) -> _Everywhere:
    noted = _noted(session)
    if name not in noted.calendars:
        noted.calendars[name] = _of_revision(session, name, noted.revision)
    return noted.calendars[name]


def _of_revision(session: Session, name: str, revision: str | None) -> _Everywhere:
    timezone = timezone_of(session)
    name = local_calendar(session) if name == CalendarName.LOCAL else name
    if revision is None:
        return load_calendar(name, timezone), {}
    kept = _OVERLAID.get((name, revision, timezone))
    if kept is None:
        kept = _read(session, CalendarName(name), timezone)
        while len(_OVERLAID) >= _CALENDARS_KEPT:
            _OVERLAID.pop(next(iter(_OVERLAID)), None)
        _OVERLAID[name, revision, timezone] = kept
    return kept


def _read(session: Session, name: CalendarName, timezone: str) -> _Everywhere:
    """Read what was imported: the calendar of all, and by code those of the units that differ."""
    above, closures = imported_days(session), unit_closures(session)
    everywhere, own = office_hours(session)
    if name not in DATED:
        above, closures = [], {}
    of_units = {
        code: overlaid(
            name,
            above,
            timezone,
            of_unit=closures.get(code, ()),
            hours=hours_of_unit(everywhere, own.get(code, ())),
        )
        for code in sorted({*closures, *own})
    }
    return overlaid(name, above, timezone, hours=everywhere), of_units


def _as_it_was(row: Row[Any], timezone: str) -> Calendar:
    days = tuple(
        CalendarDay(date.fromisoformat(one["day"]), one["is_off"], one["name"], one["source"])
        for one in row.days
    )
    off, made_up = _parted(days)
    zone = ZoneInfo(timezone)
    hours = hours_from_json(row.hours)
    return Calendar(
        CalendarName(row.calendar), row.version, off, made_up, row.first_day, row.last_day, zone, days, hours
    )


def note_revision(session: Session, revision: str | None) -> None:
    """Remember, until this transaction ends, which imported days count: somebody read it along."""
    transaction = session.get_transaction()
    known = session.info.get(_KNOWN_REVISION)
    # Each row of a list tells it again.
    if known is None or known.transaction is not transaction or known.revision != revision:
        session.info[_KNOWN_REVISION] = _Noted(transaction, revision, {}, set())


def forget_revision(session: Session) -> None:
    """Ask anew which imported days count: this transaction has just written some."""
    session.info.pop(_KNOWN_REVISION, None)


def overlaid(
    name: CalendarName,
    above: Sequence[CalendarDay],
    timezone: str,
    *,
    of_unit: Sequence[CalendarDay] = (),
    hours: Sequence[HoursPeriod] = (),
) -> Calendar:
    """Give a calendar with hours, and with days above those that ship in it; only `vn` ships some.

    Above all lie those of one unit, which say nothing of how well a year is known.
    """
    if name is CalendarName.VN:
        everywhere = overlay(shipped_days(), above)
        return build_calendar(overlay(everywhere, of_unit), timezone, known_by=everywhere, hours=hours)
    if not above and not of_unit and not hours:
        return load_calendar(name, timezone)
    days = overlay(overlay((), above), of_unit)
    off, made_up = _parted(days)
    version = f"{name}-{_digest('', days, hours)}"
    return Calendar(name, version, off, made_up, None, None, ZoneInfo(timezone), days, tuple(hours))


def build_calendar(
    days: Sequence[CalendarDay],
    timezone: str,
    *,
    known_by: Sequence[CalendarDay] | None = None,
    hours: Sequence[HoursPeriod] = (),
) -> Calendar:
    """Give the Vietnamese calendar of these days; `known_by` are those that make a year known, else all.

    The version is the name with a digest of what changes counting: the days and the range they cover, and the
    hours, not their names.
    """
    off, made_up = _parted(days)
    first, last = _years_known(_parted(days if known_by is None else known_by)[0])
    digest = _digest(f"{first} {last}", days, hours)
    return Calendar(
        CalendarName.VN,
        f"{CalendarName.VN}-{digest}",
        off,
        made_up,
        first,
        last,
        ZoneInfo(timezone),
        tuple(days),
        tuple(hours),
    )


def _parted(days: Iterable[CalendarDay]) -> tuple[frozenset[date], frozenset[date]]:
    """Give the days off and the days worked in their place."""
    kinds: dict[bool, set[date]] = {True: set(), False: set()}
    for entry in days:
        kinds[entry.is_off].add(entry.day)
    return frozenset(kinds[True]), frozenset(kinds[False])


def _digest(first_line: str, days: Iterable[CalendarDay], hours: Iterable[HoursPeriod]) -> str:
    lines = [first_line, *(f"{entry.day} {'off' if entry.is_off else 'work'}" for entry in days)]
    lines += [f"{one.from_day} {one.hours}" for one in hours]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:_VERSION_LENGTH]


def _years_known(off: frozenset[date]) -> tuple[date, date]:
    """Give the first and last day that are known: whole years, without a gap around those that ship.

    Holidays are decided for whole years, so a year with any day off is a year that is known.
    """
    years = {day.year for day in off}
    first = last = min(entry.day.year for entry in shipped_days())
    while first - 1 in years:
        first -= 1
    while last + 1 in years:
        last += 1
    return date(first, 1, 1), date(last, 12, 31)


_OVERLAID: Final[dict[tuple[str, str, str], _Everywhere]] = {}
_ONCE_IN_FORCE: Final[dict[tuple[str, str], Calendar]] = {}


def _noted(session: Session) -> _Noted:
    """Return what this transaction knows of days; the revision is None where nothing was imported."""
    known: _Noted | None = session.info.get(_KNOWN_REVISION)
    if known is None or known.transaction is None or known.transaction is not session.get_transaction():
        found = _REVISION.fetch(session, {})
        note_revision(session, found[0].revision if found else None)
        known = session.info[_KNOWN_REVISION]
    return known
