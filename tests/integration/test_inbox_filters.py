"""Tabs and filters of an inbox show what a plain look at all open work finds, and their counts count it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from tests.conftest import MONDAY
from tests.support.desks import ROLES, SEATS, UNITS, Ground, Work, laid_out
from tests.support.inbox_meant import PLAIN, ZONE, Meant
from tests.support.office import AG, ROUND, TOP, furnish
from workflow.domain.errors import InvalidField
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.scope import Depth, Place, sees
from workflow.domain.vocabulary import Stage
from workflow.queries.inbox.few import MOST_FEW
from workflow.queries.inbox.filters import DueGroup, InboxFilters, InboxFlag, due_of
from workflow.queries.inbox.groups import counted_groups, inbox_groups
from workflow.queries.inbox.inbox import InboxCounts, inbox, inbox_counts
from workflow.queries.inbox.looks import Tab
from workflow.store.awards import Round
from workflow.store.nominations import Nomination, Visit, WorkItem
from workflow.store.organisation import Cluster, ClusterMember, Unit
from workflow.store.submissions import ExpectedReturn

NEVER = datetime.max.replace(tzinfo=UTC)
NAMES = ("Nguyễn Huy Tiến", "Nguyễn Thị Đào", "Trần Văn An", "100% _")
CLUSTER = "CUM-1"
COUNTED = {
    Tab.ALL: "total",
    Tab.MINE: "mine",
    Tab.GROUPS: "groups",
    Tab.SUBSTITUTE: "substitute",
    Tab.ESCALATED: "escalated",
    Tab.WAITING: "waiting",
    Tab.ASIDE: "set_aside",
}
# What was decided is no open work and not counted; `test_inbox_done.py` looks at it.
OPEN: tuple[Tab, ...] = tuple(COUNTED)


def one_work() -> st.SearchStrategy[Work]:
    return st.builds(
        Work,
        unit=st.integers(0, 2),
        role=st.sampled_from(ROLES[:3]),
        seat=st.sampled_from(SEATS),
        due=st.one_of(st.none(), st.integers(-2, 9)),
        taken_by=st.sampled_from([None, None, "me", "other"]),
        is_told=st.sampled_from([False, False, False, True]),
        audience=st.just(frozenset(SEATS)),
        paper=st.sampled_from([None, 0, 0, 1, 1, 2, 3]),
        aside=st.sampled_from([None, None, None, 1]),
        name=st.sampled_from(NAMES),
        state=st.sampled_from(["draft", "unit_review"]),
        stage=st.sampled_from([Stage.DRAFT, Stage.UNIT_REVIEW]),
        is_held=st.booleans(),
        sent_from=st.sampled_from([None, "draft", "unit_review", "council"]),
        sent_by=st.sampled_from(["me", "other", "other"]),
        age=st.integers(0, 9),
    )


KEYS = st.frozensets(
    st.builds("{}@{}".format, st.sampled_from(ROLES), st.sampled_from(SEATS)), min_size=1, max_size=3
)
FILTERS = st.builds(
    InboxFilters,
    level=st.sampled_from([None, None, Stage.DRAFT, Stage.COUNCIL]),
    unit=st.sampled_from([None, None, AG, TOP]),
    cluster=st.sampled_from([None, None, None, CLUSTER]),
    due=st.sampled_from([None, None, *DueGroup]),
    age=st.sampled_from([None, None, 3, 8]),
    state=st.sampled_from([None, None, "unit_review"]),
    holder=st.sampled_from([None, None, "me", "nobody", "other"]),
    round=st.sampled_from([None, ROUND]),
    award=st.sampled_from([None, "CSTDCS"]),
    flag=st.sampled_from([None, None, *InboxFlag]),
    q=st.sampled_from(
        [None, None, "nguyen huy tien", "NGUYỄN", "dao", "an", "1", "%", "_", "an giang", "khong co ai"]
    ),
)
_ONE: dict[str, list[object]] = {
    "level": [Stage.DRAFT, Stage.COUNCIL],
    "unit": [AG, TOP.lower()],
    "cluster": [CLUSTER],
    "due": list(DueGroup),
    "age": [3, 8],
    "state": ["unit_review"],
    "holder": ["me", "nobody", "other"],
    "flag": list(InboxFlag),
    "q": ["nguyen huy tien", "dao", "an", "1", "2", "%", "an giang", "vks-ag"],
}
ONE_FILTER = st.one_of(
    *(st.builds(InboxFilters, **{name: st.sampled_from(values)}) for name, values in _ONE.items())
)


@pytest.fixture
def ground(session: Session) -> Ground:
    office = furnish(session, now=MONDAY)
    round_ = session.scalars(select(Round).where(Round.code == ROUND)).one()
    units = {code: session.scalars(select(Unit.id).where(Unit.code == code)).one() for code in UNITS}
    session.execute(delete(ExpectedReturn))
    ids = {"year": round_.year, "owner_unit_id": round_.owner_unit_id}
    cluster = session.scalar(select(Cluster.id).where(Cluster.code == CLUSTER)) or session.scalar(
        insert(Cluster).returning(Cluster.id),
        {"code": CLUSTER, "number": 91, "name": "Cụm 91", **ids},
    )
    known = select(ClusterMember.unit_id).where(
        ClusterMember.unit_id == units[AG], ClusterMember.year == round_.year
    )
    session.execute(delete(ClusterMember).where(ClusterMember.unit_id.in_(known)))
    session.execute(insert(ClusterMember), {"cluster_id": cluster, "unit_id": units[AG], **ids})
    session.commit()
    return Ground(session, office.ids["reviewer"], office.ids["other_reviewer"], units, round_.id)


def walked(
    ground: Ground, actor: Actor, tab: Tab, filters: InboxFilters, limit: int
) -> Iterator[tuple[UUID, str]]:
    cursor, first = None, True
    while cursor or first:
        page = inbox(
            ground.session, actor=actor, now=MONDAY, limit=limit, cursor=cursor, tab=tab, filters=filters
        )
        yield from ((item.id, item.why.kind) for item in page.items)
        cursor, first = page.next, False


def in_piles(
    ground: Ground, actor: Actor, tab: Tab, filters: InboxFilters, counts: InboxCounts
) -> tuple[int, set[UUID]]:
    asked: dict[str, Any] = {
        "actor": actor,
        "now": MONDAY,
        "limit": 99,
        "cursor": None,
        "tab": tab,
        "filters": filters,
    }
    page = inbox_groups(ground.session, **asked)
    # Where what was counted is little, the page looks it up: the same page.
    assert counted_groups(ground.session, **asked) == (counts, page)
    return sum(pile.waiting for pile in page.items), {one.id for pile in page.items for one in pile.items}


@given(
    keys=KEYS,
    works=st.lists(one_work(), max_size=12),
    tab=st.sampled_from([*OPEN, Tab.ALL, Tab.GROUPS]),
    filters=st.one_of(ONE_FILTER, FILTERS),
    limit=st.integers(1, 5),
    few=st.sampled_from([0, MOST_FEW]),
)
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_tab_and_filter_shows_what_a_plain_look_finds_and_counts_it(
    ground: Ground,
    *,
    keys: frozenset[str],
    works: list[Work],
    tab: Tab,
    filters: InboxFilters,
    limit: int,
    few: int,
) -> None:
    # Of none that may be looked up by themselves, each inbox is walked.
    with laid_out(ground, keys, works) as actor, pytest.MonkeyPatch.context() as patch:
        patch.setattr("workflow.queries.inbox.few.MOST_FEW", few)
        is_meant = Meant(ground.me, filters)
        rows = {row.id: row for row in ground.session.execute(PLAIN)}
        counts = inbox_counts(ground.session, actor=actor, now=MONDAY, filters=filters)
        everything = list(walked(ground, actor, tab, InboxFilters(), 50))
        found = list(walked(ground, actor, tab, filters, limit))
        assert found == [one for one in everything if is_meant(rows[one[0]])]
        assert getattr(counts, COUNTED[tab]) == len(found)
        assert in_piles(ground, actor, tab, filters, counts) == (len(found), {one for one, _ in found})
        if tab is Tab.ALL:
            late = [rows[one] for one, _ in found if (rows[one].due_at or NEVER) < MONDAY]
            assert counts.late == len(late)


@given(keys=KEYS, works=st.lists(one_work(), max_size=12))
@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_tabs_part_an_inbox_by_why_each_thing_is_in_it(
    ground: Ground, keys: frozenset[str], works: list[Work]
) -> None:
    kinds = {
        "assigned": Tab.MINE,
        "group": Tab.GROUPS,
        "substitute": Tab.SUBSTITUTE,
        "escalated": Tab.ESCALATED,
    }
    with laid_out(ground, keys, works) as actor:
        tabs = {tab: list(walked(ground, actor, tab, InboxFilters(), 50)) for tab in OPEN}
        codes = {unit_id: code for code, unit_id in ground.units.items()}
        sent_on = {
            item.id
            for item, file in ground.session.execute(
                select(WorkItem, Nomination)
                .join(Nomination, Nomination.id == WorkItem.nomination_id)
                .join(Visit, Visit.id == WorkItem.visit_id)
                .where(Visit.sent_by == ground.me, Visit.left_at.is_(None), WorkItem.closed_at.is_(None))
            )
            if sees(
                actor.scope,
                Depth.NAME,
                Place(
                    file.unit_id,
                    codes[file.unit_id],
                    frozenset(file.audience),
                    file.created_by,
                    frozenset(),
                ),
            )
        }
    for why, tab in kinds.items():
        assert tabs[tab] == [one for one in tabs[Tab.ALL] if one[1] == why]
    waits_here = {one for one, _ in (*tabs[Tab.ALL], *tabs[Tab.ASIDE])}
    # What somebody sent on they may see no longer, when another seat is theirs by now.
    assert {one for one, _ in tabs[Tab.WAITING]} == sent_on - waits_here
    assert {why for _, why in tabs[Tab.WAITING]} <= {"sent"}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (InboxFilters(unit="VKS-XX"), "unit"),
        (InboxFilters(cluster="9"), "cluster"),
        (InboxFilters(round="none"), "round"),
        (InboxFilters(award="none"), "award"),
        (InboxFilters(state="nowhere"), "state"),
        (InboxFilters(holder="somebody"), "holder"),
        (InboxFilters(holder="9" * 30), "holder"),
    ],
)
def test_a_filter_that_names_nothing_is_refused_by_name(
    ground: Ground, wrong: InboxFilters, field: str
) -> None:
    with laid_out(ground, frozenset(), []) as actor, pytest.raises(InvalidField) as refused:
        inbox(ground.session, actor=actor, now=MONDAY, limit=9, cursor=None, filters=wrong)
    assert [error.field for error in refused.value.errors] == [field]


def test_when_something_is_due_is_said_by_the_clock_of_the_installation() -> None:
    sunday = datetime(2026, 3, 8, 23, 59, tzinfo=ZONE)
    found = [
        due_of(due_at, MONDAY, ZONE)
        for due_at in (
            None,
            MONDAY - timedelta(seconds=1),
            MONDAY,
            sunday,
            sunday + timedelta(minutes=1),
        )
    ]
    assert found == [DueGroup.UNDATED, DueGroup.OVERDUE, DueGroup.TODAY, DueGroup.WEEK, DueGroup.LATER]


def test_counts_of_all_tabs_are_named() -> None:
    assert {*COUNTED, Tab.DONE} == set(Tab)
    assert set(COUNTED.values()) < set(InboxCounts.__annotations__)
