"""An inbox read by its indexes shows what a plain look at all open work finds, in the same order."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from tests.conftest import MONDAY
from tests.support.desks import ROLES, SEATS, UNITS, Ground, Work, laid_out
from tests.support.office import AG, ROUND, furnish
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.scope import Depth, Place, sees
from workflow.queries.inbox.groups import InboxGroup, inbox_groups
from workflow.queries.inbox.inbox import inbox, inbox_counts, list_set_aside
from workflow.queries.inbox.piles import NAMES_SHOWN
from workflow.store.access import Account
from workflow.store.awards import Round
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.organisation import Unit
from workflow.store.set_aside import PutAside
from workflow.store.submissions import ExpectedReturn

NEVER = datetime.max.replace(tzinfo=UTC)


def one_work() -> st.SearchStrategy[Work]:
    return st.builds(
        Work,
        unit=st.integers(0, 2),
        role=st.sampled_from(ROLES[:3]),
        seat=st.sampled_from(SEATS),
        due=st.one_of(st.none(), st.integers(-2, 2)),
        taken_by=st.sampled_from([None, None, "me", "other"]),
        is_told=st.sampled_from([False, False, False, True]),
        is_closed=st.sampled_from([False, False, False, False, True]),
        audience=st.frozensets(st.sampled_from(SEATS), max_size=2),
        paper=st.sampled_from([None, 0, 0, 1, 1, 2, 3, 4]),
        aside=st.sampled_from([None, None, None, -1, 0, 1, 2]),
    )


KEYS = st.frozensets(
    st.one_of(
        st.builds("{}@{}".format, st.sampled_from(ROLES), st.sampled_from(SEATS)),
        st.sampled_from(["admin@all", "supervisor@all"]),
    ),
    max_size=3,
)


@pytest.fixture
def ground(session: Session) -> Ground:
    office = furnish(session, now=MONDAY)
    round_ = session.scalars(select(Round).where(Round.code == ROUND)).one()
    units = {code: session.scalars(select(Unit.id).where(Unit.code == code)).one() for code in UNITS}
    session.execute(delete(ExpectedReturn))
    session.commit()
    return Ground(session, office.ids["reviewer"], office.ids["other_reviewer"], units, round_.id)


@dataclass(frozen=True)
class Seen:
    """What of the open work waits for the reader, by the rule."""

    id: UUID
    due_at: datetime | None
    why: str
    paper: int | None

    @property
    def place(self) -> tuple[datetime, UUID]:
        return self.due_at or NEVER, self.id


def plain(ground: Ground, actor: Actor, *, aside: bool = False) -> list[Seen]:
    """Look at all work there is and ask the policy of each; either what was set aside, or all else."""
    mine = select(PutAside.work_item_id, PutAside.until_at).where(PutAside.account_id == ground.me)
    put_away = {row.work_item_id: row.until_at for row in ground.session.execute(mine)}
    told = set(ground.session.scalars(select(Outbox.work_item_id).where(Outbox.account_id == ground.me)))
    codes = {unit_id: code for code, unit_id in ground.units.items()}

    def stands(file: Nomination) -> Place:
        seats = frozenset(file.audience)
        return Place(file.unit_id, codes[file.unit_id], seats, file.created_by, frozenset())

    rows = ground.session.execute(
        select(WorkItem, Nomination)
        .outerjoin(Nomination, Nomination.id == WorkItem.nomination_id)
        .execution_options(populate_existing=True)
    )
    found = []
    for item, file in rows:
        is_mine, is_my_groups = item.assignee_id == ground.me, item.owner_key in actor.keys
        waits = is_mine or (item.assignee_id is None and is_my_groups) or item.id in told
        until_at = put_away.get(item.id, MONDAY)
        is_aside = until_at > MONDAY and (item.due_at is None or until_at <= item.due_at)
        if is_aside is not aside:
            continue
        if item.closed_at is None and waits and (file is None or sees(actor.scope, Depth.NAME, stands(file))):
            why = "assigned" if is_mine else "group" if is_my_groups else "escalated"
            found.append(Seen(item.id, item.due_at, why, file.submission_id if file else None))
    return sorted(found, key=lambda one: one.place)


def pages(ground: Ground, actor: Actor, limit: int) -> Iterator[list[tuple[UUID, str]]]:
    cursor, first = None, True
    while cursor or first:
        page = inbox(ground.session, actor=actor, now=MONDAY, limit=limit, cursor=cursor)
        yield [(item.id, item.why.kind) for item in page.items]
        cursor, first = page.next, False


def piles(ground: Ground, actor: Actor, limit: int) -> Iterator[InboxGroup]:
    cursor, first = None, True
    while cursor or first:
        page = inbox_groups(ground.session, actor=actor, now=MONDAY, limit=limit, cursor=cursor)
        assert len(page.items) == limit or page.next is None
        yield from page.items
        cursor, first = page.next, False


@given(keys=KEYS, works=st.lists(one_work(), max_size=14), limit=st.integers(1, 4))
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pages_of_an_inbox_are_those_of_a_plain_look_at_all_work(
    ground: Ground, keys: frozenset[str], works: list[Work], limit: int
) -> None:
    with laid_out(ground, keys, works) as actor:
        wanted = plain(ground, actor)
        found = [one for page in pages(ground, actor, limit) for one in page]
        counts = inbox_counts(ground.session, actor=actor, now=MONDAY)
        away = [one.item.id for one in list_set_aside(ground.session, actor=actor, now=MONDAY)]
        whole = inbox(
            ground.session, actor=actor, now=MONDAY, limit=99, cursor=None, with_set_aside=True
        ).items
        wanted_away = plain(ground, actor, aside=True)
        free = set(ground.session.scalars(select(WorkItem.id).where(WorkItem.assignee_id.is_(None))))
    assert found == [(one.id, one.why) for one in wanted]
    assert away == [one.id for one in wanted_away]
    assert counts.set_aside == len(wanted_away)
    assert {item.id for item in whole} == {one.id for one in (*wanted, *wanted_away)}
    assert counts.total == len(wanted)
    assert counts.late == sum(one.due_at is not None and one.due_at < MONDAY for one in wanted)
    assert counts.unclaimed == sum(one.why == "group" and one.id in free for one in wanted)
    assert counts.escalated == sum(one.why == "escalated" for one in wanted)


@given(keys=KEYS, works=st.lists(one_work(), max_size=14), limit=st.integers(1, 3), walk=st.integers(1, 4))
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_lists_of_an_inbox_are_those_of_a_plain_look_however_little_is_walked(
    ground: Ground, keys: frozenset[str], works: list[Work], limit: int, walk: int
) -> None:
    with pytest.MonkeyPatch.context() as patch, laid_out(ground, keys, works) as actor:
        patch.setattr("workflow.queries.inbox.piles._WALKS", (walk, 2 * walk))
        by_paper = defaultdict(list)
        for one in plain(ground, actor):
            by_paper[one.paper].append(one)
        alone = by_paper.pop(None, [])
        found = list(piles(ground, actor, limit))
    wanted = [
        (paper, len(names), [one.id for one in names[:NAMES_SHOWN]], names[0].due_at)
        for paper, names in sorted(by_paper.items())
    ] + [(None, 1, [one.id], one.due_at) for one in alone]
    # By the earliest due date; at one instant lists by number come before what is on none.
    wanted.sort(key=lambda pile: pile[3] or NEVER)
    assert [
        (
            pile.submission and pile.submission.id,
            pile.waiting,
            [item.id for item in pile.items],
            pile.due_at,
        )
        for pile in found
    ] == wanted


def test_lists_due_at_one_instant_come_in_their_own_order(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their names lie in another order than they do, and a walk may end among them."""
    monkeypatch.setattr("workflow.queries.inbox.piles._WALKS", (1, 2, 3))
    works = [Work(paper=paper) for paper in (4, 3, 2, 1) * 3]
    with laid_out(ground, frozenset({f"unit_reviewer@unit:{AG}"}), works) as actor:
        found = [pile.submission.id for pile in piles(ground, actor, 1) if pile.submission]
    assert found == sorted(set(found))
    assert len(found) == len(works) // 3


