"""The work that waits for somebody: in their seats, handed to them, or escalated to them.

Each key somebody holds is one range of an index in due order; the list is a merge of those ranges, so that it
costs the same whatever lies in other seats.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Select,
    Text,
    any_,
    bindparam,
    func,
    or_,
    select,
    true,
    union,
)
from sqlalchemy.orm import Session, aliased

from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import MailClass, NoticeKind
from workflow.queries.inbox.rows import (
    IS_MINE,
    KEYS,
    ME,
    InboxItem,
    inbox_details,
    inbox_item,
)
from workflow.queries.nominations.nominations import after_due
from workflow.queries.paging import Page, cut, decode_cursor, encode_cursor, instant_or_none, uuid
from workflow.store.base import given
from workflow.store.conditions import is_open
from workflow.store.database import local_day
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.statements import plan_once
from workflow.store.visible import visible


@dataclass(frozen=True, slots=True)
class InboxCounts:
    """How much waits: everything listed, what is late, what lies in a group unclaimed, what was escalated."""

    total: int
    late: int
    unclaimed: int
    escalated: int


_NAME: Final = "inbox"
_LIMIT: Final = bindparam("limit", type_=BigInteger())
_oldest = aliased(WorkItem)
# The mail that told somebody is the record that an escalation reached them. Ids begin with the time, so
# letters about work that is older than all that is open are never read.
_ESCALATED: Final = select(Outbox.work_item_id).where(
    Outbox.account_id == ME,
    Outbox.work_item_id
    >= select(_oldest.id).where(is_open(_oldest)).order_by(_oldest.id).limit(1).scalar_subquery(),
    Outbox.mail_class == MailClass.ESCALATION,
    Outbox.notice.in_([NoticeKind.ESCALATION, NoticeKind.SEAT_EMPTY, NoticeKind.RETURN_ESCALATION]),
)


def inbox(
    session: Session, *, actor: Actor, now: datetime, limit: int, cursor: str | None
) -> Page[InboxItem]:
    """Return one page of the open work that waits for the actor, by due date, undated last.

    What somebody else has taken is not in it unless an escalation brought it. Raises `UnreadableCursor`.
    """
    plan_once(session)
    after: list[ColumnElement[bool]] = []
    if cursor is not None:
        after.append(
            after_due(WorkItem.due_at, WorkItem.id, *decode_cursor(_NAME, cursor, instant_or_none, uuid))
        )
    rows = session.execute(
        inbox_details(waiting(actor, *after, is_cut=True)).limit(_LIMIT),
        {**inbox_values(actor), "limit": limit + 1, "today": local_day(session, now)},
    ).all()
    return cut(
        rows,
        limit,
        item=lambda row: inbox_item(session, row, actor, now),
        cursor=lambda row: encode_cursor(_NAME, row.due_at, row.id),
    )


def inbox_counts(session: Session, *, actor: Actor, now: datetime) -> InboxCounts:
    """Return how much waits for the actor."""
    plan_once(session)
    found = waiting(actor, is_cut=False).c
    is_mine, is_my_groups = found.assignee_id.is_not_distinct_from(ME), found.owner_key == any_(KEYS)
    row = session.execute(
        select(
            func.count(found.id),
            func.count().filter(found.due_at < now),
            func.count().filter(found.assignee_id.is_(None), is_my_groups),
            func.count().filter(~is_mine, ~is_my_groups),
        ),
        inbox_values(actor),
    ).one()
    return InboxCounts(*row)


def inbox_values(actor: Actor) -> dict[str, object]:
    """Return what the statements of an inbox are told about its reader."""
    return {"account_id": actor.account_id, "keys": sorted(actor.keys)}


def waiting(actor: Actor, *conditions: ColumnElement[bool], is_cut: bool) -> CTE:
    """Return what waits for the actor, by id and what is counted of it; of each source one page when cut."""
    held = given("held", {"keys": ("key", Text())})
    is_free = or_(WorkItem.assignee_id.is_(None), IS_MINE)
    in_seats = _open(actor, WorkItem.owner_key == held.c.key, is_free, *conditions, is_cut=is_cut).lateral(
        "in_seats"
    )
    handed = _open(actor, WorkItem.assignee_id == ME, *conditions, is_cut=is_cut).subquery("handed")
    escalated = _open(actor, WorkItem.id.in_(_ESCALATED), *conditions, is_cut=is_cut).subquery("escalated")
    return union(
        select(*in_seats.c).select_from(held).join(in_seats, true()),
        select(*handed.c),
        select(*escalated.c),
    ).cte("waiting")


def _open(actor: Actor, *conditions: ColumnElement[bool], is_cut: bool) -> Select[*tuple[Any, ...]]:
    """Return the open work of one source. What a unit owes a round has no nomination to be seen."""
    statement = (
        select(WorkItem.id, WorkItem.due_at, WorkItem.assignee_id, WorkItem.owner_key)
        .outerjoin(Nomination, Nomination.id == WorkItem.nomination_id)
        .where(
            is_open(WorkItem),
            or_(WorkItem.nomination_id.is_(None), visible(actor.scope)),
            *conditions,
        )
    )
    return statement.order_by(WorkItem.due_at, WorkItem.id).limit(_LIMIT) if is_cut else statement
