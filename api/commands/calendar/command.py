"""`commendo calendar`: the days that count, and what rests on them."""

import sys
from collections.abc import Iterator, Sequence

import click

from api.commands.bar import Advance, bar, steps
from api.commands.desk import at_desk
from api.commands.output import as_json, tell
from workflow.clock import DatabaseClock
from workflow.domain.time.days import YearState
from workflow.domain.time.hours import USUAL_HOURS
from workflow.domain.vocabulary import Via
from workflow.operations.calendars.counts import Replanned
from workflow.operations.calendars.replan import preview_replan, replan
from workflow.queries.calendars import (
    CalendarDayView,
    CalendarView,
    OfficeHoursView,
    describe_calendar,
    list_calendar_days,
    list_office_hours,
)
from workflow.store.database import Sessions, local_day
from workflow.words.days import day_name

_MOST_DAYS = 5000
_COUNTED = "Counting open work anew"
_STATES = {
    YearState.KNOWN: "known",
    YearState.ESTIMATED: "an estimate: no decision on some of its days was seen yet",
    YearState.ABSENT: "not known: only weekends count as days off",
}


@click.group(name="calendar", help="The days and hours that count: see them, see what rests on them.")
def calendar() -> None:
    """Hold the commands about the calendar; days and hours come in by `commendo import`."""


@calendar.command(name="show")
@click.option("--year", type=click.IntRange(1900, 2200), help="The days of one year, each with its source.")
@as_json
def show(year: int | None, *, as_json: bool) -> None:
    """Show how well each year is known and the office hours, or one year's days, with their decisions."""
    with at_desk() as desk:
        found = describe_calendar(desk.session, today=local_day(desk.session, desk.now))
        page = list_calendar_days(desk.session, year=year, limit=_MOST_DAYS, cursor=None)
        hours = list_office_hours(desk.session, limit=_MOST_DAYS, cursor=None).items
    days = page.items if year is not None else ()
    result = {"calendar": found, "hours": hours} | ({"days": days} if year is not None else {})
    tell(result, lambda: (*_described(found, year, days), *_hours(hours)), json_wanted=as_json)


@calendar.command(name="replan")
@click.option("--reason", required=True, help="Why; whoever is concerned reads it.")
@click.option("--yes", is_flag=True, help="Do it; without this a terminal asks and a pipe only shows.")
@as_json
def replan_open_work(reason: str, *, yes: bool, as_json: bool) -> None:
    """Show which due dates, reminders and letters move by the days that count now, then move them.

    Run it after an import of days or hours. Cut off half way, it goes on where it was; done again, it moves
    nothing.
    """
    with at_desk() as desk:
        desk.session.rollback()
        sessions, clock = desk.reach.sessions(), DatabaseClock()
        try:
            with bar(_COUNTED) as advance:
                shown = preview_replan(sessions, clock=clock, on_step=steps(advance))
            if not as_json:
                tell(shown, lambda: _moving(shown), json_wanted=False)
            asks = not as_json and sys.stdin.isatty()
            is_wanted = yes or (asks and click.confirm("Move it?", default=False))
            with bar(_COUNTED) as advance:
                done = _replan(sessions, reason, clock, advance) if is_wanted else None
        finally:
            sessions.kw["bind"].dispose()
    result = {"moved": done is not None, **(done or shown).counts()}
    words = _done(done) if done else "Nothing was written; with --yes it moves."
    tell(result, lambda: [words], json_wanted=as_json)


def _replan(sessions: Sessions, reason: str, clock: DatabaseClock, advance: Advance) -> Replanned:
    return replan(sessions, actor=None, reason=reason, via=Via.CLI, clock=clock, on_step=steps(advance))


def _moving(shown: Replanned) -> Iterator[str]:
    if not shown.has_changed_something and not shown.kept:
        yield "Nothing moves: all open work is counted by the calendar in force."
        return
    yield (
        f"{shown.looked_at} open stays were counted by other days or hours: {shown.later} are due later, "
        f"{shown.earlier} earlier, in {len(shown.units)} units."
    )
    for one in shown.examples:
        zone = one.due_at.tzinfo if one.due_at else None
        ends = (at and at.astimezone(zone) for at in (one.was_at, one.due_at))
        was, due = (f"{at:%Y-%m-%d %H:%M}" if at else "none" for at in ends)
        yield f"    nomination {one.nomination_id} ({one.unit_code}, {one.step}): {was} -> {due}"
    if shown.kept:
        yield f"{shown.kept} would be due in the past by now and stay as they are."
    rungs = f"{shown.rungs_moved} reminders move, {shown.rungs_gone} vanish, {shown.rungs_new} appear"
    yield f"{rungs}; those about the papers of {shown.returns} units are among them."
    yield f"{shown.letters_cancelled} letters that wait are cancelled, {len(shown.people)} people are told."


def _done(done: Replanned) -> str:
    left = f" {done.left} were in somebody's hands: run it again." if done.left else ""
    kept = f" {done.kept} would be in the past by now and stay." if done.kept else ""
    return f"Moved: {done.later} due dates later, {done.earlier} earlier.{kept}{left}"


def _hours(hours: Sequence[OfficeHoursView]) -> Iterator[str]:
    yield f"Office hours, where nothing else is said: {USUAL_HOURS}"
    for one in hours:
        unit, source = f" [{one.unit}]" if one.unit else "", one.source or "no source given"
        yield f"    from {one.from_day}{unit}: {one.hours}: {one.name} ({source})"


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
        name = day_name(day.name, "en")
        yield f"    {day.day:%a %Y-%m-%d} {kind}{unit}: {name} ({day.source or 'no source given'})"
