"""Where work that waits for somebody comes from: their seats and hands, what was escalated, who is away.

Each source is one range of an index in the inbox's own order, and no work is in two of them.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Select,
    Text,
    Uuid,
    all_,
    and_,
    any_,
    bindparam,
    exists,
    false,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, aliased

from workflow.domain.rights.policy import Actor
from workflow.domain.vocabulary import MailClass
from workflow.queries.inbox.lent import ABSENT, LENT_SEATS, lent_in_hand, lent_in_seat, lent_values
from workflow.queries.inbox.rows import KEYS, ME
from workflow.store.absences import Absence
from workflow.store.base import given
from workflow.store.conditions import is_absent, is_left, is_open, or_never
from workflow.store.database import local_day
from workflow.store.mail import Outbox
from workflow.store.nominations import Nomination, Visit, WorkItem
from workflow.store.set_aside import PutAside, lies_aside
from workflow.store.visible import scope_values, visible_to_any

FIRST_ID: Final = UUID(int=0)
"""Before every id."""

BEGINNING: Final = {"after_due": "-infinity", "after_id": FIRST_ID}
END: Final = {"until_due": "infinity", "until_id": UUID(int=2**128 - 1)}
AFTER: Final = (bindparam("after_due", type_=DateTime(timezone=True)), bindparam("after_id", type_=Uuid()))
UNTIL: Final = (bindparam("until_due", type_=DateTime(timezone=True)), bindparam("until_id", type_=Uuid()))
_oldest, _put_away = aliased(WorkItem), aliased(WorkItem)
HELD: Final = given("held", {"keys": ("key", Text())})
LENT: Final = given("lent", {LENT_SEATS.key: ("key", Text())})
# Few, and found once: no range of an index is joined with it.
_ASIDE: Final = (
    select(PutAside.work_item_id)
    .join(_put_away, lies_aside(bindparam("aside_at", type_=DateTime(timezone=True)), _put_away))
    .where(PutAside.account_id == ME)
    .cte("aside")
)
_ASIDE_IDS: Final = func.array(select(_ASIDE.c.work_item_id).scalar_subquery())
IN_ORDER: Final = (or_never(WorkItem.due_at), WorkItem.id)
"""The order of every inbox: by due date, undated last."""


def inbox_values(session: Session, actor: Actor, now: datetime) -> dict[str, object]:
    """Return what the statements of an inbox are told about its reader."""
    return {
        "account_id": actor.account_id,
        "keys": sorted(actor.keys),
        "now": now,
        "aside_at": now,
        "today": local_day(session, now),
        **scope_values(actor.scope),
        **lent_values(actor),
    }


def after(due_at: datetime | None, last: object) -> dict[str, object]:
    """Return what a statement is told of the place after which it reads on."""
    return {"after_due": due_at.isoformat() if due_at else "infinity", "after_id": last}


def waits_for_me() -> ColumnElement[bool]:
    """Return the condition that work waits for the actor, for whatever reason, set aside or not."""
    was_told = exists().where(_told(), Outbox.work_item_id == WorkItem.id)
    return or_(
        and_(WorkItem.owner_key == any_(KEYS), or_(WorkItem.assignee_id.is_(None), is_left())),
        WorkItem.assignee_id.is_not_distinct_from(ME),
        lent_in_seat(),
        lent_in_hand(),
        was_told,
    )


def in_seats(held: Any, *, is_lent: bool = False) -> Select[*tuple[Any, ...]]:  # noqa: ANN401 - as of `given`
    """Return what nobody took of the seats that are given."""
    return open_work(is_lent=is_lent).where(WorkItem.owner_key == held.c.key, WorkItem.assignee_id.is_(None))


def in_lent_seats() -> Select[*tuple[Any, ...]]:
    """Return what nobody took of the seats in which the actor stands in for somebody."""
    return in_seats(LENT, is_lent=True).where(lent_in_seat())


def put_aside() -> Select[*tuple[Any, ...]]:
    """Return what waits for the actor and was set aside by them, which all else leaves out."""
    return seen_work().where(WorkItem.id == any_(_ASIDE_IDS), waits_for_me())


def sent_on() -> Select[*tuple[Any, ...]]:
    """Return what the actor sent to the step where it lies, and does not wait for them."""
    return (
        seen_work()
        .join(Visit, Visit.id == WorkItem.visit_id)
        .where(Visit.sent_by == ME, Visit.left_at.is_(None), ~func.coalesce(waits_for_me(), false()))
    )


def handed() -> Select[*tuple[Any, ...]]:
    """Return what the actor has in hand."""
    return open_work().where(WorkItem.assignee_id == ME)


def handed_to_absent() -> Select[*tuple[Any, ...]]:
    """Return what is in the hands of those for whom the actor stands in."""
    return open_work(is_lent=True).where(
        WorkItem.assignee_id == any_(ABSENT), WorkItem.assignee_id != ME, lent_in_hand()
    )


def left_by_absent() -> Select[*tuple[Any, ...]]:
    """Return what lies in the actor's seats in the hands of somebody away for whom nobody stands in."""
    away = select(Absence.account_id).where(is_absent(Absence))
    is_theirs = or_(WorkItem.owner_key == any_(KEYS), lent_in_seat())
    return open_work(is_lent=WorkItem.owner_key != all_(KEYS)).where(
        WorkItem.assignee_id.in_(away), WorkItem.assignee_id != ME, is_left(), is_theirs, ~lent_in_hand()
    )


def escalated() -> Select[*tuple[Any, ...]]:
    """Return what was escalated to the actor and is neither theirs nor of their seats.

    Ids begin with the time, so letters about work that is older than all that is open are never read. The
    letters come first, as one array: beside a join the planner walks all open work to meet a reader's few.
    """
    oldest = select(_oldest.id).where(is_open(_oldest)).order_by(_oldest.id).limit(1).scalar_subquery()
    told = select(Outbox.work_item_id).where(_told(), Outbox.work_item_id >= oldest)
    is_of_seats = and_(WorkItem.owner_key == any_(KEYS), or_(WorkItem.assignee_id.is_(None), is_left()))
    return open_work().where(
        WorkItem.id == any_(func.array(told.scalar_subquery(), type_=ARRAY(Uuid))),
        WorkItem.assignee_id.is_distinct_from(ME),
        ~is_of_seats,
        ~lent_in_seat(),
        ~lent_in_hand(),
    )


def _told() -> ColumnElement[bool]:
    """Return the condition of mails that told the actor: they are the record that an escalation came."""
    return and_(Outbox.account_id == ME, Outbox.mail_class == MailClass.ESCALATION)


def open_work(*, is_lent: ColumnElement[bool] | bool = False) -> Select[*tuple[Any, ...]]:
    """Return open work that the actor sees and did not set aside."""
    return seen_work(is_lent=is_lent).where(WorkItem.id != all_(_ASIDE_IDS))


def seen_work(*, is_lent: ColumnElement[bool] | bool = False) -> Select[*tuple[Any, ...]]:
    """Return open work that the actor sees. What a unit owes a round has no nomination to be seen."""
    return (
        select(
            WorkItem.id,
            WorkItem.due_at,
            WorkItem.assignee_id,
            WorkItem.owner_key,
            Nomination.submission_id,
            (literal(is_lent) if isinstance(is_lent, bool) else is_lent).label("is_lent"),
        )
        .outerjoin(Nomination, Nomination.id == WorkItem.nomination_id)
        .where(is_open(WorkItem), or_(WorkItem.nomination_id.is_(None), visible_to_any()))
    )
