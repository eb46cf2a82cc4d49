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

from workflow.domain.time.clocks import moves_into_the_past
from workflow.domain.time.workdays import Calendar
from workflow.operations.deadlines.moved import MovedStay, clock_again, moves_of_stay, people_of
from workflow.operations.deadlines.replan import RungMove, read_rungs
from workflow.operations.rounds.returns import Owed, return_moves, round_calendar
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
class CountedAnew(MovedStay):
    """One nomination by the calendar in force, and by which version it was counted before.

    `is_kept`: the new date would be past already, so what stands is left as it is.
    """

    was_version: str = ""
    is_kept: bool = False

    @property
    def has_moved(self) -> bool:
        """Whether it is due at another time than before."""
        return not self.is_kept and self.due_at != self.was_at

    @property
    def is_told(self) -> bool:
        """Whether who has the work is written to: for half an hour on the same day nobody is."""
        return self.has_moved and self.is_another_day

    @property
    def is_later(self) -> bool:
        """Whether it is due later than before."""
        was, now = self.was_at, self.due_at
        return self.has_moved and was is not None and now is not None and now > was


def count_anew(
    session: Session,
    stays: Iterable[OpenStay],
    found: Mapping[int, Locked],
    *,
    now: datetime,
    keeps_passed: bool = True,
) -> list[CountedAnew]:
    """Return what becomes of each stay that is still the open one; on hold or closed, nothing does.

    With `keeps_passed` a promise whose morning has passed by the new count comes on the next.
    """
    open_ones = [
        (stay, found[stay.nomination_id])
        for stay in stays
        if stay.nomination_id in found and _still_runs(stay, found[stay.nomination_id])
    ]
    rungs = read_rungs(session, [one.work_item_id for _, one in open_ones if one.work_item_id is not None])
    before = _calendars_before(session, [stay for stay, _ in open_ones])
    desk = _Desk(session, before, rungs, now, keeps_passed)
    counted = [_counted(desk, stay, locked) for stay, locked in open_ones]
    keys = [one.locked.facts.owner_key for one in counted if one.is_told and one.locked.facts.owner_key]
    holders = load_holders(session, keys, today=local_day(session, now)) if keys else {}
    return [replace(one, people=people_of(one.locked, holders)) if one.is_told else one for one in counted]


@dataclass(frozen=True, slots=True)
class ReturnAnew:
    """What a unit owes by the hours in force: until when, and what becomes of its promises."""

    item: Owed
    due_at: datetime
    rungs: tuple[RungMove, ...]

    @property
    def has_moved(self) -> bool:
        """Whether it is due at another hour than before; its day is the round's, and stays."""
        return self.due_at != self.item.due_at


def returns_anew(
    session: Session, owed: Sequence[tuple[Owed, datetime]], *, now: datetime
) -> list[ReturnAnew]:
    """Return what becomes of what units owe, each given with when its work was opened; no day moves."""
    rungs = read_rungs(session, [item.work_item_id for item, _ in owed])
    found = []
    for item, opened_at in owed:
        calendar = round_calendar(session, item.unit_code)
        closes_at = calendar.closes_at(calendar.local_day(item.due_at))
        due_at = item.due_at if moves_into_the_past(item.due_at, closes_at, now) else closes_at
        there = rungs.get(item.work_item_id, ())
        moves = return_moves(
            replace(item, due_at=due_at), calendar, there, opened_at=opened_at, renews=False, now=now
        )
        found.append(ReturnAnew(item, due_at, moves))
    return found


@dataclass(frozen=True, slots=True)
class _Desk:
    """What a batch is counted with: the calendars before by version, the promises there are, and when."""

    session: Session
    before: Mapping[str, Calendar | None]
    rungs: Mapping[UUID, Sequence[Row[Any]]]
    now: datetime
    keeps_passed: bool


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
    before = desk.before[stay.calendar_version]
    clock = clock_again(definition, locked, before, calendar, locked.round_dates)
    plain = CountedAnew(locked, clock, calendar.version, (), (), was_version=stay.calendar_version)
    can_tell = definition.has_step(locked.facts.state) and clock.due_at is not None
    if not can_tell or moves_into_the_past(locked.due_at, clock.due_at, now):
        return replace(plain, is_kept=True)
    there = desk.rungs.get(locked.work_item_id, ()) if locked.work_item_id else ()
    moves = moves_of_stay(
        definition,
        locked,
        clock,
        calendar,
        there,
        renews=plain.is_later,
        now=now,
        keeps_passed=desk.keeps_passed,
    )
    return replace(plain, rungs=moves)
