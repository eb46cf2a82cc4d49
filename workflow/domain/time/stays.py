"""What a stay in a step came to when it ended: how it ended, and its working time in three parts."""

from dataclasses import dataclass
from datetime import datetime

from workflow.domain.time.workdays import Calendar, TimeUnit
from workflow.domain.vocabulary import BuiltIn, Ending, Stage


@dataclass(frozen=True, slots=True)
class StayMeasures:
    """The whole working minutes of a stay: all of it, until somebody took the work, and from then on.

    `first_claimed_at` is when that was, None with the minutes that need it where nobody ever did.
    """

    working_minutes: int
    first_claimed_at: datetime | None
    waiting_minutes: int | None
    service_minutes: int | None


def measure_stay(
    calendar: Calendar, entered_at: datetime, claimed_at: datetime | None, left_at: datetime
) -> StayMeasures:
    """Count a stay that has ended by the calendar of its definition.

    A step that was done on paper may have ended before somebody took its work on the screen: that was then
    the end of the wait.
    """
    whole = calendar.minutes_between(entered_at, left_at, TimeUnit.WORKING_DAYS)
    if claimed_at is None:
        return StayMeasures(whole, None, None, None)
    taken_at = max(entered_at, min(claimed_at, left_at))
    waiting = calendar.minutes_between(entered_at, taken_at, TimeUnit.WORKING_DAYS)
    service = calendar.minutes_between(taken_at, left_at, TimeUnit.WORKING_DAYS)
    return StayMeasures(whole, taken_at, waiting, service)


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
