"""The same inbox by paper: each list with its names that wait for the reader, among what is on no list."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    DateTime,
    Row,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    false,
    func,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor
from workflow.queries.inbox.done import done_page
from workflow.queries.inbox.filters import NO_FILTERS, InboxFilters
from workflow.queries.inbox.looks import Look, Tab
from workflow.queries.inbox.places import LISTS, SINGLES, InboxPlace, cursor_of, place_of
from workflow.queries.inbox.reader import InboxReader, reader_of
from workflow.queries.inbox.rows import NOW, InboxItem, inbox_details
from workflow.queries.inbox.sources import BEGINNING, FIRST_ID, after
from workflow.queries.inbox.tabs import first_waiting, waiting, waiting_among
from workflow.queries.paging import BIGGEST_ID, Page, name_of
from workflow.queries.shapes import UNIT_COLUMNS, ListRef, Named, unit_of_row
from workflow.store.awards import Round
from workflow.store.conditions import TODAY, edition_of_unit, or_never
from workflow.store.nominations import Nomination, Visit, WorkItem
from workflow.store.organisation import Unit, UnitEdition
from workflow.store.preparations import is_proposed
from workflow.store.statements import Statement, plan_once
from workflow.store.submissions import Submission

NAMES_SHOWN: Final = 20
"""How many names of one list are shown with it; the list itself has them all."""

NAMES_ON_PAGE: Final = 100
"""How many names the lists of a page show together: of many lists each shows fewer of its own."""

_DONE: Final = "inbox-done"
# How much of the most urgent work is walked for the first lists; where that names too few, all is read.
_WALKS: Final = (500, 5_000)


@dataclass(frozen=True, slots=True)
class InboxGroup:
    """What waits on one paper's list, or one thing by itself (`submission` null, one item).

    `waiting` counts all of the list that waits for the reader, `late` those past their due date; where
    `is_held` or `is_prepared`, all are. `items`: the most urgent twenty, fewer beside more than five lists.
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
    reader = reader_of(session, actor, now, tab, filters)
    if tab is Tab.DONE:
        done = done_page(reader, name=name_of(_DONE, filters), limit=limit, cursor=cursor)
        return Page(tuple(_alone(item, now) for item in done.items), done.next)
    place = place_of(tab, filters, cursor) if cursor is not None else None
    size = reader.size_of(limit + 1)
    found = [(InboxPlace(LISTS, row.due_at, row.submission_id), row) for row in _lists(reader, size, place)]
    # Lists alone fill the page: what is due when the last of them is, or later, stands behind it.
    last = found[limit][0] if len(found) > limit else None
    found += [(InboxPlace(SINGLES, row.due_at, row.id), row) for row in _singles(reader, size, place, last)]
    found = sorted(found, key=lambda one: one[0].in_order)[: limit + 1]
    shown = found[:limit]
    names = _names(reader, [one.key for one, _ in shown if one.part == LISTS])
    groups = [
        _list(reader, row, names[place.key]) if place.part == LISTS else _alone(reader.item(row), now)
        for place, row in shown
    ]
    more = len(found) > limit
    return Page(tuple(groups), cursor_of(tab, filters, shown[-1][0]) if more else None)


def _lists(reader: InboxReader, limit: int, place: InboxPlace | None) -> list[Row[Any]]:
    """Return lists by their earliest due date: of the most urgent work, or of all if they are too few."""
    start, last = BEGINNING, 0
    if place is not None:
        # Behind one thing by itself are no lists of its instant any more.
        start, last = after(place.due_at, FIRST_ID), place.key if place.part == LISTS else BIGGEST_ID
    behind = {"list_due": start["after_due"], "list_id": last, "limit": limit}
    values = {**reader.values, **start, **behind, "looked_at": 2 * limit}
    for walked in _WALKS:
        rows = _first_piles(walked, reader.look).fetch(reader.session, values)
        if len(rows) == limit or rows[0].is_all:
            break
    else:
        rows = _all_piles(reader.look).fetch(reader.session, {**reader.values, **behind})
    return [row for row in rows if row.submission_id is not None]


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


