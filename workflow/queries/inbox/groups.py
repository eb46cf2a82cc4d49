"""The same inbox by paper: lists first, each with its names that wait for the reader, then the rest."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    CTE,
    BigInteger,
    DateTime,
    Select,
    Subquery,
    and_,
    any_,
    bindparam,
    case,
    func,
    or_,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor
from workflow.queries.inbox.rows import InboxItem, inbox_details, inbox_item
from workflow.queries.inbox.sources import (
    BEGINNING,
    FIRST_ID,
    NOW,
    after,
    first_waiting,
    inbox_values,
    waiting,
    waiting_among,
)
from workflow.queries.paging import (
    Page,
    UnreadableCursor,
    decode_cursor,
    encode_cursor,
    instant_or_none,
    uuid,
    whole,
)
from workflow.queries.shapes import ListRef, Named
from workflow.store.awards import Round
from workflow.store.conditions import TODAY, edition_of_unit, or_never
from workflow.store.nominations import Nomination
from workflow.store.organisation import Unit, UnitEdition
from workflow.store.statements import Statement, Values, plan_once
from workflow.store.submissions import Submission

NAMES_SHOWN: Final = 20
"""How many names of one list are shown with it; the list itself has them all."""

# How much of the most urgent work is walked for the first lists; where that names too few, all is read.
_WALKS: Final = (500, 5_000)

_NAME: Final = "inbox-groups"
_LISTS, _SINGLES = "lists", "singles"


@dataclass(frozen=True, slots=True)
class InboxGroup:
    """What waits on one paper's list, or one thing by itself (`submission` null, one item).

    `waiting` counts all of the list that waits for the reader, `late` those past their due date; `items` are
    the most urgent of them, at most twenty.
    """

    submission: ListRef | None
    unit: Named
    round: str
    waiting: int
    late: int
    due_at: datetime | None
    items: tuple[InboxItem, ...]


def inbox_groups(
    session: Session, *, actor: Actor, now: datetime, limit: int, cursor: str | None
) -> Page[InboxGroup]:
    """Return one page of what waits for the actor by paper: lists by their earliest due date, then the rest.

    Raises `UnreadableCursor`.
    """
    plan_once(session)
    part, due_at, key = _LISTS, None, None
    if cursor is not None:
        part, due_at, key = _place(cursor)
    reader = _Reader(session, actor, now, inbox_values(session, actor, now))
    groups: list[InboxGroup] = []
    cursors: list[str] = []
    if part == _LISTS:
        for row in _lists(reader, limit + 1, (due_at, key) if cursor else None):
            groups.append(row)
            cursors.append(_cursor(_LISTS, row.due_at, row.submission.id if row.submission else 0))
    if len(groups) <= limit:
        place = after(due_at, key) if part == _SINGLES else BEGINNING
        # As many as a page may show, whatever it shows of lists: one statement for each size of page.
        for item in _singles(reader, limit + 1, place)[: limit + 1 - len(groups)]:
            groups.append(_alone(item, now))
            cursors.append(_cursor(_SINGLES, item.due_at, str(item.id)))
    return Page(tuple(groups[:limit]), cursors[limit - 1] if len(groups) > limit else None)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Whose inbox is read, when, and what its statements are told of them."""

    session: Session
    actor: Actor
    now: datetime
    values: Values


def _cursor(part: str, due_at: datetime | None, key: object) -> str:
    return encode_cursor(f"{_NAME}:{part}", due_at, key)


def _place(cursor: str) -> tuple[str, datetime | None, Any]:
    """Return in which part a cursor is, and its due date and key: a list's number, or single work's id."""
    try:
        due_at, key = decode_cursor(f"{_NAME}:{_LISTS}", cursor, instant_or_none, whole)
    except UnreadableCursor:
        due_at, key = decode_cursor(f"{_NAME}:{_SINGLES}", cursor, instant_or_none, uuid)
        return _SINGLES, due_at, key
    return _LISTS, due_at, key