def test_many_lists_on_a_page_share_the_names_it_shows(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty of each of two hundred lists would be four thousand lines; the most urgent of each stay."""
    monkeypatch.setattr("workflow.queries.inbox.piles.NAMES_ON_PAGE", 6)
    works = [Work(paper=paper) for paper in (1, 2, 3)] * 4
    with laid_out(ground, frozenset({f"unit_reviewer@unit:{AG}"}), works) as actor:
        shown = {limit: [len(pile.items) for pile in piles(ground, actor, limit)] for limit in (1, 2, 3)}
        wanted = [one.id for one in plain(ground, actor) if one.paper == 1]
        first = next(pile for pile in piles(ground, actor, 3) if pile.submission and pile.submission.id == 1)
    assert shown == {1: [4, 4, 4], 2: [3, 3, 4], 3: [2, 2, 2]}
    assert ([item.id for item in first.items], first.waiting) == (wanted[:2], 4)


def test_what_is_done_meanwhile_moves_nothing_on_the_next_page(ground: Ground) -> None:
    works = [Work(due=due) for due in (-1, -1, 0, 0, 1, None, None)]
    with laid_out(ground, frozenset({f"unit_reviewer@unit:{AG}"}), works) as actor:
        wanted = [one.id for one in plain(ground, actor)]
        page = inbox(ground.session, actor=actor, now=MONDAY, limit=3, cursor=None)
        done = [item.id for item in page.items]
        ground.session.execute(update(WorkItem).where(WorkItem.id.in_(done)).values(closed_at=MONDAY))
        rest = inbox(ground.session, actor=actor, now=MONDAY, limit=9, cursor=page.next)
    assert [*done, *(item.id for item in rest.items)] == wanted
    assert rest.next is None


def test_somebody_who_was_disabled_holds_no_work_in_a_list(ground: Ground) -> None:
    """Whoever is told of late work that a disabled account took learns that nobody has it."""
    work = Work(due=-1, taken_by="other", is_told=True)
    with laid_out(ground, frozenset({f"head@unit:{AG}"}), [work]) as actor:
        ground.session.execute(update(Account).where(Account.id == ground.other).values(disabled_at=MONDAY))
        [item] = inbox(ground.session, actor=actor, now=MONDAY, limit=9, cursor=None).items
    assert item.holder is not None
    assert (item.why.kind, item.holder.assignee) == ("escalated", None)
