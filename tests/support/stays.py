"""A made-up past of nominations wandering between steps, and what its stays come to, counted by hand."""

import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.support.bulk import add_nominations, add_round, add_visits, unit_ids
from tests.support.office import AG, DT, Office
from workflow.domain.rights.scope import Scope
from workflow.queries.waiting.bottlenecks import BottleneckRow, bottlenecks
from workflow.queries.waiting.measures import TimeKind
from workflow.store.calendars import load_calendar
from workflow.store.definitions import latest_definition_id

ROUTES = ("standard", "annual")
STEPS = {"draft": "draft", "unit_review": "unit_review", "council": "council", "decision": "council"}
EVERYTHING = Scope(is_everything=True)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


def season(office: Office, now: datetime, *, seed: int, nominations: int) -> list[dict[str, Any]]:
    """Write a made-up past, each nomination wandering between the steps, and return its stays."""
    dice = random.Random(seed)
    units = unit_ids(office.session)
    codes = [dice.choice((AG, AG, DT)) for _ in range(nominations)]
    routes = [dice.choice(ROUTES) for _ in codes]
    ids = add_nominations(
        office.session,
        [
            {
                "unit_id": units[code],
                "created_by": office.ids["nominator"],
                "definition_id": latest_definition_id(office.session, route),
            }
            for code, route in zip(codes, routes, strict=True)
        ],
        round_id=add_round(office.session, units[AG], now),
        now=now,
    )
    stays: list[dict[str, Any]] = []
    for nomination_id, unit, route in zip(ids, codes, routes, strict=True):
        stays += [{**stay, "workflow": route} for stay in wandering(dice, nomination_id, unit, now)]
    columns = [{**stay, "sent_by": office.ids["nominator"]} for stay in stays]
    add_visits(
        office.session, [{k: v for k, v in row.items() if k not in {"unit", "workflow"}} for row in columns]
    )
    office.session.commit()
    return stays


def wandering(dice: random.Random, nomination_id: int, unit: str, now: datetime) -> list[dict[str, Any]]:
    at = now - timedelta(days=dice.uniform(60, 200))
    path = ["draft", "unit_review"]
    while dice.random() < 0.6 and len(path) < 9:
        path.append(dice.choice([step for step in STEPS if step != path[-1]]))
    stays: list[dict[str, Any]] = []
    for ordinal, step in enumerate(path, 1):
        length = timedelta(hours=dice.expovariate(1 / 60))
        is_open = ordinal == len(path) and dice.random() < 0.4
        claimed_at = at + length * dice.random() if dice.random() < 0.7 else None
        stays.append(
            {
                "nomination_id": nomination_id,
                "unit": unit,
                "ordinal": ordinal,
                "step": step,
                "stage": STEPS[step],
                "entered_at": at,
                "left_at": None if is_open else at + length,
                "due_at": at + timedelta(days=3) if step != "draft" else None,
                "claimed_at": claimed_at,
                "nth": sum(stay["step"] == step for stay in stays) + 1,
                "ended": None if is_open else how_it_ended(dice, is_last=ordinal == len(path)),
            }
        )
        at += length
    return stays


def how_it_ended(dice: random.Random, *, is_last: bool) -> str:
    """Only the last stay of a nomination is withdrawn or given up; any may be taken back."""
    cut_short = ("withdrawn", "abandoned") if is_last else ("recalled",)
    return dice.choice(cut_short) if dice.random() < 0.3 else "moved"


def close(value: float | None, wanted: float | None) -> bool:
    return value is wanted if wanted is None or value is None else value == pytest.approx(wanted, abs=1e-6)


def quantile(values: list[float], fraction: float) -> float | None:
    """Take the quantile by walking the polygon of the ordered values, another way than the code does."""
    ordered = sorted(values)
    if not ordered:
        return None
    if len(ordered) == 1:
        return ordered[0]
    step = 1 / (len(ordered) - 1)
    for place, (low, high) in enumerate(pairwise(ordered)):
        if fraction <= (place + 1) * step + 1e-12:
            return low + (high - low) * (fraction - place * step) / step
    return ordered[-1]


def by_the_clock(start: datetime, end: datetime) -> float:
    return (end - start).total_seconds() / 3600


def by_working_days(start: datetime, end: datetime) -> float:
    """Count whole working minutes day by day, each day's two windows cut by the stay."""
    days, worked, day = load_calendar("vn", str(ZONE)), timedelta(0), start.astimezone(ZONE).date()
    while day <= end.astimezone(ZONE).date():
        if days.is_working(day):
            for opens, closes in ((8, 12), (13, 17)):
                low, high = (
                    datetime(day.year, day.month, day.day, hour, tzinfo=ZONE) for hour in (opens, closes)
                )
                worked += max(timedelta(0), min(high, end) - max(low, start))
        day += timedelta(days=1)
    return worked // timedelta(minutes=1) / 60


LASTING = {TimeKind.CALENDAR: by_the_clock, TimeKind.WORKING: by_working_days}


def hours(stays: Iterable[dict[str, Any]], start: str, end: str, time: TimeKind) -> list[float]:
    return [
        LASTING[time](stay[start], stay[end])
        for stay in stays
        if stay[start] is not None and stay[end] is not None
    ]


def rows_of(office: Office, now: datetime, **said: Any) -> tuple[BottleneckRow, ...]:
    return bottlenecks(office.session, **{"scope": EVERYTHING, "now": now, **said}).items


def assert_measured(
    row: BottleneckRow, stays: list[dict[str, Any]], now: datetime, time: TimeKind = TimeKind.CALENDAR
) -> None:
    finished = [stay for stay in stays if stay["ended"] == "moved"]
    whole = hours(finished, "entered_at", "left_at", time)
    dated = [stay for stay in stays if stay["due_at"] is not None]
    late = [stay for stay in dated if (stay["left_at"] or now) > stay["due_at"]]
    opened = [stay["entered_at"] for stay in stays if stay["left_at"] is None]
    assert (row.visits, row.open, row.finished) == (len(stays), len(opened), len(finished))
    assert close(row.median_hours, quantile(whole, 0.5))
    assert close(row.p85_hours, quantile(whole, 0.85))
    assert close(row.p90_hours, quantile(whole, 0.9))
    assert close(row.max_hours, max(whole, default=None))
    assert close(row.waiting_median_hours, quantile(hours(stays, "entered_at", "claimed_at", time), 0.5))
    assert close(row.service_median_hours, quantile(hours(finished, "claimed_at", "left_at", time), 0.5))
    assert close(row.overdue_share, len(late) / len(dated) if dated else None)
    assert close(row.rework_rate, sum(stay["nth"] > 1 for stay in stays) / len(stays))
    assert row.oldest_open == (min(opened) if opened else None)
    # Too few are finished for a figure: they are named, and the five open longest with them.
    assert len(row.items) == (len(whole) + min(5, len(opened)) if len(whole) < 5 else 0)


def of_row(row: BottleneckRow, stays: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        stay
        for stay in stays
        if (row.workflow, row.step) == (stay["workflow"], stay["step"]) and row.unit in {None, stay["unit"]}
    ]
