"""What becomes of open work when it is counted by the calendar in force, before anything is written.

The preview and the operation ask the same functions, so what was shown is what is then done.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row
from sqlalchemy.orm import Session

from workflow.domain.route.definition import Definition
from workflow.domain.time.clocks import VisitClock, moves_into_the_past, resume_clock, start_clock
from workflow.domain.time.ladder import next_morning
from workflow.domain.time.return_ladder import RETURN_LADDER
from workflow.domain.time.workdays import Calendar, TimeUnit, clock_start
from workflow.domain.vocabulary import RungKind
from workflow.operations.deadlines.clocks import rung_rows
from workflow.operations.deadlines.replan import RungMove, place_of_rung, plan_moves, read_rungs
from workflow.operations.rounds.returns import Owed, return_rungs, round_calendar
from workflow.store.calendars import calendar_of_seat, calendar_of_version
from workflow.store.database import local_day
from workflow.store.definitions import shown_definition
from workflow.store.locked import Locked
from workflow.store.people import load_holders


@dataclass(frozen=True, slots=True)
class OpenStay:
    """An open stay that was counted by another calendar than the one in force for the seat where it waits."""

    nomination_id: int
    visit_id: UUID
    definition_id: int
    calendar_version: str


@dataclass(frozen=True, slots=True)
class CountedAnew:
    """One nomination by the calendar in force: its clock, its promises, and who is to be told.

    `is_kept`: the new date would be past already, so what stands is left as it is.
    """

    locked: Locked
    clock: VisitClock
    was_version: str
    version: str
    rungs: tuple[RungMove, ...]
    people: tuple[int, ...]
    is_kept: bool = False

    @property
    def has_moved(self) -> bool:
        """Whether it is due at another time than before."""
        return not self.is_kept and self.clock.due_at != self.locked.due_at

    @property
    def is_later(self) -> bool:
        """Whether it is due later than before."""
        was, now = self.locked.due_at, self.clock.due_at
        return self.has_moved and was is not None and now is not None and now > was


def count_anew(
    session: Session, stays: Iterable[OpenStay], found: Mapping[int, Locked], *, now: datetime
) -> list[CountedAnew]:
    """Return what becomes of each stay that is still the open one; on hold or closed, nothing does."""
    open_ones = [
        (stay, found[stay.nomination_id])
        for stay in stays
        if stay.nomination_id in found and _still_runs(stay, found[stay.nomination_id])
    ]
    rungs = read_rungs(session, [one.work_item_id for _, one in open_ones if one.work_item_id is not None])
    before = _calendars_before(session, [stay for stay, _ in open_ones])
    desk = _Desk(session, before, rungs, now)
    counted = [_counted(desk, stay, locked) for stay, locked in open_ones]
    keys = [one.locked.facts.owner_key for one in counted if one.has_moved and one.locked.facts.owner_key]
    holders = load_holders(session, keys, today=local_day(session, now)) if keys else {}
    return [_with_people(one, holders) if one.has_moved else one for one in counted]


def returns_anew(
    session: Session, owed: Sequence[tuple[Owed, datetime]], *, now: datetime
) -> list[tuple[RungMove, ...]]:
    """Return the promises about what units owe, each given with when its work was opened; no day moves."""
    rungs = read_rungs(session, [item.work_item_id for item, _ in owed])
    found = []
    for item, opened_at in owed:
        calendar = round_calendar(session, item.unit_code)
        there = rungs.get(item.work_item_id, ())
        planned = return_rungs(item, calendar, at=opened_at)
        kept = _promised(there, planned, len(RETURN_LADDER), calendar, renews=False, now=now)
        found.append(plan_moves(there, kept, size=len(RETURN_LADDER), renews=True))
    return found


@dataclass(frozen=True, slots=True)
class _Desk:
    """What a batch is counted with: the calendars before by version, the promises there are, and when."""

    session: Session
    before: Mapping[str, Calendar | None]
    rungs: Mapping[UUID, Sequence[Row[Any]]]
    now: datetime


def _calendars_before(session: Session, stays: Iterable[OpenStay]) -> dict[str, Calendar | None]:
    """Return each calendar that was counted by, asked for once though nothing may have been kept of it."""
    routes = {stay.calendar_version: stay.definition_id for stay in stays}
    return {
        version: calendar_of_version(session, version, shown_definition(session, route).calendar)
        for version, route in routes.items()
    }


def _still_runs(stay: OpenStay, locked: Locked) -> bool:
    is_same = locked.visit_id == stay.visit_id and locked.due_at is not None
    return is_same and not (locked.facts.is_held or locked.facts.is_closed)


def _counted(desk: _Desk, stay: OpenStay, locked: Locked) -> CountedAnew:
    session, now = desk.session, desk.now
    definition = shown_definition(session, stay.definition_id)
    calendar = calendar_of_seat(session, definition.calendar, locked.facts.owner_key)
    clock = _clock(definition, locked, desk.before[stay.calendar_version], calendar)
    plain = CountedAnew(locked, clock, stay.calendar_version, calendar.version, (), ())
    can_tell = definition.has_step(locked.facts.state) and clock.due_at is not None
    if not can_tell or moves_into_the_past(locked.due_at, clock.due_at, now):
        return replace(plain, is_kept=True)
    step = definition.timing_of(locked.facts.state, locked.sent_from)
    if locked.work_item_id is None or locked.visit_entered_at is None or not step.ladder:
        return plain
    there = desk.rungs.get(locked.work_item_id, ())
    planned = rung_rows(
        step,
        clock,
        calendar,
        entered_at=locked.visit_entered_at,
        nomination_id=locked.facts.nomination_id,
        work_item_id=locked.work_item_id,
        consumed_minutes=locked.consumed_minutes,
    )
    kept = _promised(there, planned, len(step.ladder), calendar, renews=plain.is_later, now=now)
    moves = plan_moves(there, kept, size=len(step.ladder), renews=True)
    return replace(plain, rungs=moves)


def _clock(definition: Definition, locked: Locked, before: Calendar | None, calendar: Calendar) -> VisitClock:
    """Return the clock of a stay: counted from its arrival, or from where a hold let it go on."""
    entered_at, started_at = locked.visit_entered_at, locked.clock_started_at
    if entered_at is None or started_at is None or not definition.has_step(locked.facts.state):
        return VisitClock(due_at=locked.due_at)
    due = definition.timing_of(locked.facts.state, locked.sent_from).due
    unit = TimeUnit(locked.clock_unit or TimeUnit.WORKING_DAYS)
    began_at = clock_start(entered_at, before, unit) if before is not None else started_at
    if not locked.consumed_minutes and started_at == began_at:
        return start_clock(due, calendar, entered_at=entered_at, round_dates=locked.round_dates)
    return resume_clock(
        due,
        calendar,
        entered_at=entered_at,
        now=started_at,
        budget_minutes=locked.budget_minutes,
        consumed_minutes=locked.consumed_minutes,
        round_dates=locked.round_dates,
    )


def _promised(
    there: Sequence[Row[Any]],
    planned: Sequence[Mapping[str, Any]],
    size: int,
    calendar: Calendar,
    *,
    renews: bool,
    now: datetime,
) -> list[Mapping[str, Any]]:
    """Return which promises of a ladder hold: none twice, none lost because its morning has passed meanwhile.

    One that waited for a morning which is past now comes on the next one. One that was kept is made anew only
    where the date moved away (`renews`).
    """
    places = [(place_of_rung(row.kind, row.ordinal, size), row) for row in there]
    waiting = {place: row for place, row in places if not (row.fired_at or row.dead_at)}
    made = {place for place, _ in places}
    kept: list[Mapping[str, Any]] = []
    for row in planned:
        place = place_of_rung(str(row["kind"]), int(row["ordinal"]), size)
        waits = waiting.get(place)
        if row["fire_at"] >= now:
            if waits is not None or renews or place not in made:
                kept.append(row)
        elif waits is not None and waits.fire_at is not None:
            due_already = waits.fire_at <= now
            morning = next_morning(calendar, now, RungKind(row["kind"]))
            kept.append({**row, "fire_at": waits.fire_at if due_already else morning})
    return kept


def _with_people(one: CountedAnew, holders: Mapping[str, Sequence[Any]]) -> CountedAnew:
    facts = one.locked.facts
    group = tuple(holder.account_id for holder in holders.get(facts.owner_key or "", ()))
    people = (facts.assignee_id,) if facts.assignee_id is not None else group
    return replace(one, people=people)
