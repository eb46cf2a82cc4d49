"""What a calendar does not know for certain of a time: years not announced yet, days off only estimated.

Dates counted there are counted by weekends, or by a guess, and somebody has to be told.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from workflow.domain.errors import Reason
from workflow.domain.time.workdays import Calendar


def calendar_doubts(calendar: Calendar, days: Iterable[date]) -> tuple[Reason, ...]:
    """Return what is not certain of the time from the first to the last of the days, nothing of no day."""
    span = sorted(days)
    if not span:
        return ()
    return (*_unknown(calendar, span[0], span[-1]), *_estimated(calendar, span[0], span[-1]))


def _unknown(calendar: Calendar, first: date, last: date) -> Iterable[Reason]:
    known = {"from": calendar.first_day, "until": calendar.last_day}
    said = {name: f"{day:%d/%m/%Y}" for name, day in known.items() if day is not None}
    if not calendar.covers(last) and calendar.last_day is not None and last > calendar.last_day:
        yield Reason(
            "holidays_unknown_after",
            f"Holidays after {calendar.last_day} are unknown, so only weekends count as days off there; "
            "enter them once they are announced (Administration, Imports; or commendo import calendar).",
            said,
        )
    if not calendar.covers(first) and calendar.first_day is not None and first < calendar.first_day:
        yield Reason(
            "holidays_unknown_before",
            f"Holidays before {calendar.first_day} are unknown, so only weekends count as days off there "
            "(Administration, Imports; or commendo import calendar).",
            said,
        )


def _estimated(calendar: Calendar, first: date, last: date) -> Iterable[Reason]:
    """Name each run of estimated days that touches the time, once."""
    for begins, ends in _runs(day for day in calendar.estimated if first <= day <= last):
        span = f"{begins}" if begins == ends else f"{begins} to {ends}"
        yield Reason(
            "holidays_estimated",
            f"The days off {span} are an estimate: no decision on them was seen; enter the real ones once "
            "they are announced (Administration, Imports; or commendo import calendar).",
            {"from": f"{begins:%d/%m/%Y}", "to": f"{ends:%d/%m/%Y}"},
        )


def _runs(days: Iterable[date]) -> list[tuple[date, date]]:
    runs: list[tuple[date, date]] = []
    for day in sorted(days):
        if runs and day - runs[-1][1] <= timedelta(days=1):
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs
