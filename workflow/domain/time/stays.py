"""What a stay in a step came to when it ended: how it ended, and its working time in three parts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from workflow.domain.time.parties import Hold
from workflow.domain.time.periods import TimeUnit
from workflow.domain.time.workdays import Calendar
from workflow.domain.vocabulary import BuiltIn, Ending, Stage


@dataclass(frozen=True, slots=True)
class StayMeasures:
    """The whole working minutes of a stay, without holds: all of it, until somebody took it, from then on.

    `first_claimed_at` is when that was, None with the minutes that need it where nobody ever did.
    """

    working_minutes: int
    first_claimed_at: datetime | None
    waiting_minutes: int | None
    service_minutes: int | None


def measure_stay(
    calendar: Calendar,
    entered_at: datetime,
    claimed_at: datetime | None,
    left_at: datetime,
    holds: Sequence[Hold] = (),
) -> StayMeasures:
    """Count a stay that has ended by the calendar of its definition, without the time that it was on hold.

    A step that was done on paper may have ended before somebody took its work on the screen: that was then
    the end of the wait.
    """
    whole = net_minutes(calendar, entered_at, left_at, holds)
    if claimed_at is None:
        return StayMeasures(whole, None, None, None)
    taken_at = max(entered_at, min(claimed_at, left_at))
    waiting = net_minutes(calendar, entered_at, taken_at, holds)
    service = net_minutes(calendar, taken_at, left_at, holds)
    return StayMeasures(whole, taken_at, waiting, service)


def net_minutes(calendar: Calendar, start: datetime, end: datetime, holds: Sequence[Hold] = ()) -> int:
    """Return the whole working minutes between two instants, without those on hold."""
    minutes = calendar.minutes_between(start, end, TimeUnit.WORKING_DAYS)
    for one in holds:
        since, until = max(start, one.since), min(end, one.until or end)
        if since < until:
            minutes -= calendar.minutes_between(since, until, TimeUnit.WORKING_DAYS)
    return minutes


def holds_of(
    instants: Sequence[datetime] | None, left_at: datetime | None = None, *, asked: Collection[datetime] = ()
) -> tuple[Hold, ...]:
    """Return the pauses of a stay as a visit keeps them: when its clock stopped, went on, and so on in turn.

    What ended on hold, as by a withdrawal, was held until it `left_at`. Those that began at an instant at
    which who nominates was `asked` something were waits for their answer.
    """
    given = tuple(instants or ())
    pairs = zip_longest(given[::2], given[1::2])
    return tuple(Hold(since, until or left_at, is_asked=since in asked) for since, until in pairs)


def ending_of(action: str, to: Stage) -> Ending:
    """Return how a stay ended that an action ended, by the stage that it led to.

    Only a move is what the step was for: a stay that its sender, its author or the end of a replayed case cut
    short says nothing of how long the step takes.
    """
    if action == BuiltIn.ABANDON:
        return Ending.ABANDONED
    if action == BuiltIn.RECALL:
        return Ending.RECALLED
    return Ending.WITHDRAWN if to is Stage.WITHDRAWN else Ending.MOVED
