"""The ladder of a step: which reminder or escalation is promised for which morning.

Rungs fire when the office opens on their day, at 08:00 where nothing else is said, so nobody is called at
night and the day is still there to act. Before an escalation whoever holds the work is told of it
(docs/adr/0048): by the reminder of the working day before, or by one made for that.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Final, Self, TypeAlias
from zoneinfo import ZoneInfo

from workflow.domain.time.counting import clock_start, due_at
from workflow.domain.time.periods import DAY_UNITS, MOST_DAYS, Budget, TimeUnit, parse_unit
from workflow.domain.time.workdays import Calendar, CalendarName
from workflow.domain.vocabulary import Recipient, RungKind

_DUE: Final = "due"
_WHO_HOLDS_IT: Final = frozenset({Recipient.HOLDER, Recipient.GROUP})
_WHOLE: Final = 100
_PERCENT_LIMIT: Final = 1000
# Days before or after the due day stand in the same order whatever the budget was.
_ANY_BUDGET: Final = Budget(20, TimeUnit.WORKING_DAYS)


class OffsetKind(StrEnum):
    """What the place of a rung is measured from."""

    DUE = "due"
    DAYS = "days"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class Offset:
    """The place of a rung: signed days from the due day, or a percentage of the budget's minutes."""

    kind: OffsetKind
    amount: int = 0
    unit: TimeUnit = TimeUnit.WORKING_DAYS

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "due", "-2 working_days", "+2 calendar_days" or "50 percent".

        Anything else is a ValueError that says what was expected. Days need a sign, because
        "2 working_days" leaves open whether before or after.
        """
        words = text.split()
        if words == [_DUE]:
            return cls(OffsetKind.DUE)
        if len(words) == 2:  # noqa: PLR2004 - an amount and its unit
            amount, unit = words
            if unit == OffsetKind.PERCENT and amount.isascii() and amount.isdigit():
                if len(amount) <= len(str(_PERCENT_LIMIT)) and 0 < int(amount) <= _PERCENT_LIMIT:
                    return cls(OffsetKind.PERCENT, int(amount))
            elif (
                amount[0] in "+-" and amount[1:].isascii() and amount[1:].isdigit() and _is_day_count(amount)
            ):
                return cls(OffsetKind.DAYS, int(amount), _in_days(unit, text))
        message = f"expected 'due', '-2 working_days', '+1 calendar_days' or '50 percent', not '{text}'"
        raise ValueError(message)

    def __str__(self) -> str:
        """Spell the offset as `parse` reads it."""
        if self.kind is OffsetKind.DUE:
            return _DUE
        if self.kind is OffsetKind.PERCENT:
            return f"{self.amount} percent"
        return f"{self.amount:+d} {self.unit}"


@dataclass(frozen=True, slots=True)
class LadderRung:
    """One promise of a step: where, what, to whom. `warns`: an escalation is told to the holder before."""

    at: Offset
    do: RungKind
    to: Recipient
    warns: bool = True


@dataclass(frozen=True, slots=True)
class PlannedRung:
    """One promise with its instant; `ordinal` is its place in the ladder, from 1, planned or not.

    `warns`, of an escalation: the holder is told of it before; of a reminder: it tells so. A reminder made
    for that has the place of the escalation.
    """

    ordinal: int
    do: RungKind
    to: Recipient
    fire_at: datetime
    warns: bool = False


_Find: TypeAlias = Callable[[Sequence[PlannedRung], datetime, Calendar], set[int]]


def plan_rungs(
    ladder: Sequence[LadderRung],
    *,
    entered_at: datetime,
    clock_started_at: datetime,
    due_at: datetime,
    budget_minutes: int,
    unit: TimeUnit,
    calendar: Calendar,
    consumed_minutes: int = 0,
) -> tuple[PlannedRung, ...]:
    """Give the instants of a ladder's rungs, leaving out those before `entered_at`, in order of time.

    Of two on one day the stronger stays: an escalation before a reminder, and of two of a kind the later in
    the ladder. After a hold pass the new `clock_started_at` and `due_at` and the minutes already consumed, so
    that a percentage stays one of the whole budget.
    """
    placed = _placed(
        ladder,
        clock_started_at=clock_started_at,
        due_at=due_at,
        budget_minutes=budget_minutes,
        unit=unit,
        calendar=calendar,
        consumed_minutes=consumed_minutes,
    )
    return _with_warnings(_strongest(placed, entered_at, calendar), entered_at, calendar)


def strength(do: str, ordinal: int) -> tuple[bool, int]:
    """Tell how much a rung weighs beside others of its ladder: by what it does, then by its place."""
    return do == RungKind.ESCALATE, ordinal


def _strongest(
    placed: Sequence[PlannedRung], entered_at: datetime, calendar: Calendar
) -> dict[date, PlannedRung]:
    """Give the strongest rung of each day from when the work came."""
    by_weight = sorted(placed, key=lambda rung: strength(rung.do, rung.ordinal))
    return {calendar.local_day(rung.fire_at): rung for rung in by_weight if rung.fire_at >= entered_at}


def _placed(
    ladder: Sequence[LadderRung],
    *,
    clock_started_at: datetime,
    due_at: datetime,
    budget_minutes: int,
    unit: TimeUnit,
    calendar: Calendar,
    consumed_minutes: int = 0,
) -> list[PlannedRung]:
    """Give every rung its morning, whether or not it has passed or is another's too."""
    placed = []
    for ordinal, rung in enumerate(ladder, start=1):
        if rung.at.kind is OffsetKind.PERCENT:
            minutes = budget_minutes * rung.at.amount // _WHOLE - consumed_minutes
            day = calendar.local_day(calendar.add_minutes(clock_started_at, minutes, unit))
        else:
            day = _day_of(rung.at, calendar.local_day(due_at), calendar)
        warns = rung.warns and rung.do is RungKind.ESCALATE
        fire_at = calendar.opens_at(day)
        placed.append(PlannedRung(ordinal, rung.do, rung.to, fire_at, warns))
    return placed


