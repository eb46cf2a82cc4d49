"""The calendars that ship with the project, and the days that were imported on top of them.

What ships is read once a process. Imported days are read once a process for each revision of them; which
revision counts comes with the locked rows of a decision, and is asked for once a transaction elsewhere.
"""

import csv
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from workflow.domain.time.workdays import Calendar, CalendarName
from workflow.store.database import local_calendar, timezone_of
from workflow.store.imports import CalendarRevision, ImportedDay
from workflow.store.statements import Statement

_OFF: Final = "off"
_WORK: Final = "work"
_VERSION_LENGTH: Final = 12
DATED: Final = (CalendarName.VN, CalendarName.WEEKDAYS)
"""The calendars in which imported days count."""
_KNOWN_REVISION: Final = "calendar_revision"
# An import is rare; a process that lives through this many of them reads the oldest ones' days again.
_CALENDARS_KEPT: Final = 16
# Ready-made statements, because they may be asked in the middle of a block that sends its writes at once.
_DAYS: Final = Statement(
    select(ImportedDay.day, ImportedDay.is_off, ImportedDay.name, ImportedDay.source).order_by(
        ImportedDay.day
    )
)
_REVISION: Final = Statement(
    select(CalendarRevision.revision).where(CalendarRevision.calendar == str(CalendarName.VN))
)


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One day that differs from its weekday: a day off or a weekend day worked, with its source."""

    day: date
    is_off: bool
    name: str
    source: str

    @property
    def is_estimate(self) -> bool:
        """Whether its source says that no decision on it was seen yet."""
        return "estimate" in self.source.casefold()


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


def calendar_in_force(session: Session, name: str) -> Calendar:
    """Give the calendar of that name with the days imported into this installation, in its zone.

    `local` is the one the installation counts by. Imported days lie over those that ship in `vn` and over the
    bare week in `weekdays`; `none` counts every day.

    All of one transaction counts by one revision: the one it saw first.
    """
    timezone = timezone_of(session)
    name = local_calendar(session) if name == CalendarName.LOCAL else name
    revision = _revision(session) if name in DATED else None
    if revision is None:
        return load_calendar(name, timezone)
    kept = _OVERLAID.get((name, revision, timezone))
    if kept is None:
        kept = overlaid(CalendarName(name), imported_days(session), timezone)
        while len(_OVERLAID) >= _CALENDARS_KEPT:
            _OVERLAID.pop(next(iter(_OVERLAID)), None)
        _OVERLAID[name, revision, timezone] = kept
    return kept


def note_revision(session: Session, revision: str | None) -> None:
    """Remember, until this transaction ends, which imported days count: somebody read it along."""
    session.info[_KNOWN_REVISION] = (session.get_transaction(), revision)


def imported_days(session: Session) -> list[CalendarDay]:
    """Give the days that were imported, in order of date."""
    return [CalendarDay(row.day, row.is_off, row.name, row.source) for row in _DAYS.fetch(session, {})]


def overlay(days: Iterable[CalendarDay], above: Iterable[CalendarDay]) -> tuple[CalendarDay, ...]:
    """Give the days with those above in their place, in order of date."""
    merged = {entry.day: entry for entry in (*days, *above)}
    return tuple(merged[day] for day in sorted(merged))


def overlaid(name: CalendarName, above: Sequence[CalendarDay], timezone: str) -> Calendar:
    """Give a dated calendar with days above those that ship in it; `weekdays` ships none."""
    if name is CalendarName.VN:
        return build_calendar(overlay(shipped_days(), above), timezone)
    if not above:
        return load_calendar(name, timezone)
    days = overlay((), above)
    off, made_up = _parted(days)
    return Calendar(name, f"{name}-{_digest('', days)}", off, made_up, None, None, ZoneInfo(timezone))


def build_calendar(days: Sequence[CalendarDay], timezone: str) -> Calendar:
    """Give the Vietnamese calendar of these days.

    The version is the name with a digest of what changes counting: the days and the range they cover, not
    their names.
    """
    off, made_up = _parted(days)
    first, last = _years_known(off)
    digest = _digest(f"{first} {last}", days)
    return Calendar(
        CalendarName.VN,
        f"{CalendarName.VN}-{digest}",
        off,
        made_up,
        first,
        last,
        ZoneInfo(timezone),
        estimated=frozenset(entry.day for entry in days if entry.is_estimate),
    )


def _parted(days: Iterable[CalendarDay]) -> tuple[frozenset[date], frozenset[date]]:
    """Give the days off and the days worked in their place."""
    kinds: dict[bool, set[date]] = {True: set(), False: set()}
    for entry in days:
        kinds[entry.is_off].add(entry.day)
    return frozenset(kinds[True]), frozenset(kinds[False])


def _digest(first_line: str, days: Iterable[CalendarDay]) -> str:
    lines = [first_line, *(f"{entry.day} {_OFF if entry.is_off else _WORK}" for entry in days)]
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


_OVERLAID: Final[dict[tuple[str, str, str], Calendar]] = {}


def _revision(session: Session) -> str | None:
    """Return which imported days count, None where nothing was imported; one question a transaction."""
    known = session.info.get(_KNOWN_REVISION)
    if known is not None and known[0] is not None and known[0] is session.get_transaction():
        revision: str | None = known[1]
        return revision
    found = _REVISION.fetch(session, {})
    revision = found[0].revision if found else None
    note_revision(session, revision)
    return revision


@lru_cache(maxsize=1)
def shipped_days() -> tuple[CalendarDay, ...]:
    """Give the days of the Vietnamese calendar that ships, in order of date.

    Each row names its source; the yearly decisions of the Government are typed in as they are published.
    """
    text = (resources.files("workflow") / "definitions" / "calendar_vn.csv").read_text(encoding="utf-8")
    days = [
        CalendarDay(date.fromisoformat(row["date"]), _is_off(row["kind"]), row["name"], row["source"])
        for row in csv.DictReader(text.splitlines())
    ]
    return tuple(sorted(days, key=lambda entry: entry.day))


def _is_off(kind: str) -> bool:
    if kind not in {_OFF, _WORK}:
        message = f"a day of the calendar is {_OFF} or {_WORK}, not '{kind}'"
        raise ValueError(message)
    return kind == _OFF
