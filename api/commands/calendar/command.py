"""`commendo calendar`: the days that count, and what rests on them."""

from collections.abc import Iterator, Sequence

import click

from api.commands.desk import at_desk
from api.commands.output import as_json, tell
from workflow.domain.time.days import YearState
from workflow.queries.calendars import CalendarDayView, CalendarView, describe_calendar, list_calendar_days
from workflow.store.database import local_day

_MOST_DAYS = 5000
_STATES = {
    YearState.KNOWN: "known",
    YearState.ESTIMATED: "an estimate: no decision on some of its days was seen yet",
    YearState.ABSENT: "not known: only weekends count as days off",
}


@click.group(name="calendar", help="The days that count as working days: see them, see what rests on them.")
def calendar() -> None:
    """Hold the commands about the calendar; days come in by `commendo import calendar`."""


@calendar.command(name="show")
@click.option("--year", type=click.IntRange(1900, 2200), help="The days of one year, each with its source.")
@as_json
def show(year: int | None, *, as_json: bool) -> None:
    """Show how well each year is known, or the days of one year and the decision each rests on."""
    with at_desk() as desk:
        found = describe_calendar(desk.session, today=local_day(desk.session, desk.now))
        page = list_calendar_days(desk.session, year=year, limit=_MOST_DAYS, cursor=None)
    days = page.items if year is not None else ()
    result = {"calendar": found, "days": days} if year is not None else {"calendar": found}
    tell(result, lambda: _described(found, year, days), json_wanted=as_json)


def _described(found: CalendarView, year: int | None, days: Sequence[CalendarDayView]) -> Iterator[str]:
    yield f"Calendar {found.calendar}, version {found.version}"
    for one in found.years:
        if year is None or one.year == year:
            counts = f"{one.days_off} days off, {one.days_worked} worked in their place"
            yield f"    {one.year}: {_STATES[one.state]} ({counts})"
    if found.units:
        yield f"Units with days of their own: {', '.join(found.units)}"
    for day in days:
        kind, unit = ("off" if day.is_off else "work"), f" [{day.unit}]" if day.unit else ""
        yield f"    {day.day:%a %Y-%m-%d} {kind}{unit}: {day.name} ({day.source or 'no source given'})"
