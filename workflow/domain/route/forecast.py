"""When a nomination will be through if every step takes what its definition gives it."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Final

from workflow.domain.route.definition import Definition, Move, Step
from workflow.domain.route.predicates import BRANCHES, Dimension
from workflow.domain.time.due import budget_of
from workflow.domain.time.periods import Budget, TimeUnit
from workflow.domain.time.workdays import Calendar
from workflow.domain.vocabulary import Stage, SubjectKind

APPRAISAL: Final = "appraisal"
HOME_STAGES: Final = frozenset({Stage.DRAFT, Stage.UNIT_REVIEW})
"""The stages in which a nomination is still its own unit's business."""


def steps_ahead(definition: Definition, state: str, kind: SubjectKind) -> tuple[Step, ...]:
    """Return the steps after a state that are still to be taken, on the way with the longest periods.

    Only moves that lead on count: neither returns nor refusals. A final state has none ahead.
    """
    return _ahead(definition, state, kind, definition.known_ahead[kind])


def _ahead(
    definition: Definition, state: str, kind: SubjectKind, known: dict[str, tuple[Step, ...]]
) -> tuple[Step, ...]:
    # Each step is looked at once: the ways through a route that may skip steps double with every one of them.
    if state not in known:
        dests = _next_steps(definition, state, kind) if definition.has_step(state) else ()
        ways = [(definition.step(dest), *_ahead(definition, dest, kind, known)) for dest in dests]
        open_steps = [tuple(step for step in way if not step.final) for way in ways]
        known[state] = max(
            open_steps, key=lambda way: sum(budget.days for budget in periods(way)), default=()
        )
    return known[state]


def _next_steps(definition: Definition, state: str, kind: SubjectKind) -> Iterator[str]:
    for move in definition.moves_from(state):
        for dest in move.dests_from(state) if _is_open_to(move, kind) else ():
            is_ahead = definition.position(dest) > definition.position(state)
            if is_ahead and definition.stage_of(dest) is not Stage.REJECTED:
                yield dest


def steps_beyond_the_unit(definition: Definition, state: str, kind: SubjectKind) -> tuple[Step, ...]:
    """Return the steps ahead that are no longer the unit's own."""
    return tuple(step for step in steps_ahead(definition, state, kind) if step.stage not in HOME_STAGES)


def periods(steps: Iterable[Step]) -> tuple[Budget, ...]:
    """Return how long each step may take; one that is due by a date of the round alone has no period."""
    found = (budget_of(step.due) for step in steps if step.due is not None)
    return tuple(budget for budget in found if budget is not None)


def day_after(start: date, budgets: Iterable[Budget], calendar: Calendar) -> date:
    """Return the day on which these periods have passed one after the other, the first beginning after start.

    The day of arrival never counts, as with every due date of days; hours end on the next day at the latest.
    """
    day = start
    for budget in budgets:
        if budget.unit is TimeUnit.CALENDAR_DAYS:
            day += timedelta(days=budget.days)
        else:
            day = calendar.shift(day, budget.days)
    return day


def steps_past_appraisal(definition: Definition) -> tuple[str, ...]:
    """Return the council's steps after the standing body's own: what stands there has been appraised.

    Its own is the step `appraisal`, or the first of the council's where a route has none of that name.
    """
    council = [step.name for step in definition.steps if step.stage is Stage.COUNCIL]
    own = APPRAISAL if APPRAISAL in council else council[0] if council else None
    return tuple(council[council.index(own) + 1 :]) if own else ()


def _is_open_to(move: Move, kind: SubjectKind) -> bool:
    subjects = {
        BRANCHES[guard].value
        for guard in move.guards
        if guard in BRANCHES and BRANCHES[guard].dimension is Dimension.SUBJECT
    }
    return subjects <= {kind}
