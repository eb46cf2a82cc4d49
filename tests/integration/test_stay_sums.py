"""Sums of what is over stand for the stays themselves: the same counts, and times within 2.5 percent."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.orm import Session

from tests.conftest import Database
from tests.support.bulk import unit_ids
from tests.support.office import AG, TOP, Office, furnish
from tests.support.stays import rows_of, season
from workflow.clock import FixedClock
from workflow.domain.errors import InvalidField
from workflow.domain.rights.scope import Scope
from workflow.domain.vocabulary import Stage
from workflow.operations.sweep.sum_stays import sum_stays
from workflow.queries.waiting import covers
from workflow.queries.waiting.bottlenecks import BottleneckRow
from workflow.queries.waiting.covers import StaysBeingCounted
from workflow.queries.waiting.measures import TimeKind
from workflow.queries.waiting.visits import VisitFilters
from workflow.store.nominations import Visit
from workflow.store.stay_sums import StaySpread, StaySum

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
COUNTED = ("visits", "open", "finished", "overdue_share", "rework_rate", "oldest_open", "late_now", "label")
TIMES = ("median_hours", "p85_hours", "p90_hours", "waiting_median_hours", "service_median_hours")


def local(month: int, day: int, hour: int = 0, *, year: int = 2025) -> datetime:
    return datetime(year, month, day, hour, tzinfo=ZONE)


# Whether sums say it by step, and by unit: of units there are sums of whole years, and none of one award's.
MANY = (
    (VisitFilters(), True, True),
    (VisitFilters(workflow="annual"), True, True),
    (VisitFilters(stage=Stage.COUNCIL), True, True),
    (VisitFilters(award="CSTDCS"), True, False),
    (VisitFilters(since=local(1, 1)), True, True),
    (VisitFilters(until=local(1, 1, year=2026)), True, True),
    (VisitFilters(since=local(11, 12), until=local(1, 20, 12, year=2026)), True, False),
    (VisitFilters(since=local(10, 1), until=local(11, 1)), True, False),
    (VisitFilters(since=local(10, 1, 1), until=local(11, 1)), False, False),
    (VisitFilters(round="BULK"), False, False),
    (VisitFilters(unit=AG), False, False),
)


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish(session, now=clock.now())


@pytest.fixture
def summed(office: Office, database: Database, clock: FixedClock) -> Office:
    """Play a season of which most that is over is summed, and some stays ended since."""
    season(office, clock.now(), seed=11, nominations=150)
    over = office.session.scalar(select(func.count()).where(Visit.left_at.is_not(None))) or 0
    assert sum_stays(database.sessions, batch=over - 40) == over - 40
    return office


@pytest.fixture
def of_any_size(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Have the sums stand for the stays, however few they are."""
    monkeypatch.setattr(covers, "WORTH_IT", 1)
    return monkeypatch


def near(found: float | None, wanted: float | None, share: float) -> bool:
    """Return whether one is within a share of the other; nothing is near to nothing alone, and 0 to 0."""
    if found is None or wanted is None:
        return found is wanted
    return abs(found - wanted) <= share * wanted + 1e-9


def by_place(rows: tuple[BottleneckRow, ...]) -> dict[tuple[str, str, str | None], BottleneckRow]:
    return {(row.workflow, row.step, row.unit): row for row in rows}


@pytest.mark.parametrize("by_unit", [False, True])
@pytest.mark.parametrize("time", list(TimeKind))
def test_they_say_what_the_stays_say(
    summed: Office, clock: FixedClock, of_any_size: pytest.MonkeyPatch, time: TimeKind, *, by_unit: bool
) -> None:
    for filters, has_sums, has_sums_by_unit in MANY:
        found = by_place(rows_of(summed, clock.now(), time=time, by_unit=by_unit, filters=filters))
        with of_any_size.context() as exactly:
            exactly.setattr(covers, "WORTH_IT", 10**9)
            wanted = by_place(rows_of(summed, clock.now(), time=time, by_unit=by_unit, filters=filters))
        assert found.keys() == wanted.keys()
        assert {row.within > 0 for row in found.values()} == {has_sums_by_unit if by_unit else has_sums}, (
            filters
        )
        assert {row.within for row in wanted.values()} == {0.0}
        for place, row in found.items():
            for name in COUNTED:
                assert getattr(row, name) == getattr(wanted[place], name), (filters, place, name)
            assert near(row.max_hours, wanted[place].max_hours, 1e-9)
            for name in TIMES:
                exact = getattr(wanted[place], name)
                assert near(getattr(row, name), exact, row.within), (filters, place, name)
            assert {item.nomination_id for item in row.items} == {
                item.nomination_id for item in wanted[place].items
            }


def test_few_are_measured_each(summed: Office, clock: FixedClock) -> None:
    assert {row.within for row in rows_of(summed, clock.now())} == {0.0}


