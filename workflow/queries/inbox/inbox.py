"""The work that waits for somebody, by due date, and how much of it there is.

A page costs the same whatever else is open: it reads so many entries of each source as it shows rows, merges
them, and only then asks what a row shows.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Final
from uuid import UUID

from sqlalchemy import any_, func, select
from sqlalchemy.orm import Session

from workflow.domain.errors import NotFound
from workflow.domain.rights.policy import Actor
from workflow.queries.inbox.asked_dates import AskedOfMe, asked_of_me, how_many
from workflow.queries.inbox.rows import KEYS, ME, InboxItem, inbox_details, inbox_item
from workflow.queries.inbox.sources import (
    BEGINNING,
    NOW,
    after,
    first_waiting,
    inbox_values,
    set_aside,
    waiting,
    waiting_one,
)
from workflow.queries.paging import Page, cut, decode_cursor, encode_cursor, instant_or_none, uuid
from workflow.store.database import local_day
from workflow.store.set_aside import PutAside
from workflow.store.statements import Statement, plan_once


@dataclass(frozen=True, slots=True)
class InboxCounts:
    """How much waits: everything listed, what is late, what lies in a group unclaimed, what was escalated.

    `substitute` is what waits for others in whose place the reader acts; `dates_asked` are other due dates
    that somebody asks the reader for, who do not hold that work. `set_aside` is in none of the others.
    """

    total: int
    late: int
    unclaimed: int
    escalated: int
    substitute: int
    dates_asked: int
    set_aside: int


@dataclass(frozen=True, slots=True)
class AsideItem:
    """An item that its reader set aside until the morning of a day."""

    item: InboxItem
    until: date


_NAME: Final = "inbox"


def inbox(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    limit: int,
    cursor: str | None,
    with_set_aside: bool = False,
) -> Page[InboxItem]:
    """Return one page of the open work that waits for the actor, by due date, undated last.

    What somebody else has taken is not in it unless an escalation brought it, nor what the actor set aside
    unless that is asked for. Raises `UnreadableCursor`.
    """
    place = BEGINNING if cursor is None else after(*decode_cursor(_NAME, cursor, instant_or_none, uuid))
    plan_once(session)
    hidden = {"aside_at": "infinity"} if with_set_aside else {}
    rows = _page(limit + 1).fetch(session, {**inbox_values(session, actor, now), **place, **hidden})
    return cut(
        rows,
        limit,
        item=lambda row: inbox_item(session, row, actor, now),
        cursor=lambda row: encode_cursor(_NAME, row.due_at, row.id),
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


def inbox_counts(session: Session, *, actor: Actor, now: datetime) -> InboxCounts:
    """Return how much waits for the actor."""
    plan_once(session)
    return InboxCounts(*_counts().fetch(session, inbox_values(session, actor, now))[0])


@cache
def _page(limit: int) -> Statement:
    """Return the statement of a page of so many rows, read from the place told."""
    return Statement(inbox_details(first_waiting(limit)))


@cache
def _set_aside() -> Statement:
    found = set_aside()
    until = select(PutAside.until_at).where(PutAside.work_item_id == found.c.id, PutAside.account_id == ME)
    return Statement(inbox_details(found).add_columns(until.scalar_subquery().label("until_at")))


@cache
def _one() -> Statement:
    return Statement(inbox_details(waiting_one()))


@cache
def _counts() -> Statement:
    found = waiting().c
    is_mine, is_my_groups = found.assignee_id.is_not_distinct_from(ME), found.owner_key == any_(KEYS)
    return Statement(
        select(
            func.count(),
            func.count().filter(found.due_at < NOW),
            func.count().filter(found.assignee_id.is_(None), is_my_groups),
            func.count().filter(~is_mine, ~is_my_groups, ~found.is_lent),
            func.count().filter(found.is_lent),
            how_many(),
            select(func.count()).select_from(set_aside()).scalar_subquery(),
        )
    )
