"""Where nominations stay longest, in working days and in sentences; of few, the nominations themselves."""

from dataclasses import dataclass
from math import ceil
from typing import Final

from flask import request

from api.catalogue import say
from api.edge import request_now, request_session, request_today
from api.pages.identity import current_actor, current_locale
from api.pages.routes import pages
from api.pages.writing import render, working_days
from api.permissions import Permission, permission
from workflow.domain.rights.scope import Depth
from workflow.domain.text import normalise
from workflow.domain.vocabulary import FINAL_STAGES
from workflow.queries.choices import filter_choices
from workflow.queries.seats import name_seats
from workflow.queries.waiting.bottlenecks import BottleneckRow, StayItem, bottlenecks
from workflow.queries.waiting.measures import TimeKind
from workflow.queries.waiting.visits import VisitFilters

_HOURS_A_DAY: Final = 8
_MOST_ROWS: Final = 200
_BY_UNIT: Final = "unit"


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
    finished: int
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
def slow_steps() -> str:
    """Show how long nominations stay in each step."""
    actor, locale = current_actor(), current_locale()
    session, now = request_session(), request_now()
    today = request_today()
    chosen = {name: _word(name) for name in ("round", "unit", "award")}
    by_unit = request.args.get("by") == _BY_UNIT
    rows = bottlenecks(
        session,
        scope=actor.scope,
        now=now,
        filters=VisitFilters(round=chosen["round"], unit=chosen["unit"], award=chosen["award"]),
        time=TimeKind.WORKING,
        by_unit=by_unit,
        limit=_MOST_ROWS,
    )
    units = name_seats(session, {f"unit:{row.unit}" for row in rows if row.unit}, today=today)
    shown = [row for row in rows if row.stage not in FINAL_STAGES]
    longest = max((row.median_hours or 0 for row in shown), default=0)
    args = {name: value for name, value in chosen.items() if value}
    return render(
        "bottlenecks.html",
        lines=[_line(row, units, longest, args, locale) for row in shown],
        choices=filter_choices(session, scope=actor.scope, today=today, depth=Depth.COUNT),
        chosen=chosen,
        by_unit=by_unit,
    )


def _word(name: str) -> str | None:
    value = normalise(request.args.get(name, ""), field=name, single_line=True)
    return value or None


def _line(
    row: BottleneckRow, units: dict[str, str], longest: float, args: dict[str, str], locale: str
) -> StepLine:
    links = {**args, "state": row.step} | ({"unit": row.unit} if row.unit else {})
    return StepLine(
        row=row,
        unit=units.get(f"unit:{row.unit}", row.unit or ""),
        finished=row.visits - row.open,
        half=lasting(row.median_hours, locale),
        most=lasting(row.p85_hours, locale),
        waiting=lasting(row.waiting_median_hours, locale),
        late_percent=None if row.items or row.unnamed else _percent(row.overdue_share),
        again_percent=None if row.items or row.unnamed else _percent(row.rework_rate),
        share=round(100 * (row.median_hours or 0) / longest) if longest else 0,
        stays=tuple(Stay(item, lasting(item.hours, locale)) for item in row.items),
        links=links,
    )


def lasting(hours: float | None, locale: str) -> str:
    """Say working hours in days, rounded up so that "within" stays true; in hours only under a day."""
    if hours is None:
        return ""
    if hours < _HOURS_A_DAY:
        return say(locale, "span.hours", count=max(1, ceil(hours)))
    return working_days(ceil(hours / _HOURS_A_DAY), locale)


def _percent(share: float | None) -> int | None:
    return None if share is None else round(100 * share)
