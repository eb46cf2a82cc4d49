"""The measures of waiting agree with sums done by hand, whoever reads them and however they are cut."""

import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from tests.support.bulk import add_nominations, add_round, add_visits, unit_ids
from tests.support.office import AG, DT, Office, furnish
from workflow.clock import FixedClock
from workflow.domain.rights.scope import Scope
from workflow.domain.vocabulary import Stage
from workflow.queries.waiting.bottlenecks import BottleneckRow, bottlenecks
from workflow.queries.waiting.measures import TimeKind
from workflow.queries.waiting.visits import VisitFilters

STEPS = {"draft": "draft", "unit_review": "unit_review", "council": "council", "decision": "council"}
EVERYTHING = Scope(is_everything=True)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish(session, now=clock.now())


def season(office: Office, now: datetime, *, seed: int, nominations: int) -> list[dict[str, Any]]:
    """Write a made-up past, each nomination wandering between the steps, and return its stays."""
    dice = random.Random(seed)
    units = unit_ids(office.session)
    codes = [dice.choice((AG, AG, DT)) for _ in range(nominations)]
    ids = add_nominations(
        office.session,
        [{"unit_id": units[code], "created_by": office.ids["nominator"]} for code in codes],
        round_id=add_round(office.session, units[AG], now),
        now=now,
    )
    stays: list[dict[str, Any]] = []
    for nomination_id, unit in zip(ids, codes, strict=True):
        stays += wandering(dice, nomination_id, unit, now)
    columns = [{**stay, "sent_by": office.ids["nominator"]} for stay in stays]
    add_visits(
        office.session, [{k: v for k, v in row.items() if k not in {"unit", "nth"}} for row in columns]
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
            }
        )
        at += length
    return stays


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


def hours(stays: Iterable[dict[str, Any]], start: str, end: str) -> list[float]:
    return [
        (stay[end] - stay[start]).total_seconds() / 3600
        for stay in stays
        if stay[start] is not None and stay[end] is not None
    ]


def assert_measured(row: BottleneckRow, stays: list[dict[str, Any]], now: datetime) -> None:
    whole = hours(stays, "entered_at", "left_at")
    dated = [stay for stay in stays if stay["due_at"] is not None]
    late = [stay for stay in dated if (stay["left_at"] or now) > stay["due_at"]]
    opened = [stay["entered_at"] for stay in stays if stay["left_at"] is None]
    assert (row.visits, row.open) == (len(stays), len(opened))
    assert close(row.median_hours, quantile(whole, 0.5))
    assert close(row.p85_hours, quantile(whole, 0.85))
    assert close(row.p90_hours, quantile(whole, 0.9))
    assert close(row.max_hours, max(whole, default=None))
    assert close(row.waiting_median_hours, quantile(hours(stays, "entered_at", "claimed_at"), 0.5))
    assert close(row.service_median_hours, quantile(hours(stays, "claimed_at", "left_at"), 0.5))
    assert close(row.overdue_share, len(late) / len(dated) if dated else None)
    assert close(row.rework_rate, sum(stay["nth"] > 1 for stay in stays) / len(stays))
    assert row.oldest_open == (min(opened) if opened else None)
    # Too few are finished for a figure: they are named, and the five open longest with them.
    assert len(row.items) == (len(whole) + min(5, len(opened)) if len(whole) < 5 else 0)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("by_unit", [False, True])
def test_every_measure_agrees_with_a_sum_done_by_hand(
    office: Office, clock: FixedClock, seed: int, *, by_unit: bool
) -> None:
    now = clock.now()
    stays = season(office, now, seed=seed, nominations=40)
    rows = bottlenecks(office.session, scope=EVERYTHING, now=now, by_unit=by_unit)
    places = {(stay["step"], stay["unit"] if by_unit else None) for stay in stays}
    assert {(row.step, row.unit) for row in rows} == places
    for row in rows:
        mine = [s for s in stays if s["step"] == row.step and row.unit in {None, s["unit"]}]
        assert_measured(row, mine, now)
    medians = [row.median_hours for row in rows if row.median_hours is not None]
    assert medians == sorted(medians, reverse=True)


def test_dates_cut_the_stays_but_not_what_counts_as_rework(office: Office, clock: FixedClock) -> None:
    now = clock.now()
    stays = season(office, now, seed=4, nominations=40)
    since, until = now - timedelta(days=120), now - timedelta(days=70)
    rows = bottlenecks(
        office.session, scope=EVERYTHING, now=now, filters=VisitFilters(since=since, until=until)
    )
    inside = [stay for stay in stays if since <= stay["entered_at"] < until]
    assert inside
    assert sum(row.visits for row in rows) == len(inside)
    for row in rows:
        assert_measured(row, [stay for stay in inside if stay["step"] == row.step], now)


