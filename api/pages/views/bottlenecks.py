"""Where nominations stay longest, in working days and in sentences; of few, the nominations themselves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from math import ceil
from typing import Final

from flask import Response, make_response, request
from werkzeug.datastructures import MultiDict

from api.catalogue import say
from api.edge import edge, request_now, request_session, request_today
from api.inputs.nominations import BottleneckQuery
from api.pages.frame.address_words import narrowed_by, word_asked
from api.pages.frame.narrowed import called, narrowed_to, within_days
from api.pages.identity import current_actor, current_locale
from api.pages.routes import pages
from api.pages.typed import NotTaken, read_typed
from api.pages.views.time.elapsed import calendar_days
from api.pages.writing import render, working_days
from api.permissions import Permission, permission
from workflow.domain.errors import InvalidField
from workflow.domain.rights.scope import Depth
from workflow.domain.vocabulary import Stage
from workflow.queries.choices import FilterChoices, filter_choices, route_choices
from workflow.queries.paging import Page
from workflow.queries.seats import name_seats
from workflow.queries.shapes import Titled
from workflow.queries.waiting.bottlenecks import FEW, BottleneckRow, StayItem, bottlenecks
from workflow.queries.waiting.covers import StaysBeingCounted
from workflow.queries.waiting.measures import TimeKind
from workflow.queries.waiting.running import running_round

_HOURS_A_DAY: Final = 8
_PAGE: Final = 50
_FILTERS: Final = ("round", "unit", "award", "workflow", "stage", "from", "to")
_PERIOD: Final = {"from", "to"}
_LINKED: Final = {"round", "unit", "award", "stage"}
_HOURS_OF_THE_CLOCK: Final = 24
_WRONG: Final = {
    "round": "bottlenecks.unknown_round",
    "unit": "bottlenecks.unknown_unit",
    "award": "bottlenecks.unknown_award",
    "workflow": "bottlenecks.unknown_workflow",
    "stage": "bottlenecks.unknown_stage",
    "to": "bottlenecks.to_before_from",
    "by": "bottlenecks.too_many",
}


class StaysBy(StrEnum):
    """What a line is of: a step, or a step in one unit."""

    STEP = "step"
    UNIT = "unit"


@dataclass(frozen=True, slots=True)
class Stay:
    """One nomination's stay, named because there are too few for a figure."""

    item: StayItem
    lasted: str


@dataclass(frozen=True, slots=True)
class StepLine:
    """One step, or one step in one unit, in words. `share` is its median beside the longest one, 0 to 100."""

    row: BottleneckRow
    unit: str
    half: str
    most: str
    waiting: str
    late_percent: int | None
    again_percent: int | None
    share: int
    stays: tuple[Stay, ...]
    links: dict[str, str]


@pages.get("/bottlenecks")
@permission(Permission.SIGNED_IN)
@narrowed_by(*_FILTERS, "by", "time")
def slow_steps() -> Response:
    """Show how long nominations stay in each step: of the running round, unless another time is chosen."""
    actor, locale = current_actor(), current_locale()
    session, today = request_session(), request_today()
    typed = {name: request.args.get(name, "").strip() for name in _FILTERS}
    if "round" not in request.args and _PERIOD.isdisjoint(request.args):
        typed["round"] = running_round(session, actor.scope) or ""
    by_unit = word_asked(StaysBy, "by") is StaysBy.UNIT
    time = word_asked(TimeKind, "time") or TimeKind.WORKING
    page: Page[BottleneckRow] = Page((), None)
    wrong: dict[str, str] = {}
    percent: str | None = None
    try:
        page = _read(typed, time, by_unit=by_unit)
    except NotTaken as refusal:
        wrong = refusal.words
    except InvalidField as refusal:
        wrong = {
            error.field: _unknown(error.field, typed.get(error.field, ""), locale) for error in refusal.errors
        }
    except StaysBeingCounted as refusal:
        percent = refusal.params["percent"]
    units = name_seats(session, {f"unit:{row.unit}" for row in page.items if row.unit}, today=today)
    # An empty round is one that was chosen: all of them.
    args = {name: value for name, value in typed.items() if value} | {"round": typed["round"]}
    choices = filter_choices(session, scope=actor.scope, today=today, depth=Depth.COUNT)
    routes = route_choices(session)
    longest = max((row.median_hours or 0 for row in page.items if row.finished >= FEW), default=0)
    said = partial(lasting, locale=locale, time=time)
    chosen = {"by": StaysBy.UNIT if by_unit else "", "time": time if time is TimeKind.CALENDAR else ""}
    text = render(
        "bottlenecks.html",
        lines=[_line(row, units, longest, args, said) for row in page.items],
        choices=choices,
        routes=routes,
        narrowed="" if wrong else _narrowed(typed, time, choices, routes, locale),
        stages=tuple(Stage),
        chosen=typed,
        wrong=wrong,
        percent=percent,
        by_unit=by_unit,
        has_routes=len({row.workflow for row in page.items}) > 1,
        is_rounded=any(row.within for row in page.items),
        time=time,
        args=args | {name: word for name, word in chosen.items() if word},
        next=page.next,
        is_first="cursor" not in request.args,
    )
    return make_response(text, 422 if wrong else 200)


