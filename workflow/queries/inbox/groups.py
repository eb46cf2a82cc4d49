"""The same inbox by paper: each list with its names that wait for the reader, among what is on no list."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import ColumnElement, DateTime, Row, bindparam
from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor
from workflow.queries.inbox.done import done_page
from workflow.queries.inbox.filters import NO_FILTERS, InboxFilters
from workflow.queries.inbox.inbox import InboxCounts, counted
from workflow.queries.inbox.looks import Look, Tab
from workflow.queries.inbox.piles import first_lists, first_names
from workflow.queries.inbox.places import LISTS, SINGLES, InboxPlace, cursor_of, place_of
from workflow.queries.inbox.reader import InboxReader, reader_of
from workflow.queries.inbox.rows import InboxItem, inbox_details
from workflow.queries.inbox.sources import FIRST_ID, after
from workflow.queries.inbox.tabs import first_waiting
from workflow.queries.paging import Page, name_of
from workflow.queries.shapes import ListRef, Named, unit_of_row
from workflow.store.conditions import or_never
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.statements import Statement, plan_once

_DONE: Final = "inbox-done"


@dataclass(frozen=True, slots=True)
class InboxGroup:
    """What waits on one paper's list, or one thing by itself (`submission` null, one item).

    `waiting` counts all of the list that waits for the reader, `late` those past their due date; where
    `is_held` or `is_prepared`, all are. `items`: the most urgent twenty, fewer beside more than two lists.
    """

    submission: ListRef | None
    unit: Named
    round: str
    round_title: str
    waiting: int
    late: int
    is_held: bool
    is_prepared: bool
    due_at: datetime | None
    items: tuple[InboxItem, ...]


def inbox_groups(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    limit: int,
    cursor: str | None,
    tab: Tab = Tab.ALL,
    filters: InboxFilters = NO_FILTERS,
) -> Page[InboxGroup]:
    """Return one page of what waits for the actor by paper: lists by their earliest due date, with the rest.

    At one instant lists come first. Raises `UnreadableCursor`, and `InvalidField` of wrong filters.
    """
    plan_once(session)
    return _page(reader_of(session, actor, now, tab, filters), filters, limit=limit, cursor=cursor)


def counted_groups(
    session: Session,
    *,
    actor: Actor,
    now: datetime,
    limit: int,
    cursor: str | None,
    tab: Tab = Tab.ALL,
    filters: InboxFilters = NO_FILTERS,
) -> tuple[InboxCounts, Page[InboxGroup]]:
    """Return how much waits in any tab beside a page of one: what the filters leave is sought once for both.

    Raises `UnreadableCursor`, and `InvalidField` of wrong filters.
    """
    plan_once(session)
    counts, reader = counted(reader_of(session, actor, now, tab, filters))
    return counts, _page(reader, filters, limit=limit, cursor=cursor)


def _page(reader: InboxReader, filters: InboxFilters, *, limit: int, cursor: str | None) -> Page[InboxGroup]:
    tab, now = reader.look.tab, reader.now
    if tab is Tab.DONE:
        done = done_page(reader, name=name_of(_DONE, filters), limit=limit, cursor=cursor)
        return Page(tuple(_alone(item, now) for item in done.items), done.next)
    place = place_of(tab, filters, cursor) if cursor is not None else None
    size = reader.size_of(limit + 1)
    found = [
        (InboxPlace(LISTS, row.due_at, row.submission_id), row) for row in first_lists(reader, size, place)
    ]
    # Lists alone fill the page: what is due when the last of them is, or later, stands behind it.
    last = found[limit][0] if len(found) > limit else None
    found += [(InboxPlace(SINGLES, row.due_at, row.id), row) for row in _singles(reader, size, place, last)]
    found = sorted(found, key=lambda one: one[0].in_order)[: limit + 1]
    shown = found[:limit]
    names = first_names(reader, [row for one, row in shown if one.part == LISTS])
    groups = [
        _list(reader, row, names[place.key]) if place.part == LISTS else _alone(reader.item(row), now)
        for place, row in shown
    ]
    more = len(found) > limit
    return Page(tuple(groups), cursor_of(tab, filters, shown[-1][0]) if more else None)


def _list(reader: InboxReader, row: Row[Any], names: Sequence[Row[Any]]) -> InboxGroup:
    return InboxGroup(
        submission=ListRef(row.submission_id, row.number),
        unit=unit_of_row(row),
        round=row.round,
        round_title=row.round_title,
        waiting=row.waiting,
        late=row.late,
        is_held=bool(names) and names[0].all_held,
        is_prepared=bool(names) and names[0].all_prepared,
        due_at=row.due_at,
        items=tuple(reader.item(name) for name in names),
    )


def _singles(
    reader: InboxReader, limit: int, place: InboxPlace | None, last: InboxPlace | None
) -> list[Row[Any]]:
    """Return single things in order; those before the last list of a full page where there is one.

    Who has lists alone would otherwise have all of their work read for what is on none.
    """
    start = {}
    if place is not None:
        start = after(place.due_at, place.key if place.part == SINGLES else FIRST_ID)
    values = {**reader.values, **start}
    if last is not None:
        values["before"] = last.due_at.isoformat() if last.due_at else "infinity"
    return _first_singles(limit, reader.look, is_cut=last is not None).fetch(reader.session, values)


@cache
def _first_singles(limit: int, look: Look, *, is_cut: bool) -> Statement:
    conditions: list[ColumnElement[bool]] = [Nomination.submission_id.is_(None)]
    if is_cut:
        conditions.append(or_never(WorkItem.due_at) < bindparam("before", type_=DateTime(timezone=True)))
    return Statement(inbox_details(first_waiting(limit, *conditions, look=look)))


def _alone(item: InboxItem, now: datetime) -> InboxGroup:
    return InboxGroup(
        submission=None,
        unit=item.unit,
        round=item.round,
        round_title=item.round_title,
        waiting=1,
        late=int(item.due_at is not None and item.due_at < now),
        is_held=item.is_held,
        is_prepared=item.is_prepared,
        due_at=item.due_at,
        items=(item,),
    )