@cache
def _first_piles(most: int, look: Look) -> Statement:
    """Return the statement of the lists that so much of the most urgent work names for certain.

    Twice as many as are shown are looked at, because those that began before the place told are left out, and
    each of them is counted whole. Certain are those due before the last one looked at, or all where no more
    are named (`is_all`). There is always a row.
    """
    walked = first_waiting(most, Nomination.submission_id.is_not(None), look=look, name="walked")
    first = func.min(or_never(walked.c.due_at)).label("first")
    looked_at = bindparam("looked_at", type_=BigInteger())
    named = (
        select(walked.c.submission_id, first)
        .group_by(walked.c.submission_id)
        .order_by(first, walked.c.submission_id)
        .limit(looked_at)
        .cte("named")
    )
    walk = select(func.count().label("many"), func.max(or_never(walked.c.due_at)).label("last"))
    seen = select(func.count().label("many"), func.max(named.c.first).label("last"))
    of_walk, of_seen = walk.select_from(walked).subquery("walk"), seen.select_from(named).subquery("seen")
    has_all_named = of_seen.c.many < looked_at
    edge = (
        select(
            and_(of_walk.c.many < most, has_all_named).label("is_all"),
            case((has_all_named, of_walk.c.last), else_=of_seen.c.last).label("last"),
        )
        .select_from(of_walk.join(of_seen, true()))
        .cte("edge")
    )
    in_them = func.array(select(named.c.submission_id).scalar_subquery(), type_=ARRAY(BigInteger))
    piles = _piles(waiting_among(in_them, look=look))
    certain = or_(edge.c.is_all, or_never(piles.c.due_at) < edge.c.last)
    shown = _shown(piles).join(edge, certain).subquery("shown")
    return Statement(
        select(edge.c.is_all, *(column for column in shown.c))
        .select_from(edge)
        .outerjoin(shown, true())
        .order_by(or_never(shown.c.due_at), shown.c.submission_id)
    )


@cache
def _all_piles(look: Look) -> Statement:
    return Statement(_shown(_piles(waiting(Nomination.submission_id.is_not(None), look=look))))


def _piles(found: CTE) -> Subquery:
    return (
        select(
            found.c.submission_id,
            func.count().label("waiting"),
            func.count().filter(found.c.due_at < NOW).label("late"),
            func.min(found.c.due_at).label("due_at"),
        )
        .group_by(found.c.submission_id)
        .subquery("piles")
    )


def _shown(piles: Subquery) -> Select[*tuple[Any, ...]]:
    """Return the statement of the first piles behind a place with what a list shows of itself."""
    place = or_never(piles.c.due_at), piles.c.submission_id
    behind = bindparam("list_due", type_=DateTime(timezone=True)), bindparam("list_id", type_=BigInteger())
    return (
        select(
            piles,
            Submission.number,
            *UNIT_COLUMNS,
            Round.code.label("round"),
            Round.title.label("round_title"),
        )
        .join(Submission, Submission.id == piles.c.submission_id)
        .join(Unit, Unit.id == Submission.unit_id)
        .outerjoin(UnitEdition, edition_of_unit(TODAY))
        .join(Round, Round.id == Submission.round_id)
        .where(tuple_(*place) > tuple_(*behind))
        .order_by(*place)
        .limit(bindparam("limit", type_=BigInteger()))
    )


def _names(reader: InboxReader, submission_ids: Sequence[int]) -> dict[int, list[Row[Any]]]:
    """Return the most urgent names of each list that wait for the actor, in one read."""
    names: dict[int, list[Row[Any]]] = defaultdict(list)
    if submission_ids:
        each = max(1, min(NAMES_SHOWN, NAMES_ON_PAGE // len(submission_ids)))
        told = {"lists": submission_ids, "each": each, "own": reader.actor.person_id}
        for row in _first_names(reader.look).fetch(reader.session, {**reader.values, **told}):
            names[row.submission_id].append(row)
    return names


@cache
def _first_names(look: Look) -> Statement:
    found = waiting_among(bindparam("lists", type_=ARRAY(BigInteger)), look=look)
    paper, in_order = found.c.submission_id, (found.c.due_at.asc().nulls_last(), found.c.id)
    # What is proposed about themselves the reader does not learn.
    is_own = func.coalesce(Nomination.person_id == bindparam("own", type_=BigInteger()), false())
    ranked = (
        select(
            found.c.id,
            func.row_number().over(partition_by=paper, order_by=in_order).label("place"),
            func.bool_and(Nomination.is_held).over(partition_by=paper).label("all_held"),
            func.bool_and(is_proposed() & ~is_own).over(partition_by=paper).label("all_prepared"),
        )
        .join(WorkItem, WorkItem.id == found.c.id)
        .join(Nomination, Nomination.id == WorkItem.nomination_id)
        .outerjoin(Visit, Visit.id == WorkItem.visit_id)
        .subquery("ranked")
    )
    first = select(ranked).where(ranked.c.place <= bindparam("each", type_=BigInteger())).cte("first_names")
    return Statement(inbox_details(first).add_columns(first.c.all_held, first.c.all_prepared))


def _singles(
    reader: InboxReader, limit: int, place: InboxPlace | None, last: InboxPlace | None
) -> list[Row[Any]]:
    """Return single things in order; those before the last list of a full page where there is one.

    Who has lists alone would otherwise have all of their work read for what is on none.
    """
    start = BEGINNING
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