def _read(typed: dict[str, str], time: TimeKind, *, by_unit: bool) -> Page[BottleneckRow]:
    said = MultiDict([(name, value) for name, value in request.args.items(multi=True) if value.strip()])
    if typed["round"]:
        said.setdefault("round", typed["round"])
    query = read_typed(BottleneckQuery, said)
    return bottlenecks(
        request_session(),
        scope=current_actor().scope,
        now=request_now(),
        filters=query.filters(edge().settings.zone),
        time=time,
        by_unit=by_unit,
        limit=_PAGE,
        cursor=query.cursor,
    )


def _unknown(field: str, value: str, locale: str) -> str:
    return say(locale, _WRONG[field], code=value)


def _narrowed(
    typed: dict[str, str], time: TimeKind, choices: FilterChoices, routes: Sequence[Titled], locale: str
) -> str:
    """Say of which stays the figures are, and in which days, where that is not the usual."""
    named = called(choices, locale, unit=typed["unit"], round_code=typed["round"], award_code=typed["award"])
    route = next((one.title.text(locale) for one in routes if one.code == typed["workflow"]), None)
    stage = typed["stage"] and say(locale, f"stage.{typed['stage']}")
    days = within_days(typed["from"], typed["to"], locale)
    counted = say(locale, "bottlenecks.narrowed_calendar") if time is TimeKind.CALENDAR else ""
    return narrowed_to([*named, route, stage, *days, counted])


def _line(
    row: BottleneckRow,
    units: dict[str, str],
    longest: float,
    args: dict[str, str],
    said: Callable[[float | None], str],
) -> StepLine:
    # The list of nominations knows neither days nor routes.
    links = {name: value for name, value in args.items() if value and name in _LINKED} | {"state": row.step}
    return StepLine(
        row=row,
        unit=units.get(f"unit:{row.unit}", row.unit or ""),
        half=said(row.median_hours),
        most=said(row.p85_hours),
        waiting=said(row.waiting_median_hours),
        late_percent=_percent(row.overdue_share) if row.visits >= FEW else None,
        again_percent=_percent(row.rework_rate) if row.visits >= FEW else None,
        share=round(100 * (row.median_hours or 0) / longest) if longest else 0,
        stays=tuple(Stay(item, said(item.hours)) for item in row.items),
        links=links | ({"unit": row.unit} if row.unit else {}),
    )


def lasting(hours: float | None, locale: str, time: TimeKind = TimeKind.WORKING) -> str:
    """Say hours in days, rounded up so that "within" stays true; working hours in hours under a day."""
    if hours is None:
        return ""
    if time is TimeKind.CALENDAR:
        return calendar_days(ceil(hours / _HOURS_OF_THE_CLOCK), locale)
    if hours < _HOURS_A_DAY:
        return say(locale, "span.hours", count=ceil(hours))
    return working_days(ceil(hours / _HOURS_A_DAY), locale)


def _percent(share: float | None) -> int | None:
    return None if share is None else round(100 * share)
