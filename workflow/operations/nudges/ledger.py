"""A nudge in the ledger: a rung that fires now, its event with the words said, and its letters.

The constraint of the ledger holds the pace: one rung of a work item for each working day. Never commits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from workflow.domain.errors import Conflict, Reason
from workflow.domain.history.attested import REACHED
from workflow.domain.history.chain import stream_of_work
from workflow.domain.notices import AROUND
from workflow.domain.rights.policy import Actor
from workflow.domain.rights.routing import split_key
from workflow.domain.time.workdays import CalendarName
from workflow.domain.vocabulary import NUDGE, NoticeKind, Recipient
from workflow.operations.deadlines.recipients import RungRecipients
from workflow.operations.history.record import Recorded
from workflow.operations.mail.notify import PromisedMail, write_notices
from workflow.store.access import Account
from workflow.store.base import table_of
from workflow.store.calendars import calendar_of_seat
from workflow.store.database import local_day
from workflow.store.history import Event
from workflow.store.ids import uuid7
from workflow.store.nominations import Rung

_RUNG: Final = table_of(Rung)
_TRIES_A_DAY: Final = 10
"""How many nudges of a day are told apart: those that came back do not count, and another may follow."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """Open work that somebody presses: what it hangs on, where it lies, and who is told."""

    work_item_id: UUID
    owner_key: str
    recipients: RungRecipients
    told: tuple[int, ...]
    nomination_id: int | None = None
    expected_return_id: int | None = None

    @property
    def stream(self) -> str:
        """The history it is written to."""
        return stream_of_work(self.nomination_id, self.expected_return_id)

    @property
    def shown_seat(self) -> str | None:
        """The seat that is told in the place of who holds it, which may not have seen it so far."""
        key = self.recipients.key
        return split_key(key)[1] if self.recipients.is_around and key is not None else None


def counted_on(session: Session, calendar: CalendarName, owner_key: str, now: datetime) -> date:
    """Return the working day for which a nudge of now counts: today, or the next where today is none."""
    found = calendar_of_seat(session, calendar, owner_key)
    today = found.local_day(now)
    return today if found.is_working(today) else found.next_working_day(today)


def enter(session: Session, pressed: Pressed, *, day: date, now: datetime) -> tuple[UUID, int]:
    """Write the rung, fired now, and return its id and place. Raises `Conflict` where one counts already.

    The root is locked. It names who pressed and when.
    """
    first = int(f"{day:%Y%m%d}") * _TRIES_A_DAY
    came_back = select(func.count()).where(
        _RUNG.c.work_item_id == pressed.work_item_id,
        _RUNG.c.kind == NUDGE,
        _RUNG.c.ordinal.between(first, first + _TRIES_A_DAY - 1),
        _RUNG.c.bounced_at.is_not(None),
    )
    place = first + min(session.scalars(came_back).one(), _TRIES_A_DAY - 1)
    row = {
        "id": uuid7(now),
        "work_item_id": pressed.work_item_id,
        "nomination_id": pressed.nomination_id,
        "expected_return_id": pressed.expected_return_id,
        "ordinal": place,
        "kind": NUDGE,
        "recipient": Recipient.HOLDER,
        "fire_at": now,
        "fired_at": now,
    }
    statement = insert(_RUNG).values(row).on_conflict_do_nothing().returning(_RUNG.c.id)
    rung_id = session.scalar(statement)
    if rung_id is None:
        raise _nudged_already(session, pressed)
    return rung_id, place


def told_data(pressed: Pressed, place: int) -> dict[str, object]:
    """Return what history keeps of a nudge beside its words: the same as of any rung that fires."""
    recipients = pressed.recipients
    data: dict[str, object] = {
        "work_item": str(pressed.work_item_id),
        "rung": place,
        "to": str(Recipient.HOLDER),
        "accounts": list(pressed.told),
    }
    if recipients.key:
        data["key"] = recipients.key
    if recipients.unreached:
        data["unreached"] = list(recipients.unreached)
    if pressed.shown_seat is not None:
        data["around"] = True
        if pressed.nomination_id is not None:
            data[REACHED] = [pressed.shown_seat]
    return data


def promise_letters(
    session: Session, pressed: Sequence[tuple[Pressed, UUID, Recorded]], *, actor: Actor, now: datetime
) -> None:
    """Promise the mails: what one person hears on a day of one who presses is one letter."""
    slot = f"{NUDGE}:{actor.account_id}:{local_day(session, now):%Y-%m-%d}"
    notices = [
        PromisedMail(
            kind=NoticeKind.REMINDER if one.nomination_id is not None else NoticeKind.RETURN_REMINDER,
            account_id=account_id,
            cause=rung_id,
            nomination_id=one.nomination_id,
            at=now,
            work_item_id=one.work_item_id,
            event_id=event.event_id,
            slot=f"{slot}{AROUND if one.recipients.is_around else ''}",
            expected_return_id=one.expected_return_id,
        )
        for one, rung_id, event in pressed
        for account_id in one.told
    ]
    write_notices(session, notices)


def _nudged_already(session: Session, pressed: Pressed) -> Conflict:
    last = session.execute(
        select(Account.name, Event.recorded_at)
        .outerjoin(Account, Account.id == Event.actor_id)
        .where(
            Event.stream == pressed.stream,
            Event.action == NUDGE,
            Event.data["work_item"].astext == str(pressed.work_item_id),
        )
        .order_by(Event.seq.desc())
        .limit(1)
    ).one_or_none()
    by, at = (last.name or "", last.recorded_at.isoformat(timespec="seconds")) if last else ("", "")
    message = f"{by or 'Somebody'} pressed them already at {at}; once a working day is the most."
    return Conflict(message, reasons=[Reason("nudged_already", message, {"by": by, "at": at})])
