"""The work that waits for somebody, by due date, and how much of it there is.

A page costs the same whatever else is open: it reads so many entries of each source as it shows rows, merges
them, and only then asks what a row shows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, Uuid, and_, any_, case, func, null, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from workflow.domain.errors import NotFound
from workflow.domain.rights.policy import Actor
from workflow.queries.inbox.asked_dates import AskedOfMe, asked_of_me, how_many
from workflow.queries.inbox.done import done_page
from workflow.queries.inbox.filters import NO_FILTERS, InboxFilters
from workflow.queries.inbox.looks import Look, Tab
from workflow.queries.inbox.reader import InboxReader, count_of, reader_of
from workflow.queries.inbox.rows import KEYS, ME, NOW, InboxItem, inbox_details, inbox_item
from workflow.queries.inbox.sent_back import SentBack, how_many_sent_back, sent_back_to
from workflow.queries.inbox.sources import after, inbox_values
from workflow.queries.inbox.tabs import first_of_each, first_waiting, waiting, waiting_one
from workflow.queries.mentions.waiting import MentionWaiting, how_many_mentions, mentions_of
from workflow.queries.paging import (
    Page,
    cut,
    decode_cursor,
    encode_cursor,
    instant_or_none,
    name_of,
    uuid,
)
from workflow.store.database import local_day
from workflow.store.set_aside import PutAside
from workflow.store.statements import Statement, plan_once


@dataclass(frozen=True, slots=True)
class InboxCounts:
    """How much waits: everything listed, what is late, what lies in a group unclaimed, what was escalated.

    `substitute` is what waits for others in whose place the reader acts; `dates_asked` are other due dates
    that somebody asks the reader for, who do not hold that work, `sent_back` decisions that they prepared for
    others and have to prepare again, `mentions` comments that name them and wait to be read. `mine`,
    `groups`, `substitute` and `escalated` are the total together; `set_aside` and `waiting`, what they sent
    on and others have, are in none of the others. Each is counted to `MOST_IN_TAB`; one more stands for more
    than that.
    """

    total: int
    late: int
    unclaimed: int
    escalated: int
    substitute: int
    dates_asked: int
    sent_back: int
    mentions: int
    set_aside: int
    mine: int
    groups: int
    waiting: int


@dataclass(frozen=True, slots=True)
class AsideItem:
    """An item that its reader set aside until the morning of a day."""

    item: InboxItem
    until: date


MOST_IN_TAB: Final = 1_000
"""A count of an inbox goes so far: nobody does more in one sitting, and to count it all of it is read."""

_NAME: Final = "inbox"


def inbox(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    limit: int,
    cursor: str | None,
    with_set_aside: bool = False,
    tab: Tab = Tab.ALL,
    filters: InboxFilters = NO_FILTERS,
) -> Page[InboxItem]:
    """Return one page of the open work that waits for the actor, by due date, undated last.

    What somebody else has taken is not in it unless an escalation brought it, nor what the actor set aside
    unless that is asked for. What they decided is a tab of its own, the newest first.
    Raises `UnreadableCursor`, and `InvalidField` where a filter names nothing.
    """
    plan_once(session)
    reader = reader_of(session, actor, now, tab, filters)
    if with_set_aside:
        reader = replace(reader, values={**reader.values, "aside_at": "infinity"})
    return _page_of(reader, filters, limit, cursor)


def whole_inbox(
    session: Session, *, actor: Actor, now: datetime, tab: Tab, filters: InboxFilters
) -> tuple[Callable[[int, str | None], Page[InboxItem]], Callable[[int], int | None]]:
    """Return what reads a tab page by page, and what counts it so far and no further.

    Of what was decided nothing is counted: it only grows. What the filters leave is sought once for both.
    Raises `InvalidField`.
    """
    plan_once(session)
    reader = reader_of(session, actor, now, tab, filters)
    if reader.look.is_narrowed and not reader.look.is_few and tab is not Tab.DONE:
        _, reader = counted(reader)
    return (
        lambda limit, cursor: _page_of(reader, filters, limit, cursor),
        lambda most: None if tab is Tab.DONE else count_of(reader, most),
    )


def _page_of(reader: InboxReader, filters: InboxFilters, limit: int, cursor: str | None) -> Page[InboxItem]:
    name = name_of(_NAME, reader.look.tab, filters)
    if reader.look.tab is Tab.DONE:
        return done_page(reader, name=name, limit=limit, cursor=cursor)
    place = {} if cursor is None else after(*decode_cursor(name, cursor, instant_or_none, uuid))
    rows = _page(reader.size_of(limit + 1), reader.look).fetch(reader.session, {**reader.values, **place})
    return cut(
        rows[: limit + 1],
        limit,
        item=reader.item,
        cursor=lambda row: encode_cursor(name, row.due_at, row.id),
    )


def list_set_aside(session: Session, *, actor: Actor, now: datetime) -> tuple[AsideItem, ...]:
    """Return what waits for the actor and was set aside by them, by due date."""
    plan_once(session)
    rows = _set_aside().fetch(session, inbox_values(session, actor, now))
    return tuple(
        AsideItem(inbox_item(session, row, actor, now), local_day(session, row.until_at)) for row in rows
    )


def get_inbox_item(session: Session, *, actor: Actor, work_item_id: UUID, now: datetime) -> InboxItem:
    """Return one thing that waits for the actor, set aside or not. Raises `NotFound`."""
    plan_once(session)
    rows = _one().fetch(session, {**inbox_values(session, actor, now), "work_item": work_item_id})
    if not rows:
        raise NotFound("That work does not wait for you.")
    return inbox_item(session, rows[0], actor, now)


def dates_asked(session: Session, *, actor: Actor, now: datetime) -> tuple[AskedOfMe, ...]:
    """Return the other due dates that somebody asks the actor for, the longest waiting first."""
    plan_once(session)
    return asked_of_me(session, inbox_values(session, actor, now))


def preparations_sent_back(session: Session, *, actor: Actor, now: datetime) -> tuple[SentBack, ...]:
    """Return what the actor prepared for others and has to prepare again, the longest waiting first."""
    plan_once(session)
    return sent_back_to(session, inbox_values(session, actor, now))


def mentions_waiting(session: Session, *, actor: Actor, now: datetime) -> tuple[MentionWaiting, ...]:
    """Return the comments that name the actor and wait to be read, the newest first."""
    plan_once(session)
    return mentions_of(session, inbox_values(session, actor, now))


def inbox_counts(
    session: Session, *, actor: Actor, now: datetime, filters: InboxFilters = NO_FILTERS
) -> InboxCounts:
    """Return how much waits for the actor, of what the filters leave. Raises `InvalidField`."""
    plan_once(session)
    counts, _ = counted(reader_of(session, actor, now, Tab.ALL, filters))
    return counts


def counted(reader: InboxReader) -> tuple[InboxCounts, InboxReader]:
    """Return how much waits in any tab, of what the filters leave, and who reads on.

    Where that is little, it is known by then: whoever reads on looks it up, and no inbox is walked twice.
    """
    # Nothing is looked up by names here: that is how what was decided is found.
    look = reader.look._replace(tab=Tab.ALL, is_named=False)
    *numbers, works = _counts(look).fetch(reader.session, reader.values)[0]
    counts = InboxCounts(*(min(number, MOST_IN_TAB + 1) for number in numbers))
    return counts, reader if works is None else reader.of_few(works)


@cache
def _page(limit: int, look: Look) -> Statement:
    """Return the statement of a page of so many rows, read from the place told."""
    return Statement(inbox_details(first_waiting(limit, look=look)))


@cache
def _set_aside() -> Statement:
    found = waiting(look=Look(Tab.ASIDE))
    until = select(PutAside.until_at).where(PutAside.work_item_id == found.c.id, PutAside.account_id == ME)
    return Statement(inbox_details(found).add_columns(until.scalar_subquery().label("until_at")))


@cache
def _one() -> Statement:
    return Statement(inbox_details(waiting_one()))


@cache
def _counts(look: Look) -> Statement:
    each = {tab: _of_tab(tab, look) for tab in (Tab.ALL, Tab.ASIDE, Tab.WAITING)}
    found = each[Tab.ALL].c
    is_mine, is_my_groups = found.assignee_id.is_not_distinct_from(ME), found.owner_key == any_(KEYS)
    return Statement(
        select(
            func.count(),
            func.count().filter(found.due_at < NOW),
            func.count().filter(found.assignee_id.is_(None), is_my_groups),
            func.count().filter(~is_mine, ~is_my_groups, ~found.is_lent),
            func.count().filter(found.is_lent),
            how_many(),
            how_many_sent_back(),
            how_many_mentions(),
            _how_many(each[Tab.ASIDE]),
            func.count().filter(is_mine),
            func.count().filter(~is_mine, is_my_groups, ~found.is_lent),
            _how_many(each[Tab.WAITING]),
            _all_of(each, is_mine) if look.is_narrowed and not look.is_few else null(),
        )
    )


def _of_tab(tab: Tab, look: Look) -> CTE:
    return first_of_each(MOST_IN_TAB + 1, look._replace(tab=tab), name=f"of_{tab}")


def _how_many(found: CTE) -> ColumnElement[int]:
    return select(func.count()).select_from(found).scalar_subquery()


def _all_of(tabs: Mapping[Tab, CTE], is_mine: ColumnElement[bool]) -> ColumnElement[Any]:
    """Return the ids of all that was found, null where a range was cut: then more may be there."""
    sent_on, aside = _how_many(tabs[Tab.WAITING]), _how_many(tabs[Tab.ASIDE])
    parts = func.count().filter(is_mine), func.count().filter(~is_mine), sent_on, aside
    ids = union_all(*(select(tab.c.id) for tab in tabs.values())).subquery("in_tabs")
    is_all = and_(*(many <= MOST_IN_TAB for many in parts))
    return case((is_all, func.array(select(ids.c.id).scalar_subquery(), type_=ARRAY(Uuid))))
