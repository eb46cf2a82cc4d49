"""The work that waits for somebody, by due date, and how much of it there is.

A page costs the same whatever else is open: it reads so many entries of each source as it shows rows, merges
them, and only then asks what a row shows.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final

from sqlalchemy import any_, func, select
from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor
from workflow.queries.inbox.rows import KEYS, ME, InboxItem, inbox_details, inbox_item
from workflow.queries.inbox.sources import BEGINNING, NOW, after, first_waiting, inbox_values, waiting
from workflow.queries.paging import Page, cut, decode_cursor, encode_cursor, instant_or_none, uuid
from workflow.store.statements import Statement, plan_once


@dataclass(frozen=True, slots=True)
class InboxCounts:
    """How much waits: everything listed, what is late, what lies in a group unclaimed, what was escalated.

    `substitute` is what waits for others in whose place the reader acts.
    """

    total: int
    late: int
    unclaimed: int
    escalated: int
    substitute: int


_NAME: Final = "inbox"


def inbox(
    session: Session, *, actor: Actor, now: datetime, limit: int, cursor: str | None
) -> Page[InboxItem]:
    """Return one page of the open work that waits for the actor, by due date, undated last.

    What somebody else has taken is not in it unless an escalation brought it. Raises `UnreadableCursor`.
    """
    place = BEGINNING if cursor is None else after(*decode_cursor(_NAME, cursor, instant_or_none, uuid))
    plan_once(session)
    rows = _page(limit + 1).fetch(session, {**inbox_values(session, actor, now), **place})
    return cut(
        rows,
        limit,
        item=lambda row: inbox_item(session, row, actor, now),
        cursor=lambda row: encode_cursor(_NAME, row.due_at, row.id),
    )


def inbox_counts(session: Session, *, actor: Actor, now: datetime) -> InboxCounts:
    """Return how much waits for the actor."""
    plan_once(session)
    return InboxCounts(*_counts().fetch(session, inbox_values(session, actor, now))[0])


@cache
def _page(limit: int) -> Statement:
    """Return the statement of a page of so many rows, read from the place told."""
    return Statement(inbox_details(first_waiting(limit)))


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
        )
    )