def _with_warnings(
    kept: Mapping[date, PlannedRung], entered_at: datetime, calendar: Calendar
) -> tuple[PlannedRung, ...]:
    """Add what tells the holder of each escalation: the reminder of the day before, or one made for it.

    Of escalations on days that follow each other the holder is told at once, before the first.
    """
    planned = dict(kept)
    for day, rung in kept.items():
        if rung.do is not RungKind.ESCALATE or not rung.warns:
            continue
        before = calendar.shift(day, -1)
        while before in kept and kept[before].do is RungKind.ESCALATE:
            before = calendar.shift(before, -1)
        there, fire_at = planned.get(before), calendar.opens_at(before)
        if there is not None and there.to in _WHO_HOLDS_IT:
            planned[before] = replace(there, warns=True)
        elif fire_at >= entered_at:
            planned[before] = PlannedRung(
                rung.ordinal, RungKind.REMIND, Recipient.HOLDER, fire_at, warns=True
            )
    return tuple(planned[day] for day in sorted(planned))


def next_morning(calendar: Calendar, now: datetime) -> datetime:
    """Give the first morning from now on at which a rung may fire: the opening of a working day."""
    today = calendar.local_day(now)
    if calendar.is_working(today) and (opens_at := calendar.opens_at(today)) >= now:
        return opens_at
    return calendar.opens_at(calendar.next_working_day(today))


def rungs_out_of_order(ladder: Sequence[LadderRung], budget: Budget | None) -> tuple[int, ...]:
    """Give the ordinals of rungs that would fire before the one above them, whatever day the work arrives.

    Without a budget (due by a date of the round) nobody knows where a percentage lies: days alone compare.
    """
    return _whenever(ladder, budget, _too_early)


def reminders_replaced(ladder: Sequence[LadderRung], budget: Budget | None) -> tuple[int, ...]:
    """Give the ordinals of reminders to others that never go out: their morning is that of a warning."""
    return _whenever(ladder, budget, _replaced)


def _whenever(ladder: Sequence[LadderRung], budget: Budget | None, find: _Find) -> tuple[int, ...]:
    """Give the ordinals that are found on whatever day the work arrives.

    Days of both kinds and percentages compare only on real days, so they are laid out on weeks without
    holidays, once for work arriving on each weekday.
    """
    if budget is None:
        places = [place for place, rung in enumerate(ladder) if rung.at.kind is not OffsetKind.PERCENT]
        found = _whenever([ladder[place] for place in places], _ANY_BUDGET, find)
        return tuple(places[ordinal - 1] + 1 for ordinal in found)
    plain = Calendar(CalendarName.WEEKDAYS, "plain", frozenset(), frozenset(), None, None, ZoneInfo("UTC"))
    each = []
    for weekday in range(7):
        entered_at = datetime(2024, 1, 1, 10, tzinfo=UTC) + timedelta(days=weekday)
        placed = _placed(
            ladder,
            clock_started_at=clock_start(entered_at, plain, budget.unit),
            due_at=due_at(entered_at, budget, plain),
            budget_minutes=budget.minutes,
            unit=budget.unit,
            calendar=plain,
        )
        each.append(find(placed, entered_at, plain))
    return tuple(sorted(set.intersection(*each)))


def _too_early(placed: Sequence[PlannedRung], _entered_at: datetime, _calendar: Calendar) -> set[int]:
    return {
        after.ordinal for before, after in pairwise(placed) if after.fire_at.date() < before.fire_at.date()
    }


def _replaced(placed: Sequence[PlannedRung], entered_at: datetime, calendar: Calendar) -> set[int]:
    kept = _strongest(placed, entered_at, calendar)
    told = {rung.ordinal for rung in _with_warnings(kept, entered_at, calendar)}
    return {rung.ordinal for rung in kept.values()} - told


def _day_of(offset: Offset, due_day: date, calendar: Calendar) -> date:
    if offset.kind is OffsetKind.DUE:
        return due_day
    if offset.unit is TimeUnit.CALENDAR_DAYS:
        return due_day + timedelta(days=offset.amount)
    return calendar.shift(due_day, offset.amount)


def _in_days(word: str, text: str) -> TimeUnit:
    unit = parse_unit(word, text)
    if unit not in DAY_UNITS:
        message = f"a rung fires in the morning: its place is days, such as '-1 working_days', not '{text}'"
        raise ValueError(message)
    return unit


def _is_day_count(amount: str) -> bool:
    sign, figures = amount[:1], amount[1:]
    is_number = figures.isascii() and figures.isdigit() and len(figures) <= len(str(MOST_DAYS))
    return sign in {"+", "-"} and is_number and 0 < int(figures) <= MOST_DAYS