def _lists(reader: _Reader, limit: int, place: tuple[datetime | None, Any] | None) -> list[InboxGroup]:
    """Return lists by their earliest due date: of the most urgent work, or of all if they are too few."""
    start = after(place[0], FIRST_ID) if place else BEGINNING
    behind = {"list_due": start["after_due"], "list_id": place[1] if place else 0, "limit": limit}
    values = {**reader.values, **start, **behind, "looked_at": 2 * limit}
    for walked in _WALKS:
        rows = _first_piles(walked).fetch(reader.session, values)
        if len(rows) == limit or rows[0].is_all:
            break
    else:
        rows = _all_piles().fetch(reader.session, {**reader.values, **behind})
    rows = [row for row in rows if row.submission_id is not None]
    items = _names(reader, [row.submission_id for row in rows]) if rows else {}
    return [
        InboxGroup(
            submission=ListRef(row.submission_id, row.number),
            unit=Named(row.unit, row.unit_name or row.unit),
            round=row.round,
            waiting=row.waiting,
            late=row.late,
            due_at=row.due_at,
            items=tuple(items[row.submission_id]),
        )
        for row in rows
    ]


@cache
def _first_piles(most: int) -> Statement:
    """Return the statement of the lists that so much of the most urgent work names for certain.

    Twice as many as are shown are looked at, because those that began before the place told are left out, and
    each of them is counted whole. Certain are those due before the last one looked at, or all where no more
    are named (`is_all`). There is always a row.
    """
    walked = first_waiting(most, Nomination.submission_id.is_not(None), name="walked")
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
    look = select(func.count().label("many"), func.max(named.c.first).label("last"))
    of_walk, of_look = walk.select_from(walked).subquery("walk"), look.select_from(named).subquery("look")
    has_all_named = of_look.c.many < looked_at
    edge = (
        select(
            and_(of_walk.c.many < most, has_all_named).label("is_all"),
            case((has_all_named, of_walk.c.last), else_=of_look.c.last).label("last"),
        )
        .select_from(of_walk.join(of_look, true()))
        .cte("edge")
    )
    in_them = func.array(select(named.c.submission_id).scalar_subquery())
    piles = _piles(waiting_among(Nomination.submission_id == any_(in_them)))
    certain = or_(edge.c.is_all, or_never(piles.c.due_at) < edge.c.last)
    shown = _shown(piles).join(edge, certain).subquery("shown")
    return Statement(
        select(edge.c.is_all, *(column for column in shown.c))
        .select_from(edge)
        .outerjoin(shown, true())
        .order_by(or_never(shown.c.due_at), shown.c.submission_id)
    )


@cache
def _all_piles() -> Statement:
    return Statement(_shown(_piles(waiting(Nomination.submission_id.is_not(None)))))


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
            Unit.code.label("unit"),
            UnitEdition.name.label("unit_name"),
            Round.code.label("round"),
        )
        .join(Submission, Submission.id == piles.c.submission_id)
        .join(Unit, Unit.id == Submission.unit_id)
        .outerjoin(UnitEdition, edition_of_unit(TODAY))
        .join(Round, Round.id == Submission.round_id)
        .where(tuple_(*place) > tuple_(*behind))
        .order_by(*place)
        .limit(bindparam("limit", type_=BigInteger()))
    )


def _names(reader: _Reader, submission_ids: Sequence[int]) -> dict[int, list[InboxItem]]:
    """Return the most urgent names of each list that wait for the actor, in one read."""
    names: dict[int, list[InboxItem]] = defaultdict(list)
    for row in _first_names().fetch(reader.session, {**reader.values, "lists": submission_ids}):
        names[row.submission_id].append(inbox_item(reader.session, row, reader.actor, reader.now))
    return names


@cache
def _first_names() -> Statement:
    found = waiting_among(Nomination.submission_id == any_(bindparam("lists", type_=ARRAY(BigInteger))))
    place = func.row_number().over(
        partition_by=found.c.submission_id, order_by=(found.c.due_at.asc().nulls_last(), found.c.id)
    )
    ranked = select(found.c.id, place.label("place")).subquery("ranked")
    return Statement(
        inbox_details(select(ranked.c.id).where(ranked.c.place <= NAMES_SHOWN).cte("first_names"))
    )


def _singles(reader: _Reader, limit: int, place: Values) -> list[InboxItem]:
    rows = _first_singles(limit).fetch(reader.session, {**reader.values, **place})
    return [inbox_item(reader.session, row, reader.actor, reader.now) for row in rows]


@cache
def _first_singles(limit: int) -> Statement:
    return Statement(inbox_details(first_waiting(limit, Nomination.submission_id.is_(None))))


def _alone(item: InboxItem, now: datetime) -> InboxGroup:
    is_late = item.due_at is not None and item.due_at < now
    return InboxGroup(None, item.unit, item.round, 1, int(is_late), item.due_at, (item,))
