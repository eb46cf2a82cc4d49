"""When the answer to a question is due that is asked of who nominates, and who is reminded of it how."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from workflow.domain.route.definition import Definition, Timing
from workflow.domain.time.clocks import VisitClock, start_clock
from workflow.domain.time.counting import clock_start
from workflow.domain.time.periods import Budget, TimeUnit
from workflow.domain.time.workdays import Calendar

_DAYS: Final = Budget(5, TimeUnit.WORKING_DAYS)
_USUAL: Final = Timing.model_validate(
    {
        "due": str(_DAYS),
        "ladder": [
            {"at": "-2 working_days", "do": "remind", "to": "holder"},
            {"at": "due", "do": "remind", "to": "holder"},
            {"at": "+1 working_days", "do": "escalate", "to": "head"},
        ],
    }
)


def timing_of_question(definition: Definition) -> Timing:
    """Return the timing of an answer: that of a returned draft where the route has one, else the usual."""
    return definition.initial_step.returned or _USUAL


def clock_of_question(
    timing: Timing,
    calendar: Calendar,
    *,
    asked_at: datetime,
    round_dates: Mapping[str, date],
    answer_by: date | None,
) -> VisitClock:
    """Return the clock of an answer: until the end of the day that was asked for, else as the route says.

    A route that counts corrections by a date that the round does not have, or that has passed, gives the
    usual days: nobody is asked for an answer by yesterday.
    """
    if answer_by is not None:
        unit, due_at = TimeUnit.WORKING_DAYS, calendar.closes_at(answer_by)
        started_at = clock_start(asked_at, calendar, unit)
        return VisitClock(
            unit, max(0, calendar.minutes_between(started_at, due_at, unit)), started_at, due_at
        )
    by_route = start_clock(timing.due, calendar, entered_at=asked_at, round_dates=round_dates)
    if by_route.due_at is not None and by_route.due_at > asked_at:
        return by_route
    return start_clock(_DAYS, calendar, entered_at=asked_at, round_dates=round_dates)