@pytest.mark.usefixtures("of_any_size")
def test_whoever_counts_a_part_is_never_told_by_sums(summed: Office, clock: FixedClock) -> None:
    units = unit_ids(summed.session)
    every = frozenset(units.values())
    for scope, is_all in (
        (Scope(units=every), True),
        (Scope(counted=every), True),
        (Scope(units=frozenset({units[AG]}), counted=every), True),
        (Scope(seats=frozenset({f"unit:{AG}"})), True),  # which runs the only round
        (Scope(counted=frozenset({units[AG]})), False),
        (Scope(seats=frozenset({f"unit:{TOP}"})), False),
        (Scope(own=summed.ids["nominator"]), False),
    ):
        rows = rows_of(summed, clock.now(), scope=scope)
        assert all((row.within > 0) is is_all for row in rows), scope


def test_each_stay_is_summed_once(office: Office, database: Database, clock: FixedClock) -> None:
    stays = season(office, clock.now(), seed=12, nominations=30)
    over = sum(stay["left_at"] is not None for stay in stays)
    assert sum_stays(database.sessions, seconds=60, batch=7) == over
    assert sum_stays(database.sessions, seconds=60) == 0
    with database.sessions() as session:
        assert session.scalar(select(func.sum(StaySum.visits)).where(StaySum.span == "month")) == over
        all_of_one = func.sum(StaySpread.upto[func.cardinality(StaySpread.upto)])
        finished = session.scalar(
            select(all_of_one)
            .join(StaySum, StaySum.id == StaySpread.sum_id)
            .where(StaySum.span == "month", StaySpread.measure == "working_whole")
        )
        assert finished == sum(stay["ended"] == "moved" for stay in stays)


def test_two_who_sum_at_once_sum_once(office: Office, database: Database, clock: FixedClock) -> None:
    stays = season(office, clock.now(), seed=13, nominations=20)
    with database.sessions() as elsewhere:
        elsewhere.execute(select(func.pg_try_advisory_xact_lock(7263_1110)))
        assert sum_stays(database.sessions) == 0
    assert sum_stays(database.sessions) == sum(stay["left_at"] is not None for stay in stays)


def test_what_an_upgrade_left_to_sum_is_told_and_not_measured(
    office: Office, database: Database, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = clock.now()
    stays = season(office, now, seed=14, nominations=60)
    over = sum(stay["left_at"] is not None for stay in stays)
    few = over // 4
    monkeypatch.setattr(covers, "MOST_MEASURED", few)
    monkeypatch.setattr(covers, "WORTH_IT", 1)
    with pytest.raises(StaysBeingCounted) as refused:
        rows_of(office, now)
    assert refused.value.params == {"percent": "0"}
    # Of a round, of a unit, by whoever sees a part, and of a time with few stays nothing is refused.
    entered = sorted(stay["entered_at"] for stay in stays)
    early = VisitFilters(until=entered[few])
    assert sum(row.visits for row in rows_of(office, now, filters=early)) == few
    for said in ({"filters": VisitFilters(round="BULK")}, {"filters": VisitFilters(unit=AG)}):
        assert {row.within for row in rows_of(office, now, **said)} == {0.0}
    rows_of(office, now, scope=Scope(counted=frozenset({unit_ids(office.session)[AG]})))
    owner = create_engine(database.migration_url)
    with owner.begin() as connection:
        connection.execute(text("ANALYZE visit"))
    owner.dispose()
    assert sum_stays(database.sessions, batch=over - few - 1) == over - few - 1
    with pytest.raises(StaysBeingCounted) as refused:
        rows_of(office, now)
    assert 50 < int(refused.value.params["percent"]) < 100
    assert sum_stays(database.sessions, seconds=60) == few + 1
    assert sum(row.visits for row in rows_of(office, now)) == len(stays)


def test_what_no_sum_says_of_too_many_is_refused(
    summed: Office, database: Database, clock: FixedClock, of_any_size: pytest.MonkeyPatch
) -> None:
    sum_stays(database.sessions, seconds=60)
    of_any_size.setattr(covers, "MOST_MEASURED", 100)
    award = VisitFilters(award="CSTDCS")
    assert {row.within for row in rows_of(summed, clock.now(), filters=award)} == {0.025}
    for filters in (award, VisitFilters(since=local(9, 2), until=local(1, 20, year=2026))):
        with pytest.raises(InvalidField) as refused:
            rows_of(summed, clock.now(), filters=filters, by_unit=True)
        assert [error.field for error in refused.value.errors] == ["by"]
    # Of a week the stays themselves are few, however many its year has; and nobody's calendar ends in 9999.
    week = VisitFilters(award="CSTDCS", since=local(10, 5), until=local(10, 7))
    assert {row.within for row in rows_of(summed, clock.now(), filters=week, by_unit=True)} <= {0.0}
    for_ever = VisitFilters(since=local(1, 1, year=1950), until=datetime(9999, 12, 31, tzinfo=UTC))
    assert sum(row.visits for row in rows_of(summed, clock.now(), filters=for_ever)) == sum(
        row.visits for row in rows_of(summed, clock.now())
    )
    before_all = VisitFilters(until=local(1, 2, year=2020))
    assert rows_of(summed, clock.now(), filters=before_all, by_unit=True) == ()
