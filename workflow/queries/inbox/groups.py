"""The same inbox by paper: lists first, each with its names that wait for the reader, then the rest."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, func, select, true
from sqlalchemy.orm import Session

from workflow.domain.rights.policy import Actor
from workflow.queries.inbox.inbox import inbox_values, waiting
from workflow.queries.inbox.rows import InboxItem, inbox_details, inbox_item
from workflow.queries.nominations.nominations import after_due
from workflow.queries.paging import (
    Page,
    decode_cursor,
    encode_cursor,
    instant_or_none,
    text,
    uuid,
    whole,
)
from workflow.queries.shapes import ListRef, Named
from workflow.store.awards import Round
from workflow.store.base import among
from workflow.store.conditions import TODAY, edition_of_unit
from workflow.store.database import local_day
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.organisation import Unit, UnitEdition
from workflow.store.statements import plan_once
from workflow.store.submissions import Submission

NAMES_SHOWN: Final = 20
"""How many names of one list are shown with it; the list itself has them all."""

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
        part, due_at, key = decode_cursor(_NAME, cursor, text, instant_or_none, _key)
    groups: list[InboxGroup] = []
    cursors: list[str] = []
    if part == _LISTS:
        for row in _lists(session, actor, now, limit + 1, (due_at, key) if cursor else None):
            groups.append(row)
            cursors.append(_cursor(_LISTS, row.due_at, row.submission.id if row.submission else 0))
        due_at = key = None
    if len(groups) <= limit:
        after = (due_at, key) if part == _SINGLES else None
        for item in _singles(session, actor, now, limit + 1 - len(groups), after):
            groups.append(_alone(item, now))
            cursors.append(_cursor(_SINGLES, item.due_at, str(item.id)))
    return Page(tuple(groups[:limit]), cursors[limit - 1] if len(groups) > limit else None)


def _cursor(part: str, due_at: datetime | None, key: object) -> str:
    return encode_cursor(_NAME, part, due_at, key)


def _key(place: object) -> object:
    return whole(place) if isinstance(place, int) else uuid(place)


def _lists(
    session: Session, actor: Actor, now: datetime, limit: int, after: tuple[datetime | None, Any] | None
) -> list[InboxGroup]:
    found = waiting(actor, Nomination.submission_id.is_not(None), is_cut=False)
    piles = (
        select(
            Nomination.submission_id,
            func.count().label("waiting"),
            func.count().filter(WorkItem.due_at < now).label("late"),
            func.min(WorkItem.due_at).label("due_at"),
        )
        .select_from(found)
        .join(WorkItem, WorkItem.id == found.c.id)
        .join(Nomination, Nomination.id == WorkItem.nomination_id)
        .group_by(Nomination.submission_id)
        .subquery("piles")
    )
    statement = (
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
        .where(after_due(piles.c.due_at, piles.c.submission_id, *after) if after else true())
        .order_by(piles.c.due_at.asc().nulls_last(), piles.c.submission_id)
        .limit(limit)
    )
    values = {**inbox_values(actor), "today": local_day(session, now)}
    rows = session.execute(statement, values).all()
    items = _names(session, actor, now, [row.submission_id for row in rows]) if rows else {}
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


def _names(
    session: Session, actor: Actor, now: datetime, submission_ids: Sequence[int]
) -> dict[int, list[InboxItem]]:
    """Return the most urgent names of each list that wait for the actor, in one read."""
    found = waiting(actor, among(Nomination.submission_id, submission_ids), is_cut=False)
    place = (
        func.row_number()
        .over(
            partition_by=Nomination.submission_id,
            order_by=(WorkItem.due_at.asc().nulls_last(), WorkItem.id),
        )
        .label("place")
    )
    ranked = (
        select(found.c.id, place)
        .select_from(found)
        .join(WorkItem, WorkItem.id == found.c.id)
        .join(Nomination, Nomination.id == WorkItem.nomination_id)
        .subquery("ranked")
    )
    first = select(ranked.c.id).where(ranked.c.place <= NAMES_SHOWN).cte("first_names")
    values = {**inbox_values(actor), "today": local_day(session, now)}
    names: dict[int, list[InboxItem]] = defaultdict(list)
    rows: Sequence[Row[Any]] = session.execute(inbox_details(first), values).all()
    for row in rows:
        names[row.submission_id].append(inbox_item(session, row, actor, now))
    return names


def _singles(
    session: Session, actor: Actor, now: datetime, limit: int, after: tuple[datetime | None, Any] | None
) -> list[InboxItem]:
    conditions: list[ColumnElement[bool]] = [Nomination.submission_id.is_(None)]
    if after is not None:
        conditions.append(after_due(WorkItem.due_at, WorkItem.id, *after))
    values = {**inbox_values(actor), "today": local_day(session, now), "limit": limit}
    rows = session.execute(inbox_details(waiting(actor, *conditions, is_cut=True)).limit(limit), values).all()
    return [inbox_item(session, row, actor, now) for row in rows]


def _alone(item: InboxItem, now: datetime) -> InboxGroup:
    is_late = item.due_at is not None and item.due_at < now
    return InboxGroup(None, item.unit, item.round, 1, int(is_late), item.due_at, (item,))
