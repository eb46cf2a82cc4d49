"""Setting work aside in one's own inbox until the morning of a day, and taking it back."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict, FieldError, InvalidField, NotFound, Reason
from workflow.domain.rights.policy import Actor
from workflow.domain.time.workdays import CalendarName
from workflow.store.base import table_of
from workflow.store.calendars import calendar_in_force
from workflow.store.conditions import is_open
from workflow.store.nominations import WorkItem
from workflow.store.set_aside import PutAside, lies_aside

LONGEST: Final = 92
"""For how many days work without a due date may be set aside."""

MOST_ASIDE: Final = 200
"""How much one person may have set aside at a time."""

_ASIDE = table_of(PutAside)


@dataclass(frozen=True, slots=True)
class Aside:
    """Which piece of open work is to be seen again on the morning of which day."""

    work_item_id: UUID
    until: date


def set_work_aside(session: Session, *, actor: Actor, aside: Aside, now: datetime) -> None:
    """Set open work aside for the actor, or until another day than before, and commit.

    It changes nothing but their inbox, whoever the work waits for. Raises `NotFound` when it is done,
    `InvalidField` for a day that is none to come or passes the due date, which it names, `Conflict` beyond
    `MOST_ASIDE`.
    """
    row = session.execute(
        select(WorkItem.due_at).where(WorkItem.id == aside.work_item_id, is_open(WorkItem))
    ).one_or_none()
    if row is None:
        raise NotFound("That work does not wait for you.")
    calendar = calendar_in_force(session, CalendarName.LOCAL)
    today = calendar.local_day(now)
    _demand_day(aside.until, today, calendar.local_day(row.due_at) if row.due_at else None)
    _demand_room(session, actor, now)
    until_at = calendar.local(aside.until, time.min)
    session.execute(
        insert(_ASIDE)
        .values(account_id=actor.account_id, work_item_id=aside.work_item_id, until_at=until_at)
        .on_conflict_do_update(index_elements=["account_id", "work_item_id"], set_={"until_at": until_at})
    )
    session.commit()


def bring_back(session: Session, *, actor: Actor, work_item_id: UUID) -> None:
    """Take work back that the actor set aside, and commit; what was not set aside stays as it is."""
    mine = _ASIDE.c.account_id == actor.account_id, _ASIDE.c.work_item_id == work_item_id
    session.execute(delete(_ASIDE).where(*mine))
    session.commit()


def _demand_day(day: date, today: date, due_on: date | None) -> None:
    if due_on is not None and day > due_on:
        message = f"it is due on {due_on.isoformat()}; choose that day or an earlier one"
        params = {"day": f"{due_on:%d/%m/%Y}"}
        said = Reason("aside_passes_due", f"until: {message}.", params)
        if due_on <= today:
            message = f"it is due on {due_on.isoformat()}, so it stays in sight"
            said = Reason("aside_due_now", f"until: {message}.", params)
        raise InvalidField(said.message, reasons=[said], errors=[FieldError("until", message)])
    if day <= today or (day - today).days > LONGEST:
        message = f"choose a day to come, at most {LONGEST} days from now"
        raise InvalidField(f"until: {message}.", errors=[FieldError("until", message)])


def _demand_room(session: Session, actor: Actor, now: datetime) -> None:
    there = (
        select(func.count())
        .select_from(PutAside)
        .join(WorkItem, lies_aside(now))
        .where(PutAside.account_id == actor.account_id)
    )
    if session.scalars(there).one() >= MOST_ASIDE:
        message = f"{MOST_ASIDE} things are set aside already: take some of them back first."
        raise Conflict(message, reasons=[Reason("aside_full", message, {"count": str(MOST_ASIDE)})])
