"""The measures of waiting agree with sums done by hand, whoever reads them and however they are cut."""

from base64 import urlsafe_b64encode
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from tests.support.bulk import add_nominations, add_round, add_visits, unit_ids
from tests.support.office import AG, DT, Office, furnish
from tests.support.stays import EVERYTHING, ZONE, assert_measured, of_row, rows_of, season
from workflow.clock import FixedClock
from workflow.domain.errors import InvalidField
from workflow.domain.rights.scope import Scope
from workflow.domain.vocabulary import Stage
from workflow.queries.paging import UnreadableCursor
from workflow.queries.waiting.bottlenecks import BottleneckRow, bottlenecks
from workflow.queries.waiting.measures import TimeKind
from workflow.queries.waiting.visits import VisitFilters


@pytest.fixture
def office(session: Session, clock: FixedClock) -> Office:
    return furnish(session, now=clock.now())


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("by_unit", [False, True])
@pytest.mark.parametrize("time", list(TimeKind))
def test_every_measure_agrees_with_a_sum_done_by_hand(
    office: Office, clock: FixedClock, seed: int, time: TimeKind, *, by_unit: bool
) -> None:
    now = clock.now()
    stays = season(office, now, seed=seed, nominations=60)
    rows = rows_of(office, now, by_unit=by_unit, time=time)
    places = {(stay["workflow"], stay["step"], stay["unit"] if by_unit else None) for stay in stays}
    assert {(row.workflow, row.step, row.unit) for row in rows} == places
    for row in rows:
        assert row.within == 0.0
        assert_measured(row, of_row(row, stays), now, time)
    order = [(row.finished < 5, row.median_hours is None, -(row.median_hours or 0)) for row in rows]
    assert order == sorted(order)
    assert {too_few for too_few, _, _ in order} == {False, True} or not by_unit


def test_it_goes_on_from_page_to_page_until_nothing_is_left(office: Office, clock: FixedClock) -> None:
    now = clock.now()
    season(office, now, seed=9, nominations=60)
    whole = rows_of(office, now, by_unit=True)
    for limit in (1, 3, len(whole), len(whole) + 1):
        found: list[BottleneckRow] = []
        cursor = None
        for _ in range(len(whole) + 1):
            page = bottlenecks(
                office.session, scope=EVERYTHING, now=now, by_unit=True, limit=limit, cursor=cursor
            )
            found += page.items
            cursor = page.next
            if cursor is None:
                break
        assert tuple(found) == whole


STRANGE_PLACES = (
    '["bottlenecks",1,2]',
    '["bottlenecks",false,NaN,"a","b","c",1]',
    '["bottlenecks",false,1e999,"a","b","c",1]',
    '["bottlenecks",0,1,"a","b","c",1]',
    '["units",false]',
)


@pytest.mark.parametrize("place", STRANGE_PLACES)
def test_a_cursor_that_no_page_gave_is_refused(office: Office, clock: FixedClock, place: str) -> None:
    cursor = urlsafe_b64encode(place.encode()).decode().rstrip("=")
    with pytest.raises(UnreadableCursor):
        bottlenecks(office.session, scope=EVERYTHING, now=clock.now(), cursor=cursor)


@pytest.mark.parametrize(
    ("field", "filters"),
    [
        ("unit", VisitFilters(unit="NOWHERE")),
        ("award", VisitFilters(award="NOWHERE")),
        ("round", VisitFilters(round="NOWHERE")),
        ("workflow", VisitFilters(workflow="NOWHERE")),
    ],
)
def test_a_filter_that_names_nothing_is_refused_by_name(
    office: Office, clock: FixedClock, field: str, filters: VisitFilters
) -> None:
    with pytest.raises(InvalidField) as refused:
        bottlenecks(office.session, scope=EVERYTHING, now=clock.now(), filters=filters)
    assert [error.field for error in refused.value.errors] == [field]


def test_dates_cut_the_stays_but_not_what_counts_as_rework(office: Office, clock: FixedClock) -> None:
    now = clock.now()
    stays = season(office, now, seed=4, nominations=40)
    since, until = now - timedelta(days=120), now - timedelta(days=70)
    rows = rows_of(office, now, filters=VisitFilters(since=since, until=until))
    inside = [stay for stay in stays if since <= stay["entered_at"] < until]
    assert inside
    assert sum(row.visits for row in rows) == len(inside)
    for row in rows:
        assert_measured(row, of_row(row, inside), now)


@pytest.mark.parametrize(
    ("filters", "keeps"),
    [
        (VisitFilters(stage=Stage.COUNCIL), lambda stay: stay["stage"] == "council"),
        (VisitFilters(unit=DT), lambda stay: stay["unit"] == DT),
        (
            VisitFilters(workflow="standard", award="CSTDCS", round="BULK"),
            lambda stay: stay["workflow"] == "standard",
        ),
        (VisitFilters(workflow="Annual"), lambda stay: stay["workflow"] == "annual"),
        (VisitFilters(award="LDTT"), lambda _: False),
        (VisitFilters(round="2026-NAM"), lambda _: False),
    ],
)
def test_each_filter_keeps_its_own(office: Office, clock: FixedClock, filters, keeps) -> None:
    now = clock.now()
    stays = season(office, now, seed=5, nominations=20)
    rows = rows_of(office, now, filters=filters)
    assert sum(row.visits for row in rows) == len([stay for stay in stays if keeps(stay)])


def test_a_reader_sees_only_their_units_stays_and_names(office: Office, clock: FixedClock) -> None:
    now = clock.now()
    stays = season(office, now, seed=6, nominations=20)
    scope = Scope(units=frozenset({unit_ids(office.session)[DT]}))
    for time in TimeKind:
        rows = rows_of(office, now, scope=scope, time=time)
        theirs = {stay["nomination_id"] for stay in stays if stay["unit"] == DT}
        assert sum(row.visits for row in rows) == len([s for s in stays if s["unit"] == DT])
        assert {item.nomination_id for row in rows for item in row.items} <= theirs
    assert rows_of(office, now, scope=Scope()) == ()


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
    (working,) = rows_of(office, clock.now(), time=TimeKind.WORKING, by_unit=True)
    assert (working.median_hours, working.waiting_median_hours, working.service_median_hours) == (
        3.0,
        1.0,
        2.0,
    )
    assert (working.unit, working.items[0].hours) == (AG, 3.0)
    (plain,) = rows_of(office, clock.now())
    assert plain.median_hours == pytest.approx((left_at - entered_at).total_seconds() / 3600)


def test_both_ways_of_counting_agree_on_what_is_no_duration(office: Office, clock: FixedClock) -> None:
    now = clock.now()
    season(office, now, seed=7, nominations=30)
    plain, working = (
        {
            (row.workflow, row.step): (
                row.visits,
                row.open,
                row.overdue_share,
                row.rework_rate,
                row.oldest_open,
            )
            for row in rows_of(office, now, time=time)
        }
        for time in TimeKind
    )
    assert plain == working


def test_what_may_be_counted_and_not_opened_is_said_by_number(office: Office, clock: FixedClock) -> None:
    now = clock.now()
    stays = season(office, now, seed=8, nominations=3)
    above = Scope(counted=frozenset(unit_ids(office.session).values()))
    for time in TimeKind:
        rows = rows_of(office, now, scope=above, time=time)
        assert sum(row.visits for row in rows) == len(stays)
        everything = rows_of(office, now, time=time)
        assert [row.unnamed for row in rows] == [len(row.items) for row in everything]
        assert all(row.items == () for row in rows)