@pytest.mark.parametrize(
    ("filters", "keeps"),
    [
        (VisitFilters(stage=Stage.COUNCIL), lambda stay: stay["stage"] == "council"),
        (VisitFilters(unit=DT), lambda stay: stay["unit"] == DT),
        (VisitFilters(workflow="standard", award="CSTDCS", round="BULK"), lambda _: True),
        (VisitFilters(workflow="simplified"), lambda _: False),
        (VisitFilters(award="CSTDTQ"), lambda _: False),
        (VisitFilters(round="2026-NAM"), lambda _: False),
    ],
)
def test_each_filter_keeps_its_own(office: Office, clock: FixedClock, filters, keeps) -> None:
    now = clock.now()
    stays = season(office, now, seed=5, nominations=20)
    rows = bottlenecks(office.session, scope=EVERYTHING, now=now, filters=filters)
    assert sum(row.visits for row in rows) == len([stay for stay in stays if keeps(stay)])


def test_a_reader_sees_only_their_units_stays_and_names(office: Office, clock: FixedClock) -> None:
    now = clock.now()
    stays = season(office, now, seed=6, nominations=20)
    scope = Scope(units=frozenset({unit_ids(office.session)[DT]}))
    for time in TimeKind:
        rows = bottlenecks(office.session, scope=scope, now=now, time=time)
        theirs = {stay["nomination_id"] for stay in stays if stay["unit"] == DT}
        assert sum(row.visits for row in rows) == len([s for s in stays if s["unit"] == DT])
        assert {item.nomination_id for row in rows for item in row.items} <= theirs
    assert bottlenecks(office.session, scope=Scope(), now=now) == ()


def test_working_time_leaves_out_nights_and_the_new_year(office: Office, clock: FixedClock) -> None:
    entered_at = datetime(2026, 2, 13, 16, 0, tzinfo=ZONE)  # the last working hour before Tết
    left_at = datetime(2026, 2, 23, 10, 0, tzinfo=ZONE)  # two hours into the first day after
    units = unit_ids(office.session)
    row = {"unit_id": units[AG], "created_by": office.ids["nominator"]}
    round_id = add_round(office.session, units[AG], clock.now())
    (nomination_id,) = add_nominations(office.session, [row], round_id=round_id, now=clock.now())
    stay = {
        "nomination_id": nomination_id,
        "ordinal": 1,
        "step": "unit_review",
        "stage": "unit_review",
        "sent_by": office.ids["nominator"],
        "entered_at": entered_at,
        "left_at": left_at,
        "due_at": None,
        "claimed_at": entered_at + timedelta(hours=1),
    }
    add_visits(office.session, [stay])
    (working,) = bottlenecks(
        office.session, scope=EVERYTHING, now=clock.now(), time=TimeKind.WORKING, by_unit=True
    )
    assert (working.median_hours, working.waiting_median_hours, working.service_median_hours) == (
        3.0,
        1.0,
        2.0,
    )
    assert (working.unit, working.items[0].hours) == (AG, 3.0)
    (plain,) = bottlenecks(office.session, scope=EVERYTHING, now=clock.now())
    assert plain.median_hours == pytest.approx((left_at - entered_at).total_seconds() / 3600)


def test_both_ways_of_counting_agree_on_what_is_no_duration(office: Office, clock: FixedClock) -> None:
    now = clock.now()
    season(office, now, seed=7, nominations=30)
    plain, working = (
        {
            row.step: (row.visits, row.open, row.overdue_share, row.rework_rate, row.oldest_open)
            for row in bottlenecks(office.session, scope=EVERYTHING, now=now, time=time)
        }
        for time in TimeKind
    )
    assert plain == working


def test_what_may_be_counted_and_not_opened_is_said_by_number(office: Office, clock: FixedClock) -> None:
    now = clock.now()
    stays = season(office, now, seed=8, nominations=3)
    above = Scope(counted=frozenset(unit_ids(office.session).values()))
    for time in TimeKind:
        rows = bottlenecks(office.session, scope=above, now=now, time=time)
        assert sum(row.visits for row in rows) == len(stays)
        everything = bottlenecks(office.session, scope=EVERYTHING, now=now, time=time)
        assert [row.unnamed for row in rows] == [len(row.items) for row in everything]
        assert all(row.items == () for row in rows)
