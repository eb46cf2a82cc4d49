"""Where work that waits for somebody comes from: their seats and hands, what was escalated, who is away.

Each source is one range of an index in the inbox's own order, and no work is in two of them.
"""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    DateTime,
    Integer,
    Select,
    Text,
    Uuid,
    all_,
    and_,
    any_,
    bindparam,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    union_all,
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
from workflow.store.nominations import Nomination, WorkItem
from workflow.store.set_aside import PutAside, lies_aside
from workflow.store.visible import scope_values, visible_to_any

FIRST_ID: Final = UUID(int=0)
"""Before every id."""

BEGINNING: Final = {"after_due": "-infinity", "after_id": FIRST_ID}
NOW: Final = bindparam("now", type_=DateTime(timezone=True))
_AFTER: Final = (bindparam("after_due", type_=DateTime(timezone=True)), bindparam("after_id", type_=Uuid()))
_oldest, _put_away = aliased(WorkItem), aliased(WorkItem)
_HELD: Final = given("held", {"keys": ("key", Text())})
_LENT: Final = given("lent", {LENT_SEATS.key: ("key", Text())})
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


def first_waiting(limit: int, *conditions: ColumnElement[bool], name: str = "waiting") -> CTE:
    """Return the first so many of what waits behind a place, in order.

    The number stands in the text: a planner that does not know it reads and sorts all there is.
    """
    behind, number = tuple_(*IN_ORDER) > tuple_(*_AFTER), literal_column(str(limit), Integer())
    each = _merged(
        # Who took it is nobody throughout; the index has it before the order, so the order says it too.
        _in_seats(_HELD).where(behind, *conditions).order_by(WorkItem.assignee_id, *IN_ORDER).limit(number),
        _lent_seats().where(behind, *conditions).order_by(WorkItem.assignee_id, *IN_ORDER).limit(number),
        *(one.where(behind, *conditions).order_by(*IN_ORDER).limit(number) for one in _by_hand()),
    ).subquery("each_first")
    return select(*each.c).order_by(or_never(each.c.due_at), each.c.id).limit(number).cte(name)


def waiting(*conditions: ColumnElement[bool]) -> CTE:
    """Return all that waits for the actor, by id and what is counted of it."""
    sources = (_in_seats(_HELD), _lent_seats(), *_by_hand())
    return _merged(*(source.where(*conditions) for source in sources)).cte("waiting")


def waiting_among(*conditions: ColumnElement[bool]) -> CTE:
    """Return the same, looked up from the nominations that the conditions find and not from its seats."""
    return _open().where(Nomination.id.is_not(None), _waits_for_me(), *conditions).cte("waiting")


def set_aside() -> CTE:
    """Return what waits for the actor and was set aside by them, which `waiting` leaves out."""
    return _seen().where(WorkItem.id == any_(_ASIDE_IDS), _waits_for_me()).cte("set_aside_waiting")


def waiting_one() -> CTE:
    """Return one piece of work, told as `work_item`, where it waits for the actor, set aside or not."""
    return _seen().where(WorkItem.id == bindparam("work_item", type_=Uuid()), _waits_for_me()).cte("one")


def _waits_for_me() -> ColumnElement[bool]:
    was_told = exists().where(_told(), Outbox.work_item_id == WorkItem.id)
    return or_(
        and_(WorkItem.owner_key == any_(KEYS), or_(WorkItem.assignee_id.is_(None), is_left())),
        WorkItem.assignee_id == ME,
        lent_in_seat(),
        lent_in_hand(),
        was_told,
    )


def _merged(
    in_seats: Select[*tuple[Any, ...]],
    in_lent_seats: Select[*tuple[Any, ...]],
    *others: Select[*tuple[Any, ...]],
) -> CompoundSelect[*tuple[Any, ...]]:
    of_key, of_lent = in_seats.lateral("in_seats"), in_lent_seats.lateral("in_lent_seats")
    rest = (one.subquery(f"source_{number}") for number, one in enumerate(others))
    return union_all(
        select(*of_key.c).select_from(_HELD).join(of_key, true()),
        select(*of_lent.c).select_from(_LENT).join(of_lent, true()),
        *(select(*one.c) for one in rest),
    )


def _in_seats(held: Any, *, is_lent: bool = False) -> Select[*tuple[Any, ...]]:  # noqa: ANN401 - as of `given`
    return _open(is_lent=is_lent).where(WorkItem.owner_key == held.c.key, WorkItem.assignee_id.is_(None))


def _lent_seats() -> Select[*tuple[Any, ...]]:
    return _in_seats(_LENT, is_lent=True).where(lent_in_seat())


def _by_hand() -> tuple[Select[*tuple[Any, ...]], ...]:
    """Return what was handed to the actor, to whom they stand in for, to whom nobody does, and escalated."""
    return _handed(), _handed_to_absent(), _left_by_absent(), _escalated()


def _handed() -> Select[*tuple[Any, ...]]:
    return _open().where(WorkItem.assignee_id == ME)


def _handed_to_absent() -> Select[*tuple[Any, ...]]:
    return _open(is_lent=True).where(
        WorkItem.assignee_id == any_(ABSENT), WorkItem.assignee_id != ME, lent_in_hand()
    )


def _left_by_absent() -> Select[*tuple[Any, ...]]:
    """Return what lies in the actor's seats in the hands of somebody away for whom nobody stands in."""
    away = select(Absence.account_id).where(is_absent(Absence))
    is_theirs = or_(WorkItem.owner_key == any_(KEYS), lent_in_seat())
    return _open(is_lent=WorkItem.owner_key != all_(KEYS)).where(
        WorkItem.assignee_id.in_(away), WorkItem.assignee_id != ME, is_left(), is_theirs, ~lent_in_hand()
    )


def _escalated() -> Select[*tuple[Any, ...]]:
    """Return what was escalated to the actor and is neither theirs nor of their seats.

    Ids begin with the time, so letters about work that is older than all that is open are never read. The
    letters come first, as one array: beside a join the planner walks all open work to meet a reader's few.
    """
    oldest = select(_oldest.id).where(is_open(_oldest)).order_by(_oldest.id).limit(1).scalar_subquery()
    told = select(Outbox.work_item_id).where(_told(), Outbox.work_item_id >= oldest)
    is_of_seats = and_(WorkItem.owner_key == any_(KEYS), or_(WorkItem.assignee_id.is_(None), is_left()))
    return _open().where(
        WorkItem.id == any_(func.array(told.scalar_subquery(), type_=ARRAY(Uuid))),
        WorkItem.assignee_id.is_distinct_from(ME),
        ~is_of_seats,
        ~lent_in_seat(),
        ~lent_in_hand(),
    )


def _told() -> ColumnElement[bool]:
    """Return the condition of mails that told the actor: they are the record that an escalation came.

    The class is spelled out, so that a kept plan knows the index that holds nothing else.
    """
    is_escalation = Outbox.mail_class == literal_column(f"'{MailClass.ESCALATION}'", Text())
    return and_(Outbox.account_id == ME, is_escalation)


def _open(*, is_lent: ColumnElement[bool] | bool = False) -> Select[*tuple[Any, ...]]:
    """Return open work that the actor sees and did not set aside."""
    return _seen(is_lent=is_lent).where(WorkItem.id != all_(_ASIDE_IDS))


def _seen(*, is_lent: ColumnElement[bool] | bool = False) -> Select[*tuple[Any, ...]]:
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
