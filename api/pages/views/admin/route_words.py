"""The steps of a route in words: who acts, until when, who is told and when, and where each move leads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from api.catalogue import say
from api.pages.writing import seat_text
from workflow.domain.route.definition import Definition, Move, RungEntry, Step
from workflow.domain.route.role_at import RoleAt
from workflow.domain.time.due import Due
from workflow.domain.time.ladder import Offset, OffsetKind
from workflow.domain.time.periods import Budget, TimeUnit

_SPANS: Final = {
    TimeUnit.WORKING_DAYS: "span.working_days",
    TimeUnit.CALENDAR_DAYS: "span.calendar_days",
    TimeUnit.WORKING_HOURS: "span.hours",
}


@dataclass(frozen=True, slots=True)
class StepInWords:
    """A step as people read it; `owner` and `due` are empty where there is none."""

    step: Step
    owner: str
    due: str
    rungs: tuple[str, ...]
    moves: tuple[str, ...]


def steps_in_words(route: Definition, locale: str) -> Sequence[StepInWords]:
    """Return the steps of a route, in its order."""
    return [
        StepInWords(
            step,
            _owner(step.owner, locale) if step.owner else "",
            _due(step.due, locale) if step.due else "",
            tuple(_rung(rung, locale) for rung in step.rungs),
            tuple(_move(route, move, step, locale) for move in route.moves_from(step.name)),
        )
        for step in route.steps
    ]


def _owner(owner: RoleAt, locale: str) -> str:
    return say(locale, f"routes.at_{owner.scope.name.lower()}", role=seat_text(str(owner), {}, locale))


def _due(due: Budget | Due, locale: str) -> str:
    if isinstance(due, Budget):
        return _span(due.amount, due.unit, locale)
    by = say(locale, "routes.by_round", date=say(locale, f"round.date_{due.by}"))
    if due.within is None:
        return by
    return say(locale, "routes.earlier", date=by, period=_span(due.within.amount, due.within.unit, locale))


def _rung(rung: RungEntry, locale: str) -> str:
    to = say(locale, f"routes.to_{rung.to}")
    return f"{_place(rung.at, locale)}: {say(locale, f'routes.rung_{rung.do}', to=to)}"


def _place(at: Offset, locale: str) -> str:
    if at.kind is OffsetKind.DUE:
        return say(locale, "routes.on_due")
    if at.kind is OffsetKind.PERCENT:
        return say(locale, "routes.share", percent=at.amount)
    word = "routes.before" if at.amount < 0 else "routes.after"
    return say(locale, word, period=_span(abs(at.amount), at.unit, locale))


def _span(count: int, unit: TimeUnit, locale: str) -> str:
    return say(locale, _SPANS[unit], count=count)


def _move(route: Definition, move: Move, step: Step, locale: str) -> str:
    to = (route.step(dest).label.text(locale) for dest in move.dests_from(step.name))
    return f"{move.label.text(locale)} → {', '.join(to)}"
